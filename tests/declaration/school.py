"""The school as its seals of level B-LT need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from signer.declaration.seal.levels import Authority
from signer.declaration.seal.seal import Sealed, seal
from signer.pki.revocation import revocation_list
from signer.pki.rotation import AuthorityKey
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.forgery import typeset_declaration

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography.x509 import CertificateRevocationList

    from signer.declaration.verify import Outcome, Report
    from signer.pki.make_keys import KeyFiles, SealKey
    from signer.pki.tsa_client import TimestampAuthority


@dataclass
class School:
    """The school's side: its keys, and what its authority says."""

    files: KeyFiles
    key: SealKey

    def listed(
        self, *, at: datetime = MOMENT, revoked: bool = False
    ) -> CertificateRevocationList:
        """A list of its authority, perhaps one that revokes its seal."""
        held = AuthorityKey.load(self.files.authority_key, PASSPHRASE, at=MOMENT)
        return revocation_list(
            authority=held.certificate,
            authority_key=held.private_key,
            at=at,
            revoke=[self.files.seal] if revoked else (),
        )

    def with_time_from(
        self, timestamps: TimestampAuthority, *lists: CertificateRevocationList
    ) -> Authority:
        """What sealing at level B-LT takes."""
        lists = lists or (self.listed(),)
        return Authority(timestamps, (self.files.authority,), lists)

    def sealed(self, timestamps: TimestampAuthority, **more: Any) -> Sealed:
        """A declaration sealed with a timestamp."""
        authority = self.with_time_from(timestamps)
        pdf = typeset_declaration()
        return seal(pdf, self.key, **{"at": MOMENT, "authority": authority, **more})


def step(report: Report, name: str) -> tuple[Outcome, str]:
    """What came of one check, and its sentence."""
    found = next(check for check in report.checks if check.name == name)
    return found.outcome, found.sentence

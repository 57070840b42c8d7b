"""Where forgeries are made: the school's keys, a stranger's, and real authorities."""

from __future__ import annotations

import tempfile
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from signer.declaration.seal.seal import seal
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.pki.certificates import (
    KeyKind,
    authority_certificate,
    seal_certificate,
)
from signer.pki.make_keys import SealKey, make_keys
from signer.pki.rotation import AuthorityKey
from tests.conftest import MOMENT, PASSPHRASE
from tests.declaration.authorities import Authorities
from tests.declaration.forgery import (
    RELEASED,
    VERSION,
    key_folder,
    school_key,
    typeset_declaration,
)
from tests.declaration.school import School

if TYPE_CHECKING:
    from datetime import datetime

    from cryptography import x509

    from signer.pki.make_keys import KeyFiles

SCHOOL = "My Online Schooling"
AN_HOUR = timedelta(hours=1)
A_YEAR = timedelta(days=365)
RENDERED = {2: blocks(to_html(VERSION.body))}


class Bench:
    """What forgeries are made with; each part is made when it is first wanted."""

    def __init__(self, folder: Path | None = None) -> None:
        self._held: tempfile.TemporaryDirectory[str] | None = None
        if folder is None:
            self._held = tempfile.TemporaryDirectory()
            folder = Path(self._held.name)
        self.folder = folder

    def close(self) -> None:
        """End what was started."""
        if "authorities" in self.__dict__:
            self.authorities.close()
        if self._held:
            self._held.cleanup()

    def _keys(self, name: str, kind: KeyKind = KeyKind.RSA) -> KeyFiles:
        return make_keys(
            self.folder / name,
            school=SCHOOL,
            passphrase=PASSPHRASE,
            at=MOMENT,
            kind=kind,
        )

    @cached_property
    def school(self) -> School:
        """The school that is trusted."""
        files = self._keys("school")
        return School(files, school_key(key_folder(files)))

    @property
    def key(self) -> SealKey:
        """Its seal."""
        return self.school.key

    @cached_property
    def named(self) -> SealKey:
        """The same key with a certificate that names the school's site."""
        files = self.school.files
        held = AuthorityKey.load(files.authority_key, PASSPHRASE, at=MOMENT)
        certificate = seal_certificate(
            self.key.certificate.public_key(),  # type: ignore[arg-type]
            authority=files.authority,
            authority_key=held.private_key,
            school=SCHOOL,
            at=MOMENT,
            crl_url="https://policies.example/keys/ca.crl",
        )
        return SealKey(self.key.private_key, certificate, self.key.chain)

    @cached_property
    def curved(self) -> School:
        """The school with keys on the curve P-256."""
        files = self._keys("curved", KeyKind.P256)
        return School(files, school_key(key_folder(files)))

    @cached_property
    def stranger(self) -> School:
        """Somebody who writes the school's names into certificates of their own."""
        files = self._keys("stranger")
        return School(files, school_key(key_folder(files)))

    @cached_property
    def authorities(self) -> Authorities:
        """Timestamp authorities, OCSP responder and revocation lists over HTTP."""
        folder = self.folder / "authorities"
        folder.mkdir()
        return Authorities(folder)

    @cached_property
    def typeset(self) -> bytes:
        """The declaration before it is sealed."""
        return typeset_declaration()

    @cached_property
    def sealed(self) -> bytes:
        """The declaration at level B-B."""
        return seal(self.typeset, self.key, at=MOMENT).pdf

    @cached_property
    def stamped(self) -> bytes:
        """The declaration at level B-LT."""
        return self.school.sealed(self.authorities.stamps()).pdf

    def reissued(
        self, *, at: datetime, authority_at: datetime | None = None
    ) -> tuple[SealKey, x509.Certificate]:
        """The stranger's keys with certificates of another time, and their authority.

        Args:
            at: when the seal's certificate begins to hold.
            authority_at: when the authority's does; at the same time by default.
        """
        private: Any = self.stranger.key.private_key
        authority = authority_certificate(private, school=SCHOOL, at=authority_at or at)
        certificate = seal_certificate(
            private, authority=authority, authority_key=private, school=SCHOOL, at=at
        )
        return SealKey(private, certificate, (authority,)), authority

    def at_hand(self, *, deep: bool = False) -> dict[str, Any]:
        """What a verification is always given: the school's authority and texts."""
        given: dict[str, Any] = {
            "trust_roots": [self.school.files.authority],
            "released": RELEASED,
        }
        if deep:
            given["rendered"] = RENDERED
        return given

    def with_stamps(self) -> dict[str, Any]:
        """That the timestamp authority is trusted too."""
        return {"tsa_roots": [self.authorities.certificate("root")]}

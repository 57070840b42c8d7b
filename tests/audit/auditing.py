"""Auditing a bundle whose files were changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from cryptography.x509 import load_pem_x509_certificates

from signer.audit.bundle import Opened, read_opened
from signer.audit.check import check_bundle
from signer.audit.findings import Severity
from signer.audit.trust import Given
from signer.ledger.signed_notes import NoteVerifier
from tests.audit.making import write

if TYPE_CHECKING:
    from pathlib import Path

    from signer.audit.findings import Audit

ORIGIN = "127.0.0.1:8000/log"


def gaps(audit: Audit) -> list[str]:
    """The gaps, each with the place that it is about."""
    return [
        f"{one.where}: {one.sentence}"
        for one in audit.findings
        if one.severity is Severity.GAP
    ]


def audited(path: Path, files: dict[str, bytes], given: Given | None = None) -> Audit:
    """The audit of a bundle of some files, whose list fits them, and is not signed."""
    known = replace(given or Given(), unsigned_list=True)
    return check_bundle(write(path / "changed.zip", files), known)


def declarations(files: dict[str, bytes]) -> list[str]:
    """Their references, in the order of the log."""
    lines = files["index.csv"].decode().splitlines()
    return [line.split(",")[0] for line in lines[1:]]


def openings(files: dict[str, bytes]) -> list[Opened]:
    """What the entries commit to."""
    return [
        read_opened(line) for line in files["log/openings.jsonl"].decode().splitlines()
    ]


def given(files: dict[str, bytes], **held: str) -> Given:
    """What an auditor brings who got all of it another way."""
    return Given(
        trust_roots=load_pem_x509_certificates(files["keys/ca.pem"]),
        log_keys=[NoteVerifier.parse(files["keys/log.vkey"].decode())],
        held=held or {"mail.txt": files["log/checkpoint"].decode()},
    )

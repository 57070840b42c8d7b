"""The signed list of a bundle's files: nobody without the log's key makes it shorter.

The log's key signs the SHA-256 of the list, under words that no head of a log begins
with. An older release signed none; whether one made a bundle, only whoever got it can
say, for anybody can take the signed list out.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from signer.audit.bundle import SIGNED_SUMS, SUMS
from signer.errors import BundleRefused, NoteRefused

if TYPE_CHECKING:
    from collections.abc import Iterable

    from signer.audit.archive import Archive
    from signer.audit.bundle import Row
    from signer.audit.checkpoints import Head, LogKeys
    from signer.audit.findings import Findings
    from signer.ledger.signed_notes import NoteSigner

SINCE = "2026-12-01T00:00:00Z"
"""No release that signed no list sealed anything from here on."""

_TEXT = re.compile(
    r"audit bundle of ([^\s]{1,200})\n(0|[1-9][0-9]{0,18})\n([0-9a-f]{64})\n"
    r"([0-9TZ:-]{20})\n",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class SignedList:
    """What is signed of a bundle's list of files.

    Attributes:
        origin: the log.
        size: how many entries of it the bundle holds.
        sums_sha256: SHA-256 (hex) of ``SHA256SUMS``.
        made_at: when, as in RFC 3339, in UTC.
    """

    origin: str
    size: int
    sums_sha256: str
    made_at: str

    def signed(self, signer: NoteSigner) -> str:
        """The list as a signed note."""
        return signer.sign(
            f"audit bundle of {self.origin}\n{self.size}\n{self.sums_sha256}\n"
            f"{self.made_at}\n"
        )


def read_signed_list(note: str, keys: LogKeys) -> SignedList:
    """What is signed of a list, once one of the keys is seen to have signed it.

    Raises:
        NoteRefused: it is no signed list, or none of the keys signed it.
    """
    found = _TEXT.match(note)
    text = found and keys.text_of(note, found[1])
    if not found or text != found[0]:
        raise NoteRefused("not a signed list of files")
    return SignedList(found[1], int(found[2]), found[3], found[4])


def check_signed_list(  # noqa: PLR0913 - what is compared, and what is known of it
    archive: Archive,
    keys: LogKeys,
    newest: Head | None,
    index: Iterable[Row],
    findings: Findings,
    *,
    may_lack: bool = False,
) -> None:
    """Compare the list of files with what the log's key signed of it.

    Args:
        archive: the bundle.
        keys: the log's.
        newest: the bundle's newest head, which the list was signed with.
        index: its declarations.
        findings: gets a gap where it is another list, or is not signed.
        may_lack: whether whoever checks knows that an older release made the bundle.
    """
    if SIGNED_SUMS not in archive:
        _tell_unsigned(index, findings, may_lack=may_lack)
        return
    with findings.refusals(SIGNED_SUMS):
        try:
            signed = read_signed_list(archive.text(SIGNED_SUMS), keys)
        except NoteRefused:
            findings.gap(
                SIGNED_SUMS, "It is not signed with the log's key, or is no such list."
            )
            return
        if signed.sums_sha256 != _sha256(archive):
            findings.gap(
                SUMS,
                f"It is not the list that was signed on {signed.made_at}: files were "
                "taken out, put in or changed since. Ask for a new bundle.",
            )
        head = newest and (newest.checkpoint.origin, newest.checkpoint.size)
        if head != (signed.origin, signed.size):
            findings.gap(
                SIGNED_SUMS,
                f"It was signed when the log {signed.origin} had {signed.size} "
                "entries, and the newest head in the bundle is another one.",
            )


def _tell_unsigned(index: Iterable[Row], findings: Findings, *, may_lack: bool) -> None:
    if max((row.sealed_at for row in index), default="") >= SINCE:
        findings.gap(
            SIGNED_SUMS,
            "It is missing. The list of files has been signed with each bundle since "
            "December 2026: without that, anybody can have taken files out. Ask for a "
            "new bundle.",
        )
    elif may_lack:
        findings.note(
            SIGNED_SUMS,
            "The list of files is not signed, as no list was before December 2026: "
            "what was taken out together with its entries at the end of the log shows "
            "only against a head that somebody kept (--held).",
        )
    else:
        findings.gap(
            SIGNED_SUMS,
            "It is missing, so anybody can have taken files out. Ask for a new bundle. "
            "If you have had this one since before December 2026, when no list of "
            "files was signed yet, check it again with --unsigned-list.",
        )


def _sha256(archive: Archive) -> str:
    digest = hashlib.sha256()
    if SUMS in archive:
        try:
            for piece in archive.pieces(SUMS):
                digest.update(piece)
        except BundleRefused:
            return ""  # told where it is read
    return digest.hexdigest()

"""Looking a declaration up in the school's record, to compare a file with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased

from signer.audit.currency import Fate
from signer.audit.inclusion import entry_check
from signer.errors import NotChecked
from signer.store import schema
from signer.store.archive_copies.tables import ArchiveCopy
from signer.store.engine import Sessions, connect
from signer.store.log.tables import Leaf, Opening
from signer.store.tables import Declaration, Parent, PinnedVersion, Request


@dataclass(frozen=True, slots=True)
class Entry:
    """The leaf of the log that tells of a seal, with what it commits to."""

    position: int
    commitment: bytes
    salt: bytes
    record: bytes


@dataclass(frozen=True, slots=True)
class Kept:
    """What the record keeps of a declaration."""

    pdf_sha256: str | None
    """SHA-256 (hex) of the sealed PDF; None while it has no seal."""
    entry: Entry | None
    """None where there is none yet, or what it commits to was erased."""
    fate: Fate


@contextmanager
def record_at_hand(database: str | None) -> Iterator[Sessions | None]:
    """The record, or None where there is none that can be read; never makes one.

    Args:
        database: its address, as in the settings; None where they name none.
    """
    if database is None:
        yield None
        return
    sessions = connect(database)
    try:
        yield sessions if schema.is_there(sessions.engine) else None
    finally:
        sessions.close()


def find_record(sessions: Sessions, declaration_id: str) -> Kept | None:
    """What the record keeps of a declaration; None where it knows of none such.

    Args:
        sessions: the record.
        declaration_id: the declaration's reference, from whatever file.
    """
    later = aliased(Declaration)
    with sessions.reading() as session:
        found = session.execute(
            select(
                Declaration.pdf_sha256,
                later.id,
                Parent.left_at,
                Leaf.position,
                Leaf.commitment,
                Opening.salt,
                Opening.record,
            )
            .join(Request, Request.id == Declaration.request_id)
            .join(Parent, Parent.id == Request.parent_id)
            .outerjoin(later, later.replaces == Declaration.id)
            .outerjoin(Leaf, Leaf.position == Declaration.sealed_position)
            .outerjoin(Opening, Opening.position == Leaf.position)
            .where(Declaration.id == declaration_id)
            .limit(1)
        ).first()
    if found is None:
        return None
    pdf_sha256, replaced_by, left_at, position, commitment, salt, record = found
    entry = None
    if None not in (position, salt, record):
        entry = Entry(position, commitment, salt, record)
    return Kept(pdf_sha256, entry, Fate(replaced_by, left_at))


def has_copy(sessions: Sessions, declaration_id: str, sha256: str) -> bool:
    """Whether a file is the archive copy of a declaration that the record keeps.

    Args:
        sessions: the record.
        declaration_id: the declaration's reference.
        sha256: SHA-256 (hex) of the whole copy.
    """
    with sessions.reading() as session:
        kept = session.get(ArchiveCopy, declaration_id)
        return kept is not None and kept.sha256 == sha256


def version_of_pdf(sessions: Sessions, sha256: str) -> int | None:
    """The number of the version whose sealed PDF a file is; None where it is none.

    Args:
        sessions: the record.
        sha256: SHA-256 (hex) of the file.
    """
    query = select(PinnedVersion.number).where(PinnedVersion.pdf_sha256 == sha256)
    with sessions.reading() as session:
        return session.scalar(query.limit(1))


def log_check(kept: Kept, *, declaration_id: str, pdf_sha256: str) -> str:
    """Check that the log in the record tells of the sealing of this very file.

    Args:
        kept: what the record keeps of the declaration.
        declaration_id: its reference.
        pdf_sha256: SHA-256 (hex) of the whole file.

    Returns:
        The sentence that says what was found.

    Raises:
        CheckFailed: the log tells of another file.
        NotChecked: there is no entry, or it cannot be opened.
    """
    entry = kept.entry
    if entry is None:
        raise NotChecked("The school's record holds no entry of the log for it.")
    entry_check(
        entry.commitment,
        entry.salt,
        entry.record,
        declaration_id=declaration_id,
        pdf_sha256=pdf_sha256,
    )
    return (
        f"The sealing of this very file is entry {entry.position} of the log, as the "
        "school's own record holds it."
    )

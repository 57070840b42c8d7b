"""Signed heads of the log that are held, and whether the log still fits them."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from sqlalchemy.exc import NoResultFound
from sqlalchemy.orm import Session

from signer import files
from signer.config import Settings
from signer.errors import FileNotWritten, LogBroken, NoteRefused
from signer.ledger.checkpoints import Checkpoint, read_checkpoint
from signer.ledger.log_key import LogKey
from signer.ledger.signed_notes import NoteVerifier
from signer.store.log.append import root_of
from signer.store.log.tables import LogOrigin
from signer.workflows.log.origins import (
    first_origin,
    is_of_another,
    later_origin,
    number_of,
    origins,
)

_log = logging.getLogger(__name__)

SITE_CHECKPOINT = "log-checkpoint"
"""Beside the released versions: the head that the site publishes."""


class Names:
    """The names and keys of the log, as the database and the settings give them.

    Attributes:
        number: that of the name that signs now; 1 before any head was signed.
        origin: that name.
        known: how many names the database knows of.
        first: the name that the log had at first.
        key_now: the public key (32 bytes) recorded for the name that signs now; None
            before any head was signed.
    """

    def __init__(
        self, settings: Settings, rows: Sequence[LogOrigin], key: LogKey | None
    ) -> None:
        self._recorded = {one.number: NoteVerifier.parse(one.verifier) for one in rows}
        self._key = key
        self.known = len(rows)
        self.number = rows[-1].number if rows else 1
        if rows:
            tail = "" if self.number == 1 else f"/{self.number}"
            self.first = rows[-1].origin.removesuffix(tail)
        else:
            self.first = first_origin(settings)
        self.origin = later_origin(self.first, self.number)
        now = self._recorded.get(self.number)
        self.key_now = now.key if now else None

    def read(self, note: str) -> tuple[int, Checkpoint]:
        """A signed head of this log: the number of its name, and what it says.

        Raises:
            NoteRefused: it is no head of this log, or signed by another key.
        """
        origin = note.partition("\n")[0]
        number = number_of(origin, self.first)
        if number is None:
            raise NoteRefused("it is of another log")
        known = []
        if number in self._recorded:
            known.append(self._recorded[number])
        if self._key is not None:
            known.append(self._key.signer(origin).verifier)
        return number, read_checkpoint(note, origin, dict.fromkeys(known))


def names_of(session: Session, settings: Settings, key: LogKey | None) -> Names:
    """The names and keys of the log.

    Args:
        session: a transaction.
        settings: the operator's.
        key: the log's key, where it is at hand.
    """
    return Names(settings, origins(session), key)


def check_held(
    session: Session, names: Names, note: str, *, where: str, size: int
) -> None:
    """Check that the log still begins with what a signed head says.

    A head from before the log was reopened is passed over: that the log no longer
    fits it is what reopening told everybody.

    Args:
        session: a transaction.
        names: the log's names and keys.
        note: the signed head.
        where: where it is held, in words.
        size: the log's number of leaves.

    Raises:
        LogBroken: the log does not fit it.
    """
    try:
        number, held = names.read(note)
    except NoteRefused as error:
        raise LogBroken(
            f"What {where} holds is no signed head of this log: {error}.", size=size
        ) from error
    if number < names.number:
        return
    if number > names.number:
        raise LogBroken(
            f"The log was reopened as {held.origin}, says {where}, and the database "
            "does not know of it: it is older.",
            size=size,
            held=held.size,
        )
    if held.size > size:
        raise LogBroken(
            f"The log's size is {size}, and {where} holds a signed head of size "
            f"{held.size}: entries are gone.",
            size=size,
            held=held.size,
        )
    if not begins_with(session, held, size=size):
        raise LogBroken(
            f"The entries up to number {held.size} are not those that the signed head "
            f"in {where} vouches for.",
            size=size,
            held=held.size,
        )


def begins_with(session: Session, head: Checkpoint, *, size: int) -> bool:
    """Whether the log still begins with the entries that a signed head vouches for.

    Args:
        session: a transaction.
        head: the signed head, already checked.
        size: the log's number of leaves.
    """
    if head.size > size:
        return False
    try:
        return root_of(session, head.size) == head.root
    except NoResultFound:
        return False


def read_outside(settings: Settings) -> dict[Path, str]:
    """Read the signed heads that are kept outside the database, by their files.

    A head is stored first, and kept outside afterwards. So whoever compares them with
    one moment of the database reads them before that moment: a head that is signed
    meanwhile would be newer than it, as if entries were gone. Who holds the log's lock
    may read them at any time.

    One that cannot be read is given as an empty text, which no log fits.
    """
    notes = {}
    for path in (settings.checkpoint_path, settings.versions_dir / SITE_CHECKPOINT):
        try:
            # Newlines as they are: they are signed.
            notes[path] = path.read_bytes().decode()
        except FileNotFoundError:
            continue
        except (OSError, UnicodeDecodeError):
            notes[path] = ""
    return notes


def held_outside(
    settings: Settings, names: Names, notes: Mapping[Path, str]
) -> dict[str, str]:
    """Those signed heads from outside that are this log's, by where they are held.

    The released versions are the same wherever the service runs, and so is the head
    beside them: to a demo or a trial, it is another log's, and nothing to go by.

    Args:
        settings: the operator's.
        names: the log's names.
        notes: what `read_outside` gave.
    """
    site = settings.versions_dir / SITE_CHECKPOINT
    return {
        str(path): note
        for path, note in notes.items()
        if path != site or not is_of_another(note.partition("\n")[0], names.first)
    }


def keep_outside(path: Path, note: str, *, must: bool = False) -> bool:
    """Keep the newest signed head in a file; whoever reads finds the old or the new.

    Gives whether it is there afterwards.

    A failure is logged, and mended by the next call: the head is in the database.

    Args:
        path: the file.
        note: the signed head.
        must: raise a failure instead.

    Raises:
        FileNotWritten: it cannot be written, and must be.
    """
    raw = note.encode()
    with suppress(OSError):
        if path.read_bytes() == raw:
            return True
    try:
        files.replace(path, raw)
    except FileNotWritten as error:
        if must:
            raise
        _log.error("the newest head of the log could not be kept: %s", error)
        return False
    return True

"""A copy of the log as files, which any web server serves."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from signer import files
from signer.audit.bundled import FOLLOW, script
from signer.errors import FileNotWritten, LogBroken
from signer.ledger.tiles import tiles_of
from signer.workflows.context import AppContext
from signer.workflows.log.origins import verifiers
from signer.workflows.log.publish import signed_log, tile_content


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a mirror holds.

    Attributes:
        origin: the log's name.
        size: how many entries it holds.
        written: how many files were written or changed by this.
    """

    origin: str
    size: int
    written: int


def mirror_log(context: AppContext, folder: Path) -> Mirrored | None:
    """Bring a folder to what the log's newest signed head covers, the head last.

    None where no head was ever signed. Whoever reads meanwhile finds the head of
    before, and every file that it covers. Files of narrower tiles stay, since somebody
    may be on the way to them.

    Args:
        context: the context.
        folder: made where it is not there.

    Raises:
        FileNotWritten: a file cannot be written; the head is the one of before.
        LogBroken: a part of what was signed is not there any more.
    """
    log = signed_log(context)
    if log is None:
        return None
    keys = "".join(f"{one}\n" for one in verifiers(context))
    written = int(_brought(folder / "log.vkey", keys.encode()))
    written += _brought(folder / FOLLOW, script(FOLLOW))
    for tile in tiles_of(log.size):
        found = tile_content(context, tile, log.number)
        if found is None:
            problem = "The log was begun again meanwhile: mirror it once more."
            raise LogBroken(problem, size=log.size)
        written += _brought(folder / "tile" / tile.path, found[0])
    written += _brought(folder / "checkpoint", log.note.encode())
    return Mirrored(log.origin, log.size, written)


def _brought(path: Path, content: bytes) -> bool:
    """Whether a file had to be written to be what it should."""
    try:
        if path.read_bytes() == content:
            return False
    except FileNotFoundError:
        pass
    except OSError as error:
        raise FileNotWritten(str(path), error.strerror or str(error)) from error
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise FileNotWritten(str(path), error.strerror or str(error)) from error
    files.replace(path, content)
    return True

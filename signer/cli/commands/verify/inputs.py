"""The files to verify: named one by one, in folders, or packed in ZIP archives.

Nothing of an archive is ever written to a disk, so that the names in it lead
nowhere; they are shown, and that is all.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self

import click

from signer.declaration.verify.refused_report import MOST_BYTES, TOO_LARGE
from signer.errors import CheckFailed
from signer.ledger.proof_files import LARGEST_FILE

PROOF = ".tlog-proof"
"""How the name of a proof ends: ``D-….tlog-proof`` beside ``D-….pdf``."""

MOST_MEMBERS = 100_000
TIGHTEST = 200
"""How many times larger than packed a file may be: a PDF is packed already, and what
unpacks to much more is there to fill memory."""

_USUAL = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_LOCKED = 0x1
_SMALL = 2**20
_DAMAGED = (
    "The file cannot be unpacked: the archive is damaged, or packed in an unusual way. "
    "Unpack it with another program first."
)


@dataclass(frozen=True, slots=True)
class Found:
    """A PDF to verify, and the proof beside it."""

    path: Path
    """The file, or the archive that it is in."""
    proof: Path | None = None
    archive: zipfile.ZipFile | None = None
    member: zipfile.ZipInfo | None = None
    proof_member: zipfile.ZipInfo | None = None

    @property
    def name(self) -> str:
        """As it is shown: nothing in it moves the cursor or turns text around."""
        inside = f"/{self.member.filename}" if self.member else ""
        text = click.format_filename(self.path) + inside
        return "".join(
            one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text
        )

    @property
    def size(self) -> int:
        """Its bytes, as far as they are told without reading it."""
        if self.member:
            return self.member.file_size
        return self.path.stat().st_size if self.path.exists() else 0

    def read(self) -> bytes:
        """The whole file.

        Raises:
            CheckFailed: it cannot be read, or is larger than any declaration.
        """
        if self.archive and self.member:
            return _read_member(self.archive, self.member, MOST_BYTES)
        return _read_file(self.path, MOST_BYTES)

    def read_proof(self) -> str | None:
        """The proof file beside it; None where there is none that can be read."""
        try:
            if self.archive and self.proof_member:
                raw = _read_member(self.archive, self.proof_member, LARGEST_FILE)
            elif self.proof:
                raw = _read_file(self.proof, LARGEST_FILE)
            else:
                return None
        except CheckFailed:
            return ""
        return raw.decode("utf-8", errors="replace")


class Gathering:
    """Finds the files, and keeps archives open while they are read."""

    def __init__(self) -> None:
        self._open = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def find(self, paths: Sequence[Path]) -> list[Found]:
        """Every PDF, in the order in which it was named.

        Args:
            paths: files, ZIP archives, and folders that are searched with all that
                is in them.

        Raises:
            UsageError: there is none in a folder or archive, or one of these cannot
                be opened.
        """
        return [found for path in paths for found in self._in(path)]

    def _in(self, path: Path) -> list[Found]:
        if path.is_dir():
            found = [_beside(one) for one in _pdfs_in(path)]
        elif path.suffix.lower() == ".zip":
            found = list(self._packed(path))
        elif path.is_file():
            return [_beside(path)]
        else:
            raise click.UsageError(f"{click.format_filename(path)} is not a file.")
        if not found:
            raise click.UsageError(f"There is no PDF in {click.format_filename(path)}.")
        return found

    def _packed(self, path: Path) -> Iterator[Found]:
        name = click.format_filename(path)
        try:
            archive = self._open.enter_context(zipfile.ZipFile(path))
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError) as error:
            raise click.UsageError(
                f"{name} cannot be opened as a ZIP archive: it is damaged, or another "
                "kind of file."
            ) from error
        members = archive.infolist()
        if len(members) > MOST_MEMBERS:
            raise click.UsageError(f"{name} contains more than {MOST_MEMBERS:,} files.")
        proofs = {one.filename: one for one in members if one.filename.endswith(PROOF)}
        for member in members:
            inside = PurePosixPath(member.filename)
            if _is_pdf(inside) and not member.is_dir():
                proof = proofs.get(member.filename[: -len(inside.suffix)] + PROOF)
                yield Found(path, None, archive, member, proof)


def _pdfs_in(folder: Path) -> list[Path]:
    # A link to a folder is not followed: it may lead back here.
    return sorted(
        path for path in folder.rglob("*") if _is_pdf(path) and path.is_file()
    )


def _is_pdf(path: Path | PurePosixPath) -> bool:
    # Macintoshes put "._name.pdf" beside a file, and that is no PDF.
    return path.suffix.lower() == ".pdf" and not path.name.startswith(".")


def _beside(path: Path) -> Found:
    proof = path.with_suffix(PROOF)
    return Found(path, proof if proof.is_file() else None)


def _read_file(path: Path, most: int) -> bytes:
    try:
        size = path.stat().st_size
        if size > most:
            raise CheckFailed(TOO_LARGE)
        return path.read_bytes()
    except OSError as error:
        raise CheckFailed(f"The file cannot be read ({error.strerror}).") from error


def _read_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, most: int) -> bytes:
    size = member.file_size
    if member.flag_bits & _LOCKED:
        raise CheckFailed(
            "The file is locked with the archive's password. Unpack it first."
        )
    if member.compress_type not in _USUAL:
        raise CheckFailed(_DAMAGED)
    if size > most:
        raise CheckFailed(TOO_LARGE)
    if size > _SMALL and size > TIGHTEST * max(member.compress_size, 1):
        raise CheckFailed(
            f"The file is packed more than {TIGHTEST} times smaller than it is, as no "
            "declaration can be, so it was not unpacked."
        )
    try:
        with archive.open(member) as stream:
            content = stream.read(most + 1)
    except (
        zipfile.BadZipFile,
        zlib.error,
        OSError,
        EOFError,
        RuntimeError,
        ValueError,
    ) as error:
        raise CheckFailed(_DAMAGED) from error
    if len(content) > most:
        raise CheckFailed(TOO_LARGE)
    return content

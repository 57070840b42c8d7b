"""A ZIP from outside, read with limits: nothing is unpacked, and memory stays flat.

Its names, sizes and order are whatever its maker wrote. So only names of the layout
are read, each once, up to the size that its kind may have, and no further than the
archive's own bytes account for.
"""

from __future__ import annotations

import io
import stat
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Self

from signer.audit.bundle import largest
from signer.audit.findings import Findings
from signer.errors import BundleRefused

LARGEST_LIST = 32 << 20
"""The most bytes that are read at once: above all the archive's list of files."""

PIECE = 1 << 16
LONGEST_LINE = 1 << 20
_MOST_GROWTH = 200
"""How many times its packed size a file may have; text here packs tenfold at best."""
_HEADER = 30
_ENCRYPTED = 0x1
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError)


class Archive:
    """A bundle's files by their names.

    Args:
        path: the ZIP.
        findings: gets a gap for each file that is not looked at, and why.

    Raises:
        BundleRefused: it cannot be read as a ZIP at all.
    """

    def __init__(self, path: Path, findings: Findings) -> None:
        try:
            self._file = _Sparing(path)
        except OSError as error:
            why = f"cannot be read ({error.strerror})"
            raise BundleRefused(str(path), why) from error
        try:
            self._zip = zipfile.ZipFile(self._file)
        except (*_DAMAGED, ValueError) as error:
            self._file.close()
            raise BundleRefused(
                str(path), "is damaged, or is not a ZIP file; get it again"
            ) from error
        self._findings = findings
        self._members = self._fit()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._zip.close()
        self._file.close()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the files that can be read, in the archive's order."""
        return tuple(self._members)

    def pieces(self, name: str) -> Iterator[bytes]:
        """The bytes of a file, a piece at a time.

        Raises:
            BundleRefused: it is missing, or damaged.
        """
        if name not in self._members:
            raise BundleRefused(name, "is missing")
        member = self._members[name]
        left = member.file_size
        try:
            with self._zip.open(member) as file:
                while piece := file.read(PIECE):
                    left -= len(piece)
                    yield piece
        except (*_DAMAGED, RuntimeError, ValueError) as error:
            raise BundleRefused(name, "is damaged in the ZIP") from error
        if left:
            raise BundleRefused(name, "is shorter than the ZIP says")

    def read(self, name: str) -> bytes:
        """A whole file.

        Raises:
            BundleRefused: it is missing, or damaged.
        """
        return b"".join(self.pieces(name))

    def text(self, name: str) -> str:
        """A whole file as text.

        Raises:
            BundleRefused: it is missing, damaged, or not UTF-8.
        """
        try:
            return self.read(name).decode()
        except UnicodeDecodeError as error:
            raise BundleRefused(name, "is not UTF-8 text") from error

    def lines(self, name: str) -> Iterator[str]:
        """The lines of a file, each with its line end, one at a time.

        Raises:
            BundleRefused: it is missing, damaged, not UTF-8, or has a line that is
                longer than any of ours.
        """
        rest = b""
        for piece in self.pieces(name):
            *whole, rest = (rest + piece).split(b"\n")
            if len(rest) > LONGEST_LINE:
                raise BundleRefused(name, "has a line that never ends")
            for line in whole:
                yield _text(name, line) + "\n"
        if rest:
            yield _text(name, rest)

    def _fit(self) -> dict[str, zipfile.ZipInfo]:
        """The files that may be read; a gap for each of the others."""
        members = [one for one in self._zip.infolist() if not _is_folder(one)]
        times = Counter(one.orig_filename for one in members)
        for name, count in times.items():
            if count > 1:
                self._refuse(name, f"is in the ZIP {count} times.")
        fit, end = {}, 0
        for one in sorted(members, key=lambda member: member.header_offset):
            # Two names for the same bytes are how small ZIPs become endless.
            apart, end = one.header_offset >= end, _end_of(one)
            problem = _problem(one) if apart else "shares its bytes with another file."
            if problem:
                self._refuse(one.orig_filename, problem)
            elif times[one.orig_filename] == 1:
                fit[one.orig_filename] = one
        return fit

    def _refuse(self, name: str, problem: str) -> None:
        self._findings.gap(shown(name), f"It was not looked at: it {problem}")


class _Sparing(io.FileIO):
    """A file of which nobody reads much at once, whatever its own headers promise."""

    def read(self, size: int | None = -1, /) -> bytes:
        """As a file's, up to `LARGEST_LIST` bytes."""
        if size is None or size < 0:
            here = self.tell()
            size = max(0, self.seek(0, io.SEEK_END) - here)
            self.seek(here)
        if size > LARGEST_LIST:
            raise ValueError("too much at once")
        return super().read(size) or b""


def shown(name: str) -> str:
    """A name of whoever made the archive, as it may be printed."""
    return "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in name)[
        :200
    ]


def _text(name: str, line: bytes) -> str:
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        raise BundleRefused(name, "is not UTF-8 text") from error


def _is_folder(member: zipfile.ZipInfo) -> bool:
    """Whether it is a mere folder, as programs put in that pack a bundle again."""
    plain = not member.orig_filename.startswith("/") and ".." not in (
        member.orig_filename
    )
    return plain and member.orig_filename.endswith("/") and not member.file_size


def _end_of(member: zipfile.ZipInfo) -> int:
    return member.header_offset + _HEADER + member.compress_size


def _problem(member: zipfile.ZipInfo) -> str:
    """What keeps a file from being read; empty where nothing does."""
    most = largest(member.orig_filename)
    if most is None:
        return "does not belong in a bundle."
    mode = member.external_attr >> 16
    if stat.S_IFMT(mode) not in {0, stat.S_IFREG}:
        return "is no plain file."
    if member.flag_bits & _ENCRYPTED:
        return "is locked with a password."
    if member.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return "is packed in a way that bundles are not."
    grown = member.file_size > PIECE + _MOST_GROWTH * member.compress_size
    if member.file_size > most or grown:
        return f"would unpack to {member.file_size:,} bytes."
    return ""

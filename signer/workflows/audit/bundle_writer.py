"""An audit bundle as a file: written piece by piece, there as a whole or not at all."""

from __future__ import annotations

import hashlib
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from signer import clock, files
from signer.audit.bundle import SIGNED_SUMS, SUMS

_PLAIN = (stat.S_IFREG | 0o644) << 16


class BundleFile:
    """A ZIP that is being written, and the SHA-256 of what is in it."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._at = clock.now().timetuple()[:6]
        self._sums: list[str] = []

    def add(self, name: str, content: bytes, *, packed: bool = True) -> None:
        """Add a file.

        Args:
            name: as the layout spells it.
            content: the whole of it.
            packed: whether packing makes it smaller. Of a PDF it does not.
        """
        self.stream(name, (content,), packed=packed)

    def stream(
        self, name: str, pieces: Iterable[bytes], *, packed: bool = True
    ) -> None:
        """Add a file piece by piece."""
        member = zipfile.ZipInfo(name, self._at)
        member.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
        member.external_attr = _PLAIN
        found = hashlib.sha256()
        # A list may turn out longer than a ZIP can note afterwards.
        with self._archive.open(member, "w", force_zip64=True) as file:
            for piece in pieces:
                file.write(piece)
                found.update(piece)
        self._sums.append(f"{found.hexdigest()}  {name}\n")

    def finish(self, sign: Callable[[str], str]) -> None:
        """Add the list of all that was added, and what is signed of it.

        Args:
            sign: gives the signed note of the list's SHA-256 (hex).
        """
        self.stream(SUMS, (line.encode() for line in self._sums))
        listed = self._sums[-1].partition(" ")[0]
        self.add(SIGNED_SUMS, sign(listed).encode())


@contextmanager
def new_bundle(path: Path) -> Iterator[BundleFile]:
    """A file to write, for its owner's eyes; it takes its name once it is whole.

    Raises:
        FileExists: it is there already.
        FileNotWritten: it cannot be written; then nothing is left behind.
    """
    with (
        files.creating(path, private=True) as file,
        zipfile.ZipFile(file, "w") as archive,
    ):
        yield BundleFile(archive)

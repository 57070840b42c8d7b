"""The list of releases: ``versions/SHA256SUMS``, as ``sha256sum`` writes and checks it.

A version that stands in the list is released for good. The list is only added to;
`signer.policy.release.immutability` holds it and the files against each other, now and
in every commit since.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from signer import files
from signer.errors import ReleaseRewritten, VersionFileError
from signer.policy.versions import SUMS, Version, read_if_there

# Two spaces, as coreutils writes a file read as text.
_LINE = re.compile(r"([0-9a-f]{64})  ([1-9][0-9]{0,5}\.md)")


def read_sums(folder: Path) -> dict[str, str]:
    """The SHA-256 (hex) of each release by its file's name; empty without a list.

    Args:
        folder: the folder of the released versions.

    Raises:
        VersionFileError: the list cannot be read.
    """
    path = folder / SUMS
    content = read_if_there(path)
    return {} if content is None else parse_sums(content, path=str(path))


def parse_sums(content: bytes, *, path: str = SUMS) -> dict[str, str]:
    """As `read_sums`, from the bytes of the list.

    Raises:
        VersionFileError: a line is not as it must be, or a file is listed twice.
    """
    sums: dict[str, str] = {}
    text = content.decode("ascii", errors="replace")
    if text and not text.endswith("\n"):
        raise VersionFileError(path, "does not end with a line end")
    for number, line in enumerate(text.split("\n")[:-1], 1):
        listed = _LINE.fullmatch(line)
        if not listed:
            raise VersionFileError(path, "is not a SHA-256 and a file's name", number)
        if listed[2] in sums:
            raise VersionFileError(path, f"lists {listed[2]} twice", number)
        sums[listed[2]] = listed[1]
    return sums


def list_releases(folder: Path, versions: Sequence[Version]) -> bool:
    """Add what is released and not listed yet; safe to repeat.

    Args:
        folder: the folder of the released versions.
        versions: what is in it.

    Returns:
        Whether there was anything to add.

    Raises:
        ReleaseRewritten: a version differs from what was listed.
        VersionFileError: the list cannot be read.
        FileNotWritten: it could not be written; it is as it was.
    """
    sums = read_sums(folder)
    for version in versions:
        listed = sums.setdefault(version.filename, version.sha256)
        if listed != version.sha256:
            raise ReleaseRewritten(version.filename, listed, version.sha256)
    content = "".join(f"{sha256}  {name}\n" for name, sha256 in sums.items()).encode()
    path = folder / SUMS
    if path.exists() and path.read_bytes() == content:
        return False
    files.replace(path, content)
    return True

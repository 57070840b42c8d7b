"""Released versions: one file each, never edited, each naming the one before it."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from signer.errors import VersionChainError, VersionFileError
from signer.markdown.front_matter import split
from signer.policy.dates import is_day, is_month
from signer.policy.front_matter_fields import Approval, Fields

SUMS = "SHA256SUMS"
"""The list of releases with their SHA-256, beside them."""

REVIEWS = "reviews.toml"
"""The record of reviews without change, beside the releases."""

LOG_CHECKPOINT = "log-checkpoint"
"""The signed head of the public log that the site shows, beside the releases."""

_FILENAME = re.compile(r"([1-9][0-9]{0,5})\.md")
APPROVALS = "approvals.toml"
"""The record of who was asked to approve a draft, and who did, beside the releases."""

# Pages read the files anew, so as to see one that was changed; YAML is slow to read.
_VERSIONS_KEPT = 64

_BESIDE = frozenset({SUMS, REVIEWS, LOG_CHECKPOINT, APPROVALS})


@dataclass(frozen=True, slots=True)
class Version:
    """A released text.

    Attributes:
        number: 2 for the file ``2.md``.
        title: the policy's name.
        label: the release as people say it, such as ``August 2022``.
        released: the month or the day, ``2022-08`` or ``2022-08-31``.
        review_by: the month by which it must be reviewed, ``2023-08``.
        summary: what changed, in plain words, one sentence or two each.
        declaration: the statements a parent confirms, verbatim, in order.
        previous_sha256: the SHA-256 (hex) of the version before; None on the first.
        sha256: the SHA-256 (hex) of the whole file: the version's identity.
        source: the whole file.
        body: the Markdown after the front matter.
        school: the school's name as the text bears it.
        motto: the school's motto as the text bears it.
        in_force_from: the day from which it is in force, ``2027-01-04``, where that is
            later than its release; else empty.
        approvals: who approved the draft that it was made from, and when.
        draft_sha256: the SHA-256 (hex) of that draft's file; None where nobody was
            asked to approve it.
        sign_by: the day by which parents are to have answered, ``2026-12-18``; empty
            where the release names none.
    """

    number: int
    title: str
    label: str
    released: str
    review_by: str
    summary: tuple[str, ...]
    declaration: tuple[str, ...]
    previous_sha256: str | None
    sha256: str
    source: bytes
    body: str
    school: str = ""
    motto: str = ""
    sign_by: str = ""
    in_force_from: str = ""
    approvals: tuple[Approval, ...] = ()
    draft_sha256: str | None = None

    @property
    def begins(self) -> str:
        """The day from which it is in force, or the month of its release."""
        return self.in_force_from or self.released

    @property
    def filename(self) -> str:
        """The file's name, ``2.md``."""
        return f"{self.number}.md"

    @property
    def path(self) -> str:
        """The path of the permanent address, ``/versions/2/``."""
        return f"/versions/{self.number}/"


def read_versions(folder: Path) -> tuple[Version, ...]:
    """Every released version, the oldest first; hidden files are passed over.

    Args:
        folder: the folder that holds ``2.md``, ``3.md``, …, `SUMS`, `REVIEWS`,
            `LOG_CHECKPOINT`, `APPROVALS` and nothing else.

    Raises:
        VersionFileError: a file is not a version, or a number is missing.
        VersionChainError: a version does not name the one before it.
    """
    try:
        paths = [
            path
            for path in folder.iterdir()
            if not (path.name.startswith(".") or path.name in _BESIDE)
        ]
    except OSError as error:
        raise VersionFileError(
            str(folder), f"cannot be read as a folder of versions: {error.strerror}"
        ) from error
    versions = tuple(sorted(map(read_version, sorted(paths)), key=_number))
    _check_chain(folder, versions)
    return versions


def in_force(versions: Sequence[Version]) -> Version:
    """The newest release.

    Raises:
        VersionFileError: there is none.
    """
    if not versions:
        raise VersionFileError("versions", "holds no released version")
    return max(versions, key=_number)


def read_version(path: Path) -> Version:
    """One released version.

    Raises:
        VersionFileError: the file cannot be read, or as `parse_version`.
    """
    if not _FILENAME.fullmatch(path.name):
        raise VersionFileError(str(path), "is not named as a version, such as 2.md")
    try:
        source = path.read_bytes()
    except OSError as error:
        raise VersionFileError(
            str(path), f"cannot be read: {error.strerror}"
        ) from error
    return parse_version(str(path), source)


def read_if_there(path: Path) -> bytes | None:
    """A file in the folder of the released versions; None where it is not there.

    Raises:
        VersionFileError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = f"cannot be read: {error.strerror}"
        raise VersionFileError(str(path), problem) from error


@lru_cache(maxsize=_VERSIONS_KEPT)
def parse_version(path: str, source: bytes) -> Version:
    """A version from the bytes of its file.

    Args:
        path: the file, whose name is the version's number.
        source: the whole of it.

    Raises:
        VersionFileError: it is not UTF-8 in NFC with LF at its line ends, or states
            its front matter wrongly.
    """
    parts = split(path, _decoded(path, source))
    if not parts.body.strip():
        raise VersionFileError(path, "holds no text", parts.body_line)
    front = Fields(path, parts.entries)
    number = front.number()
    named = re.split(r"[/\\]", path)[-1].removesuffix(".md")
    if str(number) != named:
        front.refuse("version", f"says version {number}, but its name says {named}")
    released = front.line("released")
    if not (is_month(released) or is_day(released)):
        front.refuse(
            "released", "needs a month or a day, such as 2022-08 or 2022-08-31"
        )
    review_by = front.line("review_by")
    if not is_month(review_by):
        front.refuse("review_by", "needs a month, such as 2023-08")
    if review_by < released[:7]:
        front.refuse("review_by", "is to be reviewed before it was released")
    sign_by = front.line("sign_by")
    if sign_by and (not is_day(sign_by) or sign_by[: len(released)] < released):
        front.refuse(
            "sign_by",
            "needs a day after the release as its sign_by, such as 2026-12-18",
        )
    return Version(
        number=number,
        title=front.line("title"),
        label=front.line("label"),
        released=released,
        review_by=review_by,
        summary=front.lines("summary"),
        declaration=front.lines("declaration"),
        previous_sha256=front.sha256("previous_sha256"),
        sha256=hashlib.sha256(source).hexdigest(),
        source=source,
        body=parts.body,
        school=front.line("school"),
        motto=front.line("motto"),
        in_force_from=_in_force_from(front, released),
        approvals=front.approvals(),
        draft_sha256=front.sha256("draft_sha256"),
        sign_by=sign_by,
    )


def _in_force_from(front: Fields, released: str) -> str:
    day = front.line("in_force_from")
    if day and not is_day(day):
        front.refuse("in_force_from", "needs a day, such as 2027-01-04")
    if day and day[: len(released)] < released:
        front.refuse("in_force_from", "is in force before it was released")
    return day


def _number(version: Version) -> int:
    return version.number


def _decoded(path: str, source: bytes) -> str:
    try:
        text = source.decode("utf-8")
    except UnicodeDecodeError as error:
        line = source[: error.start].count(b"\n") + 1
        raise VersionFileError(path, "is not UTF-8", line) from error
    if "\r" in text:
        line = text[: text.index("\r")].count("\n") + 1
        raise VersionFileError(path, "has a carriage return: LF alone ends lines", line)
    for number, line_text in enumerate(text.split("\n"), 1):
        if not unicodedata.is_normalized("NFC", line_text):
            raise VersionFileError(path, "is not in NFC, one code a letter", number)
    if not text.endswith("\n"):
        raise VersionFileError(path, "does not end with a line end")
    return text


def _check_chain(folder: Path, versions: Sequence[Version]) -> None:
    before: Version | None = None
    for version in versions:
        path = str(folder / version.filename)
        if before and version.number != before.number + 1:
            raise VersionFileError(
                path, f"follows version {before.number}: one between is missing"
            )
        found = before.sha256 if before else None
        if version.previous_sha256 != found:
            raise VersionChainError(version.number, version.previous_sha256, found)
        if before and _earlier(version.released, before.released):
            raise VersionFileError(path, "was released before the version it follows")
        if before and _earlier(version.begins, before.begins):
            raise VersionFileError(path, "is in force before the version it follows")
        before = version


def _earlier(one: str, other: str) -> bool:
    """Whether a release came before another; a month and a day compare as months."""
    shorter = min(len(one), len(other))
    return one[:shorter] < other[:shorter]

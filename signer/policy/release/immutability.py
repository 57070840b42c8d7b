"""No released file is ever changed, renamed or removed: now, or in any commit.

The rule: a version is released once its line stands in ``versions/SHA256SUMS``. From
the first commit that holds the line on,

1. every later commit holds the same line, and
2. every later commit holds the file, with that SHA-256;

and the files as they lie there now answer to both as well. The list, and not the first
commit that holds the *file*, is what counts, because a text may be brought in and
mended before it is released: version 2 was.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from signer.errors import CheckoutError, ReleaseRewritten, VersionFileError
from signer.policy.release.git import Checkout, checkout_of
from signer.policy.sha256sums import parse_sums, read_sums
from signer.policy.versions import SUMS, read_if_there, read_versions


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found to be as it was released.

    Attributes:
        releases: how many versions.
        commits: in how many commits their files were looked at; None where there is
            no history to look at, as in an unpacked archive.
    """

    releases: int
    commits: int | None


def check_immutable(folder: Path) -> Checked:
    """Hold the released versions against their list, and both against history.

    Args:
        folder: the folder of the released versions.

    Raises:
        ReleaseRewritten: a released file, or its line, was changed or removed.
        VersionFileError: a version is not listed, or cannot be read.
        VersionChainError: a version does not name the one before it.
        CheckoutError: the history is cut off (a shallow clone), or git cannot tell.
    """
    sums = read_sums(folder)
    for name, released in sums.items():
        found = _sha256_of(folder / name)
        if found != released:
            raise ReleaseRewritten(name, released, found)
    for version in read_versions(folder):
        if version.filename not in sums:
            raise VersionFileError(
                str(folder / version.filename),
                f"is not listed in {SUMS}: where `signer release` was stopped, run it "
                "again and it finishes",
            )
    return Checked(len(sums), _check_history(folder, sums))


def _sha256_of(path: Path) -> str | None:
    content = read_if_there(path)
    return None if content is None else hashlib.sha256(content).hexdigest()


def _check_history(folder: Path, present: Mapping[str, str]) -> int | None:
    checkout = checkout_of(folder)
    if checkout is None:
        return None
    if checkout.git("rev-parse", "--is-shallow-repository").strip() != b"false":
        raise CheckoutError(
            str(folder),
            "This copy of the project holds the newest commits alone, so it cannot "
            "show that no released version was ever changed. Get all of them with "
            "git fetch --unshallow.",
        )
    if not checkout.says("rev-parse", "--quiet", "--verify", "HEAD^{commit}"):
        return None  # nothing is committed yet
    sums_at, blob_sha256 = _readers(checkout)
    commits = 0
    for commit, parents in _commits(checkout):
        listed, files = sums_at(commit)
        for parent in parents:
            _check_lines(sums_at(parent)[0], listed, commit)
        for name, released in listed.items():
            found = blob_sha256(files[name]) if name in files else None
            if found != released:
                raise ReleaseRewritten(name, released, found, where=commit)
        commits += bool(listed)
    _check_lines(sums_at("HEAD")[0], present, None)
    # A folder that lies in somebody else's checkout has no history in it.
    return commits or None


def _check_lines(
    before: Mapping[str, str], after: Mapping[str, str], where: str | None
) -> None:
    for name, released in before.items():
        if after.get(name) != released:
            raise ReleaseRewritten(
                name, released, after.get(name), where=where, listed=True
            )


def _commits(checkout: Checkout) -> Iterator[tuple[str, list[str]]]:
    """Every commit that touched the folder, the newest first, each with its parents.

    Parents are those among them: commits in between left the folder as it was.
    """
    printed = checkout.git(
        "rev-list", "--full-history", "--parents", "--topo-order", "HEAD", "--", "."
    )
    for line in printed.decode().splitlines():
        commit, *parents = line.split()
        yield commit, parents


Listing = tuple[dict[str, str], dict[str, str]]


def _readers(
    checkout: Checkout,
) -> tuple[Callable[[str], Listing], Callable[[str], str]]:
    """What a commit lists and holds, and the SHA-256 of what it holds, each read once.

    The first gives the SHA-256 by name as the list has them, and git's ids of the
    files by name.
    """
    inside = checkout.git("rev-parse", "--show-prefix").decode().strip()

    @cache
    def blob(identity: str) -> bytes:
        return checkout.git("cat-file", "blob", identity)

    @cache
    def blob_sha256(identity: str) -> str:
        return hashlib.sha256(blob(identity)).hexdigest()

    @cache
    def sums_at(commit: str) -> Listing:
        paths = ["--", inside] if inside else []
        printed = checkout.git("ls-tree", "-z", "--full-tree", commit, *paths)
        files = {}
        for entry in printed.decode(errors="surrogateescape").split("\0")[:-1]:
            kind, name = entry.split("\t", 1)
            files[name.removeprefix(inside)] = kind.split()[2]
        if SUMS not in files:
            return {}, files
        path = f"{SUMS} of commit {commit[:12]}"
        return parse_sums(blob(files[SUMS]), path=path), files

    return sums_at, blob_sha256

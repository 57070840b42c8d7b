"""Every kind of trouble has its entry in the guide, which names its tests."""

from __future__ import annotations

import re
import sys

import pytest

from tests.conftest import REPOSITORY, run

GUIDE = REPOSITORY / "docs" / "guides" / "operators" / "trouble.md"

FAULTS = (
    "The power fails, or a process is killed",
    "The timestamp authority fails, or answers garbage",
    "A key or its passphrase goes missing while the service runs",
    "The mail server keeps silent, sends a byte at a time, or never ends a reply",
    "The mail server breaks off in the middle of a mail",
    "The mail server's certificate cannot be trusted",
    "The mail server refuses for a quota, relaying, a block list or DMARC",
    "The mail server says of everybody that there is no such recipient",
    "The public log cannot be signed",
    "`versions/` is half pulled, or a file in it is damaged",
    "A web process ends, or cannot start",
    "The service is stopped in the middle of a signature",
    "Connections are slow, or do nothing at all",
    'Parents see "This is not our address"',
    "The clock is wrong",
    "No worker runs for days",
    "The disk for files is full",
    "The disk is read-only",
    "The temporary folder is full or missing",
    "A backup or an export is killed",
    "A backup is damaged",
    "Another program holds the database for long",
    (
        "The database's file, or one beside it, is renamed, removed or replaced while"
        " the service runs"
    ),
    (
        "After a crash, another database is next to the log of writes "
        "(`signer.sqlite3-wal`)"
    ),
    "The disk with the database is full, or can only be read",
    "PostgreSQL is restarted",
    "The queue's file (`queue.sqlite3`) is damaged or lost",
)
"""What is promised to be there, by its first words, and in the guide's order."""

_ENTRY = re.compile(r"^- \*\*(.+?)\.\*\*(.+?)(?=^- \*\*|\Z)", re.MULTILINE | re.DOTALL)
_TESTS = re.compile(
    r"^    Tests:\n(.+?)\.\n    \{ \.tests \}$", re.MULTILINE | re.DOTALL
)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")


def entries() -> dict[str, list[tuple[str, str]]]:
    """The tests that each entry names, as file and function, by its first words."""
    found = {}
    for first, rest in _ENTRY.findall(GUIDE.read_text("utf-8")):
        (named,) = _TESTS.findall(rest)
        tests = _TEST.findall(named)
        assert len(tests) == len(named.split(",")), named
        found[" ".join(first.split())] = tests
    return found


def test_the_guide_tells_of_each_and_of_no_other() -> None:
    """In the same order, so that an entry is easily found."""
    assert tuple(entries()) == FAULTS


@pytest.fixture(scope="module")
def collected() -> set[tuple[str, str]]:
    """The file and the function of each test that pytest finds in the files named."""
    paths = sorted({path for tests in entries().values() for path, _ in tests})
    listed = run(
        *(sys.executable, "-m", "pytest", "--collect-only", "--quiet"),
        *("-p", "no:cacheprovider", "-p", "no:xdist", *paths),
        cwd=REPOSITORY,
    )
    return set(re.findall(r"^(tests/[\w/]+\.py)::(test_\w+)", listed, re.MULTILINE))


@pytest.mark.parametrize("fault", FAULTS)
def test_each_names_tests_that_are_collected(
    fault: str, collected: set[tuple[str, str]]
) -> None:
    """Under these very names, in these files: nothing else would run them."""
    tests = entries()[fault]
    assert tests
    assert set(tests) <= collected

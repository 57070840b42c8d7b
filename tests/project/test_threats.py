"""Every defence that the threat model claims has tests that pytest runs."""

from __future__ import annotations

import re
import sys

import pytest

from tests.conftest import REPOSITORY, run

PAGE = REPOSITORY / "docs" / "guides" / "operators" / "threats.md"

_ROW = re.compile(r"^\| (?!Threat \|)(?!-)(.+?) \| (.+?) \| (.*?) \|$", re.MULTILINE)
_TEST = re.compile(r"`(tests/[\w/]+\.py)::(test_\w+)`")

ROWS = {threat: tests for threat, _, tests in _ROW.findall(PAGE.read_text("utf-8"))}
"""What each row names as its tests, by the threat."""


@pytest.fixture(scope="module")
def collected() -> set[tuple[str, str]]:
    """The file and the function of each test that pytest finds in the files named."""
    paths = sorted({path for row in ROWS.values() for path, _ in _TEST.findall(row)})
    listed = run(
        *(sys.executable, "-m", "pytest", "--collect-only", "--quiet"),
        *("-p", "no:cacheprovider", "-p", "no:xdist", *paths),
        cwd=REPOSITORY,
    )
    return set(re.findall(r"^(tests/[\w/]+\.py)::(test_\w+)", listed, re.MULTILINE))


def test_each_row_names_tests_that_are_collected(
    collected: set[tuple[str, str]],
) -> None:
    """Under these very names, in these files, and nothing else in that column."""
    assert len(ROWS) > 30
    for threat, row in ROWS.items():
        tests = _TEST.findall(row)
        assert tests, threat
        assert _TEST.sub("", row).strip() == "", threat
        assert set(tests) <= collected, threat


def test_what_is_not_defended_is_said() -> None:
    """A stolen key and a malicious operator are the first that an auditor asks for."""
    _, _, rest = PAGE.read_text("utf-8").partition("## What is not defended\n")
    undefended = re.findall(r"^- \*\*(.+?)\*\*", rest, re.MULTILINE | re.DOTALL)
    words = " ".join(undefended)
    for named in ("SIGNER_SECRET_KEYS", "seal", "operator", "mailbox"):
        assert named in words

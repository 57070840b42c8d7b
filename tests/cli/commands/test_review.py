"""A review is recorded, and changes nothing else."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from signer.policy.reviews import read_reviews
from tests.policy.releasing import RELEASED

if TYPE_CHECKING:
    from pathlib import Path

from tests.cli.commands.releasing import numbers, signer


def test_a_review_is_recorded_and_nothing_else(project: Path) -> None:
    """The text stays as it is; the date of the next review moves."""
    by = "Executive Headteacher"
    result = signer("review", "--next", "2027-08", "--by", by)
    assert result.exit_code == 0, result.output
    assert "version 2 (August 2022) was reviewed by Executive Headteacher" in (
        result.output
    )
    assert "Next review by August 2027." in result.output
    result = signer("review", "--next", "2027-08", "--by", by, "--json")
    assert json.loads(result.stdout) == {
        "version": 2,
        "reviewed": "2026-11-22",
        "by": by,
        "next": "2027-08",
        "sha256": RELEASED[0].sha256,
    }
    assert len(read_reviews(project / "versions")) == 1
    assert numbers(project) == [2]


def test_a_review_with_a_slip_is_refused(project: Path) -> None:
    """A month that is over is no next review."""
    result = signer("review", "--next", "2026-10", "--by", "Head")
    assert result.exit_code == 1
    assert "--next is 2026-10" in result.stderr
    assert read_reviews(project / "versions") == ()


def test_an_odd_record_of_reviews_fails_the_check(project: Path) -> None:
    """What the change log is made of is checked with the versions."""
    (project / "versions" / "reviews.toml").write_text("[[review]]\n")
    assert signer("versions", "check").exit_code == 1

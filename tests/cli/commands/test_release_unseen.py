"""signer release, of a draft whose change nobody could find, or that says otherwise."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.cli.commands.releasing import draft_of, numbers, signer
from tests.policy.releasing import SOURCE, edited, with_edit

if TYPE_CHECKING:
    from pathlib import Path

GIVEN = ("release", "--summary", "A change.", "--review-by", "2027-08")
ONLY = "only in spaces, or in letters and signs that look alike"
REVIEW = "review date for this document is August 2023."


@pytest.fixture
def unseen(project: Path) -> Path:
    """The project, with one typographic apostrophe for a typewriter's in the draft."""
    draft = with_edit("the school's reputation", "the school\u2019s reputation")
    draft = draft.replace(REVIEW, REVIEW.replace("2023", "2027"))
    folder = project / "versions"
    for path in (folder / "2.md", draft_of(project)):
        text = SOURCE if path.parent == folder else draft
        path.write_text(text.replace("August 2023", "August 2027"), encoding="utf-8")
    (folder / "SHA256SUMS").unlink()
    return project


def test_it_is_asked_about_once_more(unseen: Path) -> None:
    """The answer that is left out is no, and both questions want a yes."""
    for answer in ("", "\n", "n\ny\n", "y\nn\n"):
        result = signer(*GIVEN, "--no-commit", answer=answer)
        assert (result.exit_code, numbers(unseen)) == (1, [2])
    shown = " ".join(result.output.split())
    assert f"1 paragraph changed, {ONLY}." in shown
    assert "[changed: only letters or signs that look alike]" in shown
    assert f"The draft differs from version 2 {ONLY}." in shown
    assert "Release it although it looks the same?" in shown
    result = signer(*GIVEN, "--no-commit", answer="y\ny\n")
    assert (result.exit_code, numbers(unseen)) == (0, [2, 3]), result.output


def test_a_yes_to_all_needs_an_option_of_its_own(unseen: Path) -> None:
    """A script does not ask all parents to sign what nobody can see."""
    result = signer(*GIVEN, "--yes", "--no-commit")
    assert (result.exit_code, numbers(unseen)) == (1, [2])
    assert "--although-it-looks-the-same" in result.stderr
    result = signer(*GIVEN, "--dry-run", "--json")
    assert json.loads(result.stdout)["looks_the_same"] is True
    done = signer(*GIVEN, "--yes", "--no-commit", "--although-it-looks-the-same")
    assert (done.exit_code, numbers(unseen)) == (0, [2, 3]), done.output


def test_what_may_contradict_is_shown_and_asked_about_once(project: Path) -> None:
    """With its line; another option than that for look-alikes answers it."""
    draft = edited("## Purpose\n", "## Purpose\n\nZoom version 5.1 is needed.\n")
    draft_of(project).write_text(draft, encoding="utf-8")
    line = draft[: draft.index("Zoom")].count("\n") + 1
    told = f'Line {line}: "version 5.1", but the release is "version 3"'
    for answer in ("", "y\nn\n"):
        result = signer(*GIVEN, "--no-commit", answer=answer)
        assert (result.exit_code, numbers(project)) == (1, [2])
        assert result.stdout.count(told) == 1
    assert "Release it although it may contradict the release?" in result.output
    result = signer(*GIVEN, "--yes", "--no-commit", "--although-it-looks-the-same")
    assert (result.exit_code, numbers(project)) == (1, [2])
    assert told in result.stderr
    assert "--although-it-may-contradict" in result.stderr
    (doubt,) = json.loads(signer(*GIVEN, "--dry-run", "--json").stdout)["doubts"]
    assert doubt.startswith(told)
    option = "--although-it-may-contradict"
    done = signer(*GIVEN, "--yes", "--no-commit", option)
    assert (done.exit_code, numbers(project)) == (0, [2, 3]), done.output


def test_what_stops_is_told_with_what_would_be_asked_about(project: Path) -> None:
    """So that one look at the draft is enough."""
    draft = edited("## Purpose\n", "## Purpose\n\nZoom version 5.1. TODO\n")
    draft_of(project).write_text(draft, encoding="utf-8")
    result = signer(*GIVEN, "--yes")
    assert result.exit_code == 1
    assert "TODO" in result.stderr
    asked = result.stderr.split("A release would ask about these as well:")[1]
    assert '"version 5.1", but' in asked


def test_the_month_of_the_review_is_quoted_twice(project: Path) -> None:
    """That of the text and that of the option, with the line."""
    draft = edited().replace("document is on its page.", "document is August 2023.")
    draft_of(project).write_text(draft, encoding="utf-8")
    result = signer(*GIVEN, "--yes")
    assert (result.exit_code, numbers(project)) == (1, [2])
    line = draft[: draft.index("August 2023.")].count("\n") + 1
    assert f"Line {line}: " in result.stderr
    assert 'is August 2023.", but the release names "August 2027"' in result.stderr

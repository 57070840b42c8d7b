"""signer release and signer review, as they are typed."""

from __future__ import annotations

import json
import sys
from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest
from markdown import Markdown

from signer import school_calendar
from signer.markdown.rendering import to_html
from signer.policy.sha256sums import read_sums
from signer.policy.versions import read_versions
from signer.redline.changes import changes
from signer.redline.model import redline
from tests.policy.checkouts import NAMED, commit, git
from tests.policy.releasing import RELEASED, SOURCE, edited, release_3

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from signer.workflows.context import AppContext
from tests.cli.commands.releasing import draft_of, numbers, signer

GIVEN = ("--summary", "One policy has another name.", "--review-by", "2027-11")


def commits(project: Path) -> int:
    return int(git(project, "rev-list", "--count", "HEAD"))


def test_a_release_is_shown_asked_about_written_and_committed(project: Path) -> None:
    """The headteacher sees what changes before anything does."""
    result = signer("release", *GIVEN, answer="y\ny\n")
    assert result.exit_code == 0, result.output
    for words in (
        "Version 3 (November 2026)",
        "Released    22 November 2026",
        "Review by   November 2027",
        "Replaces    version 2 (August 2022)",
        "- One policy has another name.",
        "Added: Inclusion Policy",
        "Removed: Anti-racism Policy",
        "How many parents will be asked is not known here",
        "No one has been asked yet.",
    ):
        assert words in result.output, words
    assert numbers(project) == [2, 3]
    assert git(project, "status", "--porcelain") == ""
    assert draft_of(project).read_bytes() == (project / "versions/3.md").read_bytes()
    assert git(project, "log", "-1", "--format=%B").strip() == (
        "Release version 3 (November 2026)\n\n- One policy has another name."
    )
    assert set(git(project, "show", "--name-only", "--format=").split()) == {
        "docs/code-of-conduct.md",
        "versions/3.md",
        "versions/SHA256SUMS",
    }
    assert signer("versions", "check").exit_code == 0


def test_a_no_releases_nothing(project: Path) -> None:
    """The answer that is left out is no."""
    for answer in ("n\n", "\n", ""):
        result = signer("release", *GIVEN, answer=answer)
        assert result.exit_code == 1
        assert numbers(project) == [2]
    assert draft_of(project).read_text(encoding="utf-8") == edited()


def test_a_release_may_be_left_uncommitted_and_committed_later(project: Path) -> None:
    """Git is asked about by itself; the next run finishes what was left."""
    assert signer("release", *GIVEN, answer="y\nn\n").exit_code == 0
    assert (numbers(project), commits(project)) == ([2, 3], 1)
    result = signer("release", *GIVEN, "--yes")
    assert result.exit_code == 0, result.output
    assert "It is finished now." in result.stderr
    assert (numbers(project), commits(project)) == ([2, 3], 2)
    assert git(project, "status", "--porcelain") == ""
    assert signer("release", *GIVEN, "--yes").exit_code == 1


def test_scripts_get_one_json_document(project: Path) -> None:
    """With --yes nothing is asked, and the release is committed."""
    result = signer("release", *GIVEN, "--yes", "--json")
    assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    version = read_versions(project / "versions")[-1]
    assert "Inclusion" in told.pop("redline")
    assert told == {
        "version": 3,
        "label": "November 2026",
        "released": "2026-11-22",
        "review_by": "2027-11",
        "sign_by": None,
        "sign_by_no_school": None,
        "in_force_from": None,
        "approved_by": [],
        "approvals_missing": 0,
        "summary": ["One policy has another name."],
        "sha256": version.sha256,
        "previous_sha256": RELEASED[0].sha256,
        "changes": told["changes"],
        "doubts": [],
        "looks_the_same": False,
        "parents": None,
        "commit": git(project, "rev-parse", "HEAD").strip(),
        "dry_run": False,
    }


def test_json_alone_asks_nothing_so_it_needs_a_yes(project: Path) -> None:
    """A program cannot answer questions: that is wrong usage."""
    result = signer("release", *GIVEN, "--json")
    assert (result.exit_code, numbers(project)) == (2, [2])
    assert "--yes or --dry-run" in result.stderr


def test_a_dry_run_writes_nothing(project: Path) -> None:
    """What would be released is shown, and everything stays as it was."""
    before = git(project, "status", "--porcelain")
    for more in ((), ("--json",)):
        result = signer("release", *GIVEN, "--dry-run", *more)
        assert result.exit_code == 0, result.output
    told = json.loads(result.stdout)
    assert (told["dry_run"], told["commit"], told["version"]) == (True, None, 3)
    assert numbers(project) == [2]
    assert git(project, "status", "--porcelain") == before


def test_a_dry_run_renders_each_text_once(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The text in force and the draft, and one comparison of the two."""
    calls: Counter[str] = Counter()

    def counting(function: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: object) -> object:
            calls[function.__qualname__] += 1
            return function(*arguments)

        return counted

    to_html.cache_clear()
    redline.cache_clear()
    monkeypatch.setattr(Markdown, "convert", counting(Markdown.convert))
    monkeypatch.setattr("signer.redline.model.changes", counting(changes))
    assert signer("release", *GIVEN, "--dry-run", "--json").exit_code == 0
    assert calls == {"Markdown.convert": 2, "changes": 1}


def test_a_dry_run_finishes_nothing_either(project: Path) -> None:
    """A release that was stopped waits for a run in earnest."""
    release_3(project / "versions")
    assert signer("release", *GIVEN, "--dry-run").exit_code == 1
    assert "3.md" not in read_sums(project / "versions")


def test_what_else_is_staged_stays_out_of_the_commit(project: Path) -> None:
    """The commit holds the release, and other work is left as it was."""
    (project / "notes.txt").write_text("Other work\n", encoding="utf-8")
    git(project, "add", "notes.txt")
    assert signer("release", *GIVEN, "--yes").exit_code == 0
    assert git(project, "status", "--porcelain") == "A  notes.txt\n"


def test_no_commit_is_made_where_none_is_wanted(project: Path) -> None:
    """Whoever keeps the history otherwise says so."""
    result = signer("release", *GIVEN, "--yes", "--no-commit", "--json")
    assert json.loads(result.stdout)["commit"] is None
    assert (numbers(project), commits(project)) == ([2, 3], 1)


def test_what_keeps_git_from_committing_is_told_before_the_release(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is released that could not be committed as it was asked for."""
    for name in NAMED:
        if "CONFIG" not in name:
            monkeypatch.delenv(name)
    git(project, "config", "user.useConfigOnly", "true")
    result = signer("release", *GIVEN, "--yes")
    assert (result.exit_code, numbers(project)) == (1, [2])
    assert "git config --global user.name" in result.stderr
    assert "--no-commit" in result.stderr
    git(project, "config", "user.name", "Head")
    git(project, "config", "user.email", "head@example.org")
    git(project, "checkout", "--quiet", "--detach")
    result = signer("release", *GIVEN, "--yes")
    assert (result.exit_code, "git switch main" in result.stderr) == (1, True)
    git(project, "switch", "--quiet", "main")
    assert signer("release", *GIVEN, "--yes").exit_code == 0


def test_a_commit_that_git_refuses_can_be_made_up_for(project: Path) -> None:
    """The release is there and whole; the same command finishes it."""
    hook = project / ".git" / "hooks" / "pre-commit"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text("#!/bin/sh\necho 'Not on a Sunday.' >&2\nexit 1\n")
    hook.chmod(0o755)
    result = signer("release", *GIVEN, "--yes")
    assert result.exit_code == 1
    assert "Version 3 is released, but not committed to git." in result.stderr
    assert "Not on a Sunday." in result.stderr
    assert (numbers(project), commits(project)) == ([2, 3], 1)
    hook.unlink()
    assert signer("release", *GIVEN, "--yes").exit_code == 0
    assert (numbers(project), commits(project)) == ([2, 3], 2)


def test_a_folder_without_git_is_released_into(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Git is a convenience; only --commit insists on it."""
    plain = tmp_path / "plain"
    for name in ("versions", "docs"):
        (plain / name).mkdir(parents=True)
        for file in (project / name).iterdir():
            (plain / name / file.name).write_bytes(file.read_bytes())
    monkeypatch.chdir(plain)
    assert signer("release", *GIVEN, "--yes", "--commit").exit_code == 1
    assert signer("release", *GIVEN, answer="y\n").exit_code == 0
    assert numbers(plain) == [2, 3]
    result = signer("versions", "check")
    assert "There is no git history of them here" in result.output


def test_everything_wrong_with_the_draft_is_listed(project: Path) -> None:
    """With the draft's name, and each thing's line, what it is and how to mend it."""
    draft = edited("## Purpose\n", "## Purpose\n\nTODO\n").replace(
        "- Complaints Procedure Policy", "- `Complaints` Procedure Policy"
    )
    draft_of(project).write_text(draft, encoding="utf-8")
    result = signer("release", *GIVEN, "--yes")
    assert (result.exit_code, numbers(project)) == (1, [2])
    assert result.stderr == (
        "Error: Nothing was released. Correct these in docs/code-of-conduct.md, "
        "and try again:\n"
        '  Line 21: "TODO" in a text that is to be published. '
        "To correct it: finish it, or remove it.\n"
        "  Line 45: code. To correct it: write it as plain words.\n"
    )


def test_an_unchanged_draft_points_to_the_review(project: Path) -> None:
    """Nothing to release is no reason to release it."""
    draft_of(project).write_text(SOURCE, encoding="utf-8")
    result = signer("release", *GIVEN, "--yes")
    assert result.exit_code == 1
    assert "says exactly what version 2 says" in result.stderr
    assert "`signer review`" in result.stderr


def test_the_lines_that_a_release_fills_in_are_no_change(project: Path) -> None:
    """An edited label or date is no release, and stays for its author to see."""
    own = SOURCE.replace("label: August 2022", "label: Autumn 2026")
    draft_of(project).write_text(own, encoding="utf-8")
    for more in ("--dry-run", "--yes"):
        result = signer("release", *GIVEN, more)
        assert result.exit_code == 1
        assert "had been released" not in result.output
    assert draft_of(project).read_text(encoding="utf-8") == own
    assert numbers(project) == [2]


def test_a_draft_that_cannot_be_read_is_named(project: Path) -> None:
    """Missing, or saved by a program that writes something else."""
    result = signer("release", *GIVEN, "--yes", "--draft", "nowhere.md")
    assert (result.exit_code, "nowhere.md" in result.stderr) == (1, True)
    draft_of(project).write_bytes(edited(new="Caf\u00e9\n").encode("cp1252"))
    result = signer("release", *GIVEN, "--yes")
    assert (result.exit_code, "save the file as UTF-8" in result.stderr) == (1, True)
    assert f"Line {edited()[: edited().index('Inclusion')].count(chr(10)) + 1}:" in (
        result.stderr
    )


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("--review-by", "2026-11"), "--review-by is 2026-11: the next review must"),
        (("--review-by", "next year"), "--review-by needs a month such as 2027-08"),
        (("--label", "August 2022"), '--label "August 2022" is that of an older'),
        (("--summary", "TODO"), '--summary holds "TODO"'),
    ],
)
def test_slips_name_their_option(
    project: Path, given: tuple[str, str], words: str
) -> None:
    """What was typed is told as it was typed."""
    result = signer("release", *GIVEN, *given, "--yes")
    assert (result.exit_code, numbers(project)) == (1, [2])
    assert words in result.stderr


def test_two_releases_in_one_month_are_told_apart(project: Path) -> None:
    """The second is called by its day, unless a label is given."""
    signer("release", *GIVEN, "--yes")
    for label, extra in (("22 November 2026", ()), ("Mended", ("--label", "Mended"))):
        draft = draft_of(project)
        draft.write_text(
            draft.read_text(encoding="utf-8") + f"\nSee {extra}.\n", encoding="utf-8"
        )
        assert signer("release", *GIVEN, "--yes", *extra).exit_code == 0
        assert read_versions(project / "versions")[-1].label == label


def test_the_parents_who_will_be_asked_are_counted(
    app_context: AppContext, project: Path
) -> None:
    """Where the register is at hand, the number stands before the question."""
    known = {
        "SIGNER_DATABASE_URL": app_context.settings.database_url,
        "SIGNER_VERSIONS_DIR": str(project / "versions"),
    }
    result = signer("release", *GIVEN, "--dry-run", **known)
    assert "Parents who will be asked to sign it: 4." in result.output
    result = signer("release", *GIVEN, "--dry-run", "--json", **known)
    assert json.loads(result.stdout)["parents"] == 4


def test_a_database_out_of_reach_keeps_nobody_from_releasing(project: Path) -> None:
    """The number is a service to the headteacher, not a condition."""
    result = signer(
        "release",
        *GIVEN,
        "--dry-run",
        SIGNER_DATABASE_URL="postgresql+psycopg://127.0.0.1:1/none",
    )
    assert result.exit_code == 0, result.output
    assert "not known here" in result.output


@pytest.mark.parametrize(
    ("sign_by", "told"),
    [
        ("2026-12-18", None),
        ("2026-12-26", "a Saturday"),
        ("2026-12-28", "a bank holiday, Boxing Day (observed)"),
        ("2027-01-04", "in a school holiday"),
    ],
)
def test_a_deadline_on_a_day_without_school_is_pointed_out(
    project: Path, sign_by: str, told: str | None
) -> None:
    """Before the question, with the next school day, and in the JSON document."""
    given = (*GIVEN, "--sign-by", sign_by, "--dry-run")
    term = {"SIGNER_HOLIDAYS": "2026-12-29..2027-01-04"}
    shown = signer("release", *given, **term).output
    document = json.loads(signer("release", *given, "--json", **term).stdout)
    assert document["sign_by_no_school"] == told
    assert ("not a school day" in shown) == (told is not None)
    if told:
        assert f"This is not a school day: it is {told}." in shown
        assert "The next school day is 5 January 2027." in shown


def test_a_weekend_is_pointed_out_without_the_calendar_of_bank_holidays(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A headteacher's own computer has less than the service."""
    monkeypatch.setitem(sys.modules, "holidays", None)
    school_calendar._bank_holidays.cache_clear()  # noqa: SLF001 - as in a new process
    for sign_by, said in (("2026-12-26", True), ("2026-12-25", False)):
        given = (*GIVEN, "--sign-by", sign_by, "--dry-run")
        result = signer("release", *given)
        assert result.exit_code == 0, result.output
        assert ("it is a Saturday." in result.output) == said
        assert "The next school day" not in result.output


def test_the_check_of_versions_tells_what_it_compared(project: Path) -> None:
    """List, history and database, each as far as it is there."""
    result = signer("versions", "check")
    assert result.exit_code == 0
    assert "1 released" in result.output
    assert "In 1 commits none was changed" in result.output
    assert "There is no database here" in result.output
    told = json.loads(signer("versions", "check", "--json").stdout)
    assert told == {"released": 1, "commits": 1, "compared_with_database": False}


def test_a_rewritten_version_is_told_with_both_fingerprints(project: Path) -> None:
    """Now, and in the commit that did it."""
    path = project / "versions" / "2.md"
    path.write_text(SOURCE.replace("civilised", "civilized", 1), encoding="utf-8")
    result = signer("versions", "check")
    assert result.exit_code == 1
    assert "2.md is not what was released" in result.stderr
    assert RELEASED[0].sha256 in result.stderr
    where = commit(project)
    path.write_text(SOURCE, encoding="utf-8")
    commit(project)
    result = signer("versions", "check")
    assert (result.exit_code, where in result.stderr) == (1, True)
    assert "Find out who made that commit" in result.stderr

"""A draft is approved by name before it is released, where the school says so."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

from signer.policy.change_log import change_log
from signer.policy.versions import in_force, read_versions
from tests.cli.commands.releasing import draft_of, numbers, signer

if TYPE_CHECKING:
    from pathlib import Path

    from click.testing import Result

SETTINGS = {
    "SIGNER_APPROVERS": "Jo Field, Ann O'Hara",
    "SIGNER_APPROVALS_NEEDED": "2",
}
RELEASE = ("release", "--summary", "One policy has another name.")


def run(*arguments: str, answer: str = "") -> Result:
    return signer(*arguments, answer=answer, **SETTINGS)


def release(*more: str) -> Result:
    return run(*RELEASE, "--review-by", "2027-11", "--yes", *more)


def test_a_release_waits_for_its_approvals(project: Path) -> None:
    """It says who is missing; with them, they stand in the version and the log."""
    refused = release()
    assert refused.exit_code == 1
    assert "a release needs 2 approvals of the draft" in refused.stderr
    assert "Not yet approved by: Jo Field, Ann O'Hara." in refused.stderr
    assert "signer review request" in refused.stderr
    assert numbers(project) == [2]

    sha256 = hashlib.sha256(draft_of(project).read_bytes()).hexdigest()
    asked = run("review", "request", "--by", "Head")
    assert asked.exit_code == 0, asked.output
    assert sha256 in asked.stdout
    done = run("review", "approve", "--by", "jo field", "--sha256", sha256, answer="y")
    assert done.exit_code == 0, done.output
    assert "Inclusion Policy" in done.stdout, "what changes is shown first"
    assert "Not yet approved by Ann O'Hara" in done.stdout
    refused = release()
    assert "Approved by: Jo Field. Not yet approved by: Ann O'Hara." in refused.stderr

    assert run("review", "approve", "--by", "Ann O'Hara", "--yes").exit_code == 0
    done = release("--in-force-from", "2027-01-04")
    assert done.exit_code == 0, done.output
    version = in_force(read_versions(project / "versions"))
    assert version.draft_sha256 == sha256
    assert [str(one) for one in version.approvals] == [
        "Jo Field, 2026-11-22",
        "Ann O'Hara, 2026-11-22",
    ]
    assert (version.in_force_from, version.begins) == ("2027-01-04", "2027-01-04")
    entry = change_log([version], [])[0]
    assert (entry.approvals, entry.in_force_from) == (version.approvals, "2027-01-04")
    assert draft_of(project).read_bytes() == version.source


def test_a_changed_draft_is_not_the_one_that_was_approved(project: Path) -> None:
    """A space more is another draft."""
    run("review", "request", "--by", "Head")
    for name in ("Jo Field", "Ann O'Hara"):
        run("review", "approve", "--by", name, "--yes")
    draft = draft_of(project)
    approved = hashlib.sha256(draft.read_bytes()).hexdigest()
    draft.write_bytes(draft.read_bytes() + b"\n")
    refused = release()
    assert refused.exit_code == 1
    assert "Jo Field, Ann O'Hara approved an earlier draft" in refused.stderr
    arguments = ("review", "approve", "--by", "Jo Field", "--yes")
    other = run(*arguments, "--sha256", approved)
    assert (other.exit_code, "not the one" in other.stderr) == (1, True)
    unasked = run(*arguments)
    assert "it may have been changed since" in unasked.stderr
    assert numbers(project) == [2]


def test_a_dry_run_says_what_is_missing(project: Path) -> None:
    """For people, and for programs."""
    shown = release("--dry-run")
    assert (shown.exit_code, "2 still missing for a release" in shown.stdout) == (
        0,
        True,
    )
    document = json.loads(release("--dry-run", "--json").stdout)
    assert (document["approvals_missing"], document["approved_by"]) == (2, [])


def test_nobody_else_approves(project: Path) -> None:
    """And a no records nothing."""
    run("review", "request", "--by", "Head", "--json")
    other = run("review", "approve", "--by", "Sam Reed", "--yes")
    assert "Sam Reed may not approve. Who may: Jo Field, Ann O'Hara" in other.stderr
    no = run("review", "approve", "--by", "Jo Field", answer="n")
    assert (no.exit_code, "Nothing was recorded" in no.stderr) == (1, True)
    document = json.loads(
        run("review", "approve", "--by", "Jo Field", "--yes", "--json").stdout
    )
    assert [one["by"] for one in document["approvals"]] == ["Jo Field"]
    assert document["missing"] == 1


def test_more_approvals_than_people_is_a_slip(project: Path) -> None:
    """Nothing could ever be released."""
    settings = SETTINGS | {"SIGNER_APPROVALS_NEEDED": "3"}
    refused = signer(*RELEASE, "--review-by", "2027-11", "--yes", **settings)
    assert "names only 2" in refused.stderr
    assert numbers(project) == [2]


def test_a_day_that_is_over_is_no_day_to_come(project: Path) -> None:
    """Today neither: without the option the version is in force at once."""
    for day in ("2026-11-22", "2026-11-01", "2027-02-30", "soon"):
        refused = signer(
            *RELEASE, "--review-by", "2027-11", "--yes", "--in-force-from", day
        )
        assert (refused.exit_code, "needs a day to come" in refused.stderr) == (1, True)
    assert numbers(project) == [2]

"""What a release would say of a draft, all at once and with its place."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signer.errors import DraftUnchanged, PolicyError
from signer.policy.release.check import check_draft, default_label, redline_of
from signer.policy.release.prepare import prepare_release
from signer.policy.release.source import DraftText, write_draft
from tests.policy.releases import SECOND

TODAY = "2026-11-30"
DRAFT = DraftText(
    title=SECOND.title,
    declaration=SECOND.declaration,
    body=SECOND.body.replace("August 2023", "November 2027") + "\nOne more sentence.\n",
    summary=("There is one more sentence.",),
    review_by="2027-11",
    school=SECOND.school,
    motto=SECOND.motto,
)
LAST = len(DRAFT.body.split("\n"))


def places(draft: DraftText) -> list[tuple[str, int | None]]:
    """Where something is wrong."""
    found = check_draft(draft, [SECOND], today=TODAY).problems
    return [(one.field, one.line) for one in found]


def test_a_complete_draft_can_be_released() -> None:
    """Nothing is found, and the changes are those of the release."""
    checked = check_draft(DRAFT, [SECOND], today=TODAY)
    assert checked.releasable
    assert (checked.problems, checked.doubts) == ((), ())
    prepared = prepare_release(
        write_draft(DRAFT),
        [SECOND],
        summary=DRAFT.summary,
        label="November 2026",
        released=TODAY,
        review_by=DRAFT.review_by,
    )
    assert checked.redline == prepared.redline


def test_everything_is_told_at_once() -> None:
    """What is missing hides nothing of what is wrong elsewhere."""
    draft = replace(
        DRAFT,
        title="",
        declaration=(),
        summary=(),
        review_by="",
        body=f"{DRAFT.body}\nTODO: `code`\n",
    )
    assert places(draft) == [
        ("body", LAST + 1),
        ("body", LAST + 1),
        ("title", None),
        ("declaration", None),
        ("review_by", None),
        ("summary", None),
    ]


def test_a_line_is_named_by_its_field() -> None:
    """The second statement, the title, the third line of the text."""
    draft = replace(DRAFT, declaration=(DRAFT.declaration[0], "I **do** agree."))
    assert places(draft) == [("declaration", 2)]
    draft = replace(DRAFT, motto="TODO")
    assert places(draft) == [("motto", None)]
    draft = replace(DRAFT, body="## One\n\n\tTwo\n")
    assert places(draft) == [("body", 3)]


def test_a_doubt_has_its_place() -> None:
    """What may contradict the release is found again by whoever wrote it."""
    draft = replace(DRAFT, body=f"{DRAFT.body}\nThe next review is in May 2031.\n")
    checked = check_draft(draft, [SECOND], today=TODAY)
    found = [*checked.problems, *checked.doubts]
    assert [(one.field, one.line) for one in found] == [("body", LAST + 1)]
    assert found[0].words == "The next review is in May …"


def test_what_is_in_force_needs_no_release() -> None:
    """The same words are no change, whatever the summary says."""
    draft = replace(DRAFT, body=SECOND.body, summary=(), review_by="")
    checked = check_draft(draft, [SECOND], today=TODAY)
    assert (checked.unchanged, checked.problems) == (2, ())
    assert not checked.releasable
    with pytest.raises(DraftUnchanged):
        prepare_release(
            write_draft(draft),
            [SECOND],
            summary=("x",),
            label="x",
            released=TODAY,
            review_by="2027-11",
        )


def test_the_first_version_has_nothing_to_differ_from() -> None:
    """There is no redline, and it can be released."""
    checked = check_draft(DRAFT, [], today=TODAY)
    assert checked.releasable
    assert checked.redline is None


def test_what_cannot_be_compared_is_still_checked() -> None:
    """Where a redline is impossible, what stands in the way is named."""
    draft = replace(DRAFT, body="## H\n\n```\ncode\n```\n")
    checked = check_draft(draft, [SECOND], today=TODAY)
    assert checked.redline is None
    assert checked.problems
    assert redline_of(SECOND, draft) is None


@pytest.mark.parametrize("draft", [DraftText("", (), ""), replace(DRAFT, body="")])
def test_nothing_at_all_is_no_error(draft: DraftText) -> None:
    """Somebody who has cleared every box is told what is missing."""
    try:
        checked = check_draft(draft, [SECOND], today=TODAY)
    except PolicyError as error:  # pragma: no cover - the failure
        pytest.fail(str(error))
    assert ("body", 1) in [(one.field, one.line) for one in checked.problems]


def test_a_second_release_of_a_month_is_called_by_its_day() -> None:
    """The month's name is taken."""
    taken = replace(SECOND, label="November 2026")
    assert default_label(TODAY, [SECOND]) == "November 2026"
    assert default_label(TODAY, [taken]) == "30 November 2026"

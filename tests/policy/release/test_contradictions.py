"""A text that says of itself what its release says otherwise is not released."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signer.errors import DraftRefused, ReleaseRefused
from signer.policy.release.contradictions import Stated, contradictions
from signer.policy.release.draft import read_draft
from signer.policy.release.prepare import examine
from tests.policy.releasing import RELEASED, REVIEWED, TO_REVIEW, edited, prepared

STATED = Stated(
    number=3,
    title="Code of Conduct for Everybody",
    label="November 2026",
    review_by="2027-11",
    released="2026-11",
    older_titles=frozenset({"Code of Conduct", "Code of Conduct for Everybody"}),
    older_labels=(("August 2022", 2), ("Mended", 1)),
)


def told(text: str, stated: Stated = STATED) -> list[str]:
    return [one.what for one in contradictions(text.split("\n"), stated)]


@pytest.mark.parametrize(
    "text",
    [
        "The next scheduled review date for this document is August 2023.",
        "Next review: August 2023",
        "**Review date:** 08/2023",
        "Next review: 2023-08",
        "It will be reviewed in Aug. 2023, and so on.",
        "This policy is reviewed every August.",
        "Last reviewed: August 2021. Next review due: August 2023",
        "Last reviewed May 2022, next review 31st August 2023",
        "In August 2023 we will review it.",
        "| Next review | 1 August 2023 |",
        "Review by autumn term 2024",
        "## Next review\n\nAugust 2023",
    ],
)
def test_another_month_of_the_next_review_is_found(text: str) -> None:
    """However it is written; with what the release says."""
    (what,) = told(text)
    assert what.endswith('the release names "November 2027" for the next review')


@pytest.mark.parametrize(
    "text",
    [
        "The next review is in November 2027.",
        "The next review takes place in 2027.",
        "This policy is reviewed every November.",
        "It was last reviewed in August 2021.",
        "The review of March 2020 found nothing.",
        "It was reviewed by the governors in March 2022.",
        "Under the Education Act 2011 we will review it.",
        "In May 2020 the school moved.",
        "We may review it again.",
    ],
)
def test_other_months_are_left_alone(text: str) -> None:
    """The month of the release's own review, and those of what is past."""
    assert told(text) == []


def test_the_review_of_the_schools_own_text_is_told_with_its_line() -> None:
    """Version 2 names August 2023, and its draft is edited elsewhere alone."""
    draft = edited().replace(TO_REVIEW, REVIEWED)
    with pytest.raises(DraftRefused) as refused:
        prepared(draft)
    (error,) = refused.value.problems
    assert error.line == draft[: draft.index(REVIEWED)].count("\n") + 1
    assert error.what == (
        f'"{REVIEWED}", but the release names "November 2027" for the next review'
    )
    assert error.remedy == 'write November 2027 in place of "August 2023"'
    mended = draft.replace("is August 2023.", "is November 2027.")
    assert prepared(mended).version.number == 3


def test_a_summary_names_the_review_of_its_release_too() -> None:
    """Parents read it in the mail, above the text."""
    with pytest.raises(ReleaseRefused) as refused:
        prepared(edited(), summary=["The next review is now in May 2028."])
    assert refused.value.field == "summary"
    assert '"November 2027"' in refused.value.problem


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("This is version 2.", '"version 2", but the release is "version 3"'),
        ("This is Version 2.1 of it.", '"Version 2.1", but'),
        ("v2, for parents", '"v2", but'),
        ("Version: 4", '"Version: 4", but'),
        ("This Code of\nConduct binds.", 'the title "Code of Conduct", but'),
        ("Code of conduct (August 2022)", '"August 2022", which is what version 2'),
    ],
)
def test_a_number_title_or_label_of_another_version_is_found(
    text: str, quoted: str
) -> None:
    """Each with what the release is."""
    assert quoted in " ".join(told(text))


@pytest.mark.parametrize(
    "text",
    [
        "This is version 3.0 of the Code of Conduct for Everybody.",
        "It replaces version 2 of the Code of Conduct, of August 2022.",
        "Since August 2022 the school is in another place.",
        "Pupils mended it.",
        "On 31 August 2022 the term began.",
        "A Unicode of conduct.",
    ],
)
def test_what_is_right_or_speaks_of_the_past_is_left_alone(text: str) -> None:
    """A text may say what it replaces."""
    assert told(text) == []


def test_a_draft_is_held_against_the_versions_before() -> None:
    """Title and label are those of the released versions."""
    draft = edited("title: Social Media Code", "title: Online Code")
    with pytest.raises(DraftRefused) as refused:
        prepared(draft)
    assert {one.what.split(",")[0] for one in refused.value.problems} == {
        f'the title "{RELEASED[0].title}"'
    }
    with pytest.raises(DraftRefused) as refused:
        prepared(edited("## Purpose\n", "## Purpose\n\nAugust 2022\n"))
    assert '"August 2022"' in refused.value.problems[0].what


def test_a_preview_finds_what_no_release_could_say() -> None:
    """It knows no month of a review, but which ones there cannot be."""
    preview = replace(STATED, review_by="", label="")
    for month in ("August 2023", "November 2026", "December 2029"):
        assert len(told(f"The next review is in {month}.", preview)) == 1
    assert told("The next review is in November 2027.", preview) == []
    (what,) = told("Next review: May 2027\n\nNext review: June 2027", preview)
    assert 'the text elsewhere names "May 2027"' in what


def test_a_release_and_a_preview_ask_the_same_function() -> None:
    """What is found without the month of the review is found with it."""
    draft = read_draft(edited("## Purpose\n", "## Purpose\n\nThis is version 9.\n"))
    for known in ({}, {"review_by": "2027-11", "label": "November 2026"}):
        with pytest.raises(DraftRefused) as refused:
            examine(draft, RELEASED, released="2026-11", **known)
        assert len(refused.value.problems) == 1

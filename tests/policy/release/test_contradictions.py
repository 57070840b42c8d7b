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


def stopped(text: str, stated: Stated = STATED) -> list[str]:
    found = contradictions(text.split("\n"), stated)
    return [one.error.what for one in found if one.is_certain]


def asked(text: str, stated: Stated = STATED) -> list[str]:
    found = contradictions(text.split("\n"), stated)
    return [one.error.what for one in found if not one.is_certain]


@pytest.mark.parametrize(
    "text",
    [
        "The next scheduled review date for this document is August 2023.",
        "Next review: August 2023",
        "**Review date:** 08/2023",
        "Next review: 2023-08",
        "This policy will be reviewed by the governing body in Aug. 2023, and so on.",
        "This policy is reviewed every August.",
        "Last reviewed: August 2021. Next review due: August 2023",
        "Last reviewed May 2022, next review 31st August 2023",
        "Review - August 2023",
        "Review date: 31/08/23",
        "Review date: 31.08.2023",
        "Reviewed annually. The next one is in August 2023",
        "Last reviewed August 2026, next August 2023",
        "Our Code of Conduct for Everybody is reviewed each June.",
        "| Approved: October 2026 | Next review: August 2023 |",
        "Review of this policy: August 2023",
        "| Next review | 1 August 2023 |",
        "Review by autumn term 2024",
        "## Next review\n\nAugust 2023",
        "| Text | Next review |\n|---|---|\n| This policy | August 2023 |",
    ],
)
def test_another_month_of_the_next_review_is_found(text: str) -> None:
    """However it is written; with what the release says."""
    (what,) = stopped(text)
    assert what.endswith('the release names "November 2027" for the next review')
    assert asked(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "Your child's targets will be reviewed every January.",
        "Uniform prices are reviewed each June.",
        "The uniform policy is reviewed each June.",
        "The next progress review is in March 2027.",
        "This policy will be reviewed with the Behaviour Policy of May 2025.",
        "It will be reviewed in Aug. 2023.",
        "In August 2023 we will review it.",
        "Review of targets: March 2027",
        "| Approved | Next review |\n|:--|--:|\n| October 2026 | 1 August 2023 |",
    ],
)
def test_a_month_of_what_may_be_another_review_is_asked_about(text: str) -> None:
    """Other things are reviewed too: no release is stopped for them."""
    (what,) = asked(text)
    assert what.endswith('the release names "November 2027" for the next review')
    assert stopped(text) == []


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
        "| Approved: October 2026 | Next review: November 2027 |",
        "Policy date: November 2026, review date: November 2027",
        "This code is dated September 2024 and will be reviewed in November 2027.",
        "Next review: 30/11/27",
        "| Last review | Next review |\n|---|---|\n| August 2021 | November 2027 |",
    ],
)
def test_other_months_are_left_alone(text: str) -> None:
    """The month of the release's own review, and those of what is past."""
    assert stopped(text) + asked(text) == []


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
    assert prepared(mended).doubts == ()


def test_a_summary_names_the_review_of_its_release_too() -> None:
    """Parents read it in the mail, above the text."""
    with pytest.raises(ReleaseRefused) as refused:
        prepared(edited(), summary=["The next review is now in May 2028."])
    assert refused.value.field == "summary"
    assert '"November 2027"' in refused.value.problem
    (doubt,) = prepared(edited(), summary=["Zoom version 5.1 is needed."]).doubts
    assert doubt.sentence.startswith('The summary says "version 5.1", but')


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("This is version 2.", '"version 2", but the release is "version 3"'),
        ("This is version two.", '"version two", but the release is "version 3"'),
        ("This is Version 2.1 of it.", '"Version 2.1", but'),
        ("This is version 2, first published in May 2020.", '"version 2", but'),
        ("## v2, for parents and carers", '"v2", but'),
        ("Version: 4", '"Version: 4", but'),
        ("| Version | 2 |", '"Version | 2", but'),
        ("Read version 2 of this code.", '"version 2", but'),
        ("This Code of\nConduct binds.", 'the title "Code of Conduct", but'),
        ("## Code of Conduct", 'the title "Code of Conduct", but'),
        ("Code of conduct (August 2022)", '"August 2022", which is what version 2'),
        ("Last updated: August 2022", '"August 2022", which is what version 2'),
    ],
)
def test_a_number_title_or_label_of_another_version_is_found(
    text: str, quoted: str
) -> None:
    """Each with what the release is."""
    assert quoted in " ".join(stopped(text))


@pytest.mark.parametrize(
    ("text", "quoted"),
    [
        ("Read version 2 of the Home Office guidance.", '"version 2", but'),
        ("Zoom version 5.1 is needed.", '"version 5.1", but'),
        ("Parents read version two with care.", '"version two", but'),
        ("Issue 2", '"Issue 2", but'),
        ("We like the Code of Conduct.", 'the title "Code of Conduct", but'),
        ("Our rules of August 2022 hold.", '"August 2022", which is what version 2'),
        ("| 1 | August 2022 |", '"August 2022", which is what version 2'),
        ("- Version 2, August 2022", '"Version 2", but'),
    ],
)
def test_what_may_be_of_another_text_is_asked_about(text: str, quoted: str) -> None:
    """Other texts have numbers, and other things happened in an older month."""
    assert quoted in " ".join(asked(text))
    assert stopped(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "This is version 3.0 of the Code of Conduct for Everybody.",
        "This is version three.",
        "It replaces version 2 of the Code of Conduct, of August 2022.",
        "It replaces version 2 of this code.",
        "Since August 2022 the school is in another place.",
        "It was first published in August 2022.",
        "The new building opened in August 2022.",
        "The governors adopted it in August 2022.",
        "Come to the football, Year 7 v 8.",
        "Read the staff code of conduct.",
        "Pupils mended it.",
        "On 31 August 2022 the term began.",
        "A Unicode of conduct.",
        "| Version | Date |\n|---|---|\n| 2 | August 2022 |\n| 3 | November 2026 |",
        "- Version 1: the first text\n- Version 2: photos\n- Version 3: smart watches",
        "1. Version 1 (Mended)\n2. Version 2 (August 2022)",
    ],
)
def test_what_is_right_or_speaks_of_the_past_is_left_alone(text: str) -> None:
    """A text may say what it replaces, and list its versions."""
    assert stopped(text) + asked(text) == []


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
        assert len(stopped(f"The next review is in {month}.", preview)) == 1
    assert stopped("The next review is in November 2027.", preview) == []
    (what,) = stopped("Next review: May 2027\n\nNext review: June 2027", preview)
    assert 'the text elsewhere names "May 2027"' in what


def test_a_release_and_a_preview_ask_the_same_function() -> None:
    """What is found without the month of the review is found with it."""
    draft = read_draft(edited("## Purpose\n", "## Purpose\n\nThis is version 9.\n"))
    for known in ({}, {"review_by": "2027-11", "label": "November 2026"}):
        with pytest.raises(DraftRefused) as refused:
            examine(draft, RELEASED, released="2026-11", **known)
        assert len(refused.value.problems) == 1

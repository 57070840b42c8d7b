"""The change log: releases and reviews in one order, and what is due next."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signer.errors import VersionFileError
from signer.policy.change_log import change_log, review_due
from signer.policy.reviews import Review
from tests.policy.releasing import RELEASED, edited, prepared

TWO = RELEASED[0]
THREE = replace(prepared(edited()).version, released="2026-11-22", review_by="2027-11")
OF_2 = Review("2023-08-01", 2, "Executive Headteacher", "2024-08")
AGAIN = Review("2024-08-20", 2, "Executive Headteacher", "2025-08")
OF_3 = Review("2026-11-22", 3, "Governors", "2028-01")


def test_releases_and_reviews_stand_newest_first() -> None:
    """A review follows the release it is of, even where both fell on one day."""
    log = change_log((TWO, THREE), (OF_2, AGAIN, OF_3))
    assert [(one.kind, one.at, one.version.number, one.by) for one in log] == [
        ("review", "2026-11-22", 3, "Governors"),
        ("release", "2026-11-22", 3, None),
        ("review", "2024-08-20", 2, "Executive Headteacher"),
        ("review", "2023-08-01", 2, "Executive Headteacher"),
        ("release", "2022-08", 2, None),
    ]
    assert [one.next_review for one in log] == [
        "2028-01",
        "2027-11",
        "2025-08",
        "2024-08",
        "2023-08",
    ]


def test_releases_tell_what_changed_and_reviews_have_nothing_to_tell() -> None:
    """The summary drives what parents are told; a review changes nothing."""
    review, release = change_log((TWO,), (OF_2,))
    assert (review.summary, release.summary) == ((), TWO.summary)


def test_a_review_of_a_version_that_never_was_is_refused() -> None:
    """The record and the released files belong together."""
    with pytest.raises(VersionFileError, match="version 3"):
        change_log((TWO,), (OF_3,))


def test_an_empty_folder_has_an_empty_log() -> None:
    """Before the first release there is nothing to tell."""
    assert change_log((), ()) == ()
    with pytest.raises(VersionFileError):
        review_due((), ())


def test_a_review_moves_the_date() -> None:
    """The last review of the version in force counts; without one, its own month."""
    assert review_due((TWO,), ()) == "2023-08"
    assert review_due((TWO,), (OF_2,)) == "2024-08"
    assert review_due((TWO,), (OF_2, AGAIN)) == "2025-08"


def test_a_release_sets_the_date_anew() -> None:
    """What was agreed for an older version is over."""
    assert review_due((TWO, THREE), (OF_2, AGAIN)) == "2027-11"
    assert review_due((TWO, THREE), (OF_2, AGAIN, OF_3)) == "2028-01"

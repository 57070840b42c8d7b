"""Where a declaration stands today."""

from __future__ import annotations

from dataclasses import replace

import pytest

from signer.audit.currency import Fate, standing_check
from signer.errors import NotChecked
from tests.conftest import MOMENT
from tests.declaration.forgery import VERSION

LATER = replace(VERSION, number=3, label="November 2026")


def test_the_newest_version_is_in_force() -> None:
    """Nothing newer is at hand, and the record knows of nothing either."""
    for fate in (None, Fate()):
        assert standing_check(2, [VERSION], fate) == ("Version 2 is the one in force.")
    assert "is the one in force" in standing_check(3, [LATER, VERSION])


def test_an_older_version_is_named_with_the_newest() -> None:
    """Whatever their order."""
    for versions in ([VERSION, LATER], [LATER, VERSION]):
        said = standing_check(2, versions)
        assert "Version 2 is no longer in force" in said
        assert "version 3 (November 2026)" in said


def test_what_the_record_tells_is_added() -> None:
    """Who signed anew, and who left."""
    said = standing_check(2, [VERSION], Fate("D-0000-0000-0000", MOMENT))
    assert "has since signed D-0000-0000-0000." in said
    assert "It is withdrawn: the parent left" in said
    assert "22 November 2026" in said


def test_a_version_that_is_not_at_hand_leaves_it_open() -> None:
    """An older copy of the versions cannot tell of a newer declaration."""
    for versions in ([], [VERSION]):
        with pytest.raises(NotChecked, match="Version 3"):
            standing_check(3, versions)

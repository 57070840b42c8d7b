"""What has become of a declaration since: still in force, replaced, or withdrawn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from signer import clock
from signer.errors import NotChecked
from signer.policy.dates import date_in_words
from signer.policy.versions import Version
from signer.school_calendar import school_date


@dataclass(frozen=True, slots=True)
class Fate:
    """What the school's record tells of a declaration after it was signed."""

    replaced_by: str | None = None
    """The declaration that the parent signed in its place."""
    left_at: datetime | None = None
    """When the parent left the register."""


def standing_check(
    number: int, versions: Collection[Version], fate: Fate | None = None
) -> str:
    """Say where a declaration stands today.

    It is for a reader to know, and never a "no": what was agreed was agreed.

    Args:
        number: the version that was signed.
        versions: the released versions, as far as they are at hand.
        fate: what the school's record tells, where that is at hand.

    Returns:
        The sentences that say what was found.

    Raises:
        NotChecked: that version is not at hand.
    """
    if number not in {one.number for one in versions}:
        raise NotChecked(
            f"Version {number} of the policy is not here, so nothing here says "
            "whether it is still in force."
        )
    today = school_date(clock.now()).isoformat()
    begun = [one for one in versions if one.begins <= today[: len(one.begins)]]
    newest = max(begun or versions, key=lambda one: one.number)
    signed = next(one for one in versions if one.number == number)
    if newest.number == number:
        standing = f"Version {number} is the one in force."
    elif newest.number < number:
        standing = f"Version {number} is in force from {date_in_words(signed.begins)}."
    else:
        standing = (
            f"Version {number} is no longer in force: version {newest.number} "
            f"({newest.label}) is, and a signature on that is another declaration."
        )
    told = [standing]
    if fate and fate.replaced_by:
        told.append(f"The same parent has since signed {fate.replaced_by}.")
    if fate and fate.left_at:
        told.append(
            "It is withdrawn: the parent left the school's register on "
            f"{clock.in_school_time(fate.left_at)}."
        )
    return " ".join(told)

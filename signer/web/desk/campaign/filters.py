"""Which parents a page is about, by what stands in its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from werkzeug.datastructures import MultiDict

from signer.workflows.campaigns.selection import Selection, State

STATES = {
    "outstanding": (State.OUTSTANDING, "Outstanding"),
    "signed": (State.SIGNED, "Signed"),
    "declined": (State.DECLINED, "Declined"),
    "disputed": (State.DISPUTED, "Not the parent, it is said"),
    "need-not-sign": (State.NEED_NOT_SIGN, "Need not sign"),
    "not-asked": (State.NOT_ASKED, "Not asked yet"),
}
"""Where a parent stands: in an address, in the code, and in words."""

MORE = {
    "overdue": "Deadline has passed",
    "never-opened": "Never opened a link",
    "bounced": "Mail did not arrive",
}
"""What else can be chosen by."""

LONGEST_YEAR = 40


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen.

    Attributes:
        year: a year group, such as ``Year 7``; empty for any.
        state: a key of `STATES`; empty for any.
        more: a key of `MORE`; empty for none.
        selection: the same, for workflows.
        query: the same, for addresses.
    """

    year: str
    state: str
    more: str

    @property
    def selection(self) -> Selection:
        """Who is meant by them."""
        return Selection(
            year_groups=frozenset([self.year] if self.year else []),
            states=frozenset([STATES[self.state][0]] if self.state else []),
            never_opened=self.more == "never-opened",
            bounced=self.more == "bounced",
            overdue=self.more == "overdue",
        )

    @property
    def query(self) -> Mapping[str, Any]:
        """What they are in an address; what is not chosen is not in it."""
        given = {"year": self.year, "state": self.state, "more": self.more}
        return {name: value for name, value in given.items() if value}


def filters_of(given: MultiDict[str, str]) -> Filters:
    """What was chosen, from an address or a form; what is unknown is left out."""
    state, more = given.get("state", ""), given.get("more", "")
    return Filters(
        given.get("year", "").strip()[:LONGEST_YEAR],
        state if state in STATES else "",
        more if more in MORE else "",
    )

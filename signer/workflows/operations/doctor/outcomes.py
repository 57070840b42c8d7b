"""The outcome of one check."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Outcome(StrEnum):
    """How a check ended."""

    OK = "ok"
    NOT_CHECKED = "not checked"
    WARNING = "warning"
    """Somebody has to act before something breaks, or know what they do."""
    PROBLEM = "problem"
    """Something that parents depend on does not work."""


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was checked.

    Attributes:
        about: what was checked, in a word or two.
        outcome: how it ended.
        found: what was found, in a sentence without secrets or personal data.
        what_to_do: where to look or what to set; empty where nothing is to be done.
    """

    about: str
    outcome: Outcome
    found: str
    what_to_do: str = ""


def ok(about: str, found: str) -> Check:
    """Return a check that found nothing wrong."""
    return Check(about, Outcome.OK, found)


def not_checked(about: str, reason: str, what_to_do: str = "") -> Check:
    """Return a check that could not be made, with the reason."""
    return Check(about, Outcome.NOT_CHECKED, reason, what_to_do)


def warning(about: str, found: str, what_to_do: str) -> Check:
    """Return a check that found something to act upon."""
    return Check(about, Outcome.WARNING, found, what_to_do)


def problem(about: str, found: str, what_to_do: str) -> Check:
    """Return a check that found something broken."""
    return Check(about, Outcome.PROBLEM, found, what_to_do)

"""What somebody of the school may do at the desk."""

from __future__ import annotations

from enum import StrEnum


class DeskRole(StrEnum):
    """One role of an account; each account has one."""

    HEAD = "head"
    """Does everything: decides on the text, on releases and on the accounts."""
    REVIEWER = "reviewer"
    """Reads the draft, comments on it and approves it; sees numbers, and no parent."""
    OFFICE = "office"
    """Looks after the register, the campaign and what parents write."""
    AUDITOR = "auditor"
    """Sees the records, and changes nothing."""

"""The roles in words."""

from __future__ import annotations

from signer.store.desk.roles import DeskRole

ROLES = {
    DeskRole.HEAD: (
        "Headteacher",
        "Does everything: the text, releases, parents, records, and who may sign in.",
    ),
    DeskRole.REVIEWER: (
        "Head of School",
        "Reads the draft, comments on it and approves it. Sees numbers, and no parent.",
    ),
    DeskRole.OFFICE: (
        "Office",
        "Looks after parents, reminders, questions and paper forms.",
    ),
    DeskRole.AUDITOR: ("Auditor", "Sees the records, and changes nothing."),
}
"""What each is called, and what it is for."""

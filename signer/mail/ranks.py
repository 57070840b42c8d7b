"""Which mails go out first when many wait."""

from __future__ import annotations

from signer.mail.compose import Kind

AWAITED, STAFF, CAMPAIGN, REMINDERS = range(4)

RANKS = {
    Kind.RECEIPT: AWAITED,
    Kind.NEW_LINK: AWAITED,
    Kind.ACKNOWLEDGEMENT: AWAITED,
    Kind.OFFICE_DECLINE: STAFF,
    Kind.OFFICE_QUESTION: STAFF,
    Kind.OFFICE_NOT_ME: STAFF,
    Kind.OFFICE_PAPER: STAFF,
    Kind.OFFICE_REFUSED: STAFF,
    Kind.HEAD_ALARM: STAFF,
    Kind.HEAD_REVIEW: STAFF,
    Kind.ASK: CAMPAIGN,
    Kind.REMIND: REMINDERS,
    Kind.WITNESS: REMINDERS,
}
"""From 0, which goes first: what a parent waits for never waits behind a campaign."""

TO_STAFF = frozenset(kind for kind, rank in RANKS.items() if rank == STAFF)
"""What goes to the office and the headteacher, and is never given up."""

"""The kinds of mail: to whom each goes, how soon, and what it may hold."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum, StrEnum


class Kind(StrEnum):
    """What a mail is about."""

    ASK = "ask"
    RECEIPT = "receipt"
    ACKNOWLEDGEMENT = "acknowledgement"
    NEW_LINK = "new_link"
    ANSWER = "answer"
    REMIND = "remind"
    ERASURE = "erasure"
    YEARLY = "yearly"
    OFFICE_DECLINE = "office_decline"
    OFFICE_QUESTION = "office_question"
    OFFICE_NOT_ME = "office_not_me"
    OFFICE_PAPER = "office_paper"
    OFFICE_NAME = "office_name"
    OFFICE_REFUSED = "office_refused"
    HEAD_ALARM = "head_alarm"
    HEAD_REVIEW = "head_review"
    HEAD_RETENTION = "head_retention"
    WITNESS = "witness"
    STAFF_RELEASE = "staff_release"
    STAFF_OVERDUE = "staff_overdue"
    DESK_SIGN_IN = "desk_sign_in"
    DRAFT_REVIEW = "draft_review"
    OFFICE_CHECK = "office_check"
    DESK_DIGEST = "desk_digest"


class Rank(IntEnum):
    """Which mails go out first when many wait: from 0, which goes first.

    What a parent waits for never waits behind a campaign. What goes to staff is
    never given up.
    """

    AWAITED = 0
    STAFF = 1
    CAMPAIGN = 2
    REMINDERS = 3
    YEARLY = 4


@dataclass(frozen=True, slots=True)
class MailKind:
    """What sets one kind of mail apart.

    Attributes:
        rank: its place among mails that wait.
        reply_to: the value that holds the address for answers. A question is answered
            to the parent; a mail that reached a stranger is not.
        to_parent: whether it can be had in other languages than English.
        has_link: whether it opens a request.
        command: what the office types next, with ``{email}`` and ``{name}``.
    """

    rank: Rank
    reply_to: str = ""
    to_parent: bool = False
    has_link: bool = False
    command: str = ""


MAIL_KINDS = {
    Kind.ASK: MailKind(Rank.CAMPAIGN, "office_email", to_parent=True, has_link=True),
    Kind.RECEIPT: MailKind(Rank.AWAITED, "office_email", to_parent=True),
    Kind.ACKNOWLEDGEMENT: MailKind(Rank.AWAITED, "office_email", to_parent=True),
    Kind.ANSWER: MailKind(Rank.AWAITED, "office_email", to_parent=True),
    Kind.NEW_LINK: MailKind(
        Rank.AWAITED, "office_email", to_parent=True, has_link=True
    ),
    Kind.REMIND: MailKind(
        Rank.REMINDERS, "office_email", to_parent=True, has_link=True
    ),
    Kind.ERASURE: MailKind(Rank.AWAITED, "office_email", to_parent=True),
    Kind.YEARLY: MailKind(Rank.YEARLY, "office_email", to_parent=True),
    Kind.OFFICE_DECLINE: MailKind(Rank.STAFF, "parent_email"),
    Kind.OFFICE_QUESTION: MailKind(Rank.STAFF, "parent_email"),
    Kind.OFFICE_NOT_ME: MailKind(
        Rank.STAFF, command="signer disputes settle {email} --name {name}"
    ),
    Kind.OFFICE_PAPER: MailKind(
        Rank.STAFF, "parent_email", command="signer record-paper {email} --name {name}"
    ),
    Kind.OFFICE_NAME: MailKind(Rank.STAFF, "parent_email"),
    Kind.OFFICE_REFUSED: MailKind(Rank.STAFF, command="signer register list"),
    Kind.HEAD_ALARM: MailKind(Rank.STAFF),
    Kind.HEAD_REVIEW: MailKind(Rank.STAFF),
    Kind.HEAD_RETENTION: MailKind(Rank.STAFF),
    Kind.WITNESS: MailKind(Rank.REMINDERS, "office_email"),
    Kind.STAFF_RELEASE: MailKind(Rank.CAMPAIGN, "office_email"),
    Kind.STAFF_OVERDUE: MailKind(Rank.STAFF, "office_email"),
    Kind.DESK_SIGN_IN: MailKind(Rank.AWAITED),
    Kind.DRAFT_REVIEW: MailKind(Rank.STAFF, "office_email"),
    Kind.OFFICE_CHECK: MailKind(Rank.STAFF),
    Kind.DESK_DIGEST: MailKind(Rank.REMINDERS),
}

TO_PARENTS = frozenset(kind for kind, row in MAIL_KINDS.items() if row.to_parent)
TO_STAFF = frozenset(kind for kind, row in MAIL_KINDS.items() if row.rank is Rank.STAFF)
WITH_LINK = frozenset(kind for kind, row in MAIL_KINDS.items() if row.has_link)

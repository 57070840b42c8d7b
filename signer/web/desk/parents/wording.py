"""What states, mails and deliveries are called on the pages about parents."""

from __future__ import annotations

from signer.workflows.campaigns.selection import State
from signer.workflows.parents.browse import LEFT

STATES = {
    State.NOT_ASKED: "Not asked yet",
    State.OUTSTANDING: "Outstanding",
    State.SIGNED: "Signed",
    State.DECLINED: "Declined",
    State.DISPUTED: "In dispute",
    State.NEED_NOT_SIGN: "Need not sign",
    LEFT: "Left",
}
"""Where a parent may stand, as it is shown."""

MAILS = {
    "ask": "Asked to sign",
    "remind": "Reminder",
    "new_link": "New link",
    "receipt": "Receipt with the declaration",
    "acknowledgement": "Confirmation of the paper form",
    "answer": "Answer from the office",
    "yearly": "Yearly email of what is recorded",
}
"""What the mails to a parent are called; any other went to the school."""

DELIVERIES = {
    "queued": "Waiting to be sent",
    "sent": "Accepted by the mail server",
    "refused": "Refused by the mail server",
    "dropped": "Not sent, since it was no longer needed",
}

TOLD = {
    "decline": "Declined",
    "question": "Asked a question",
    "not_me": "Said that the email reached the wrong person",
    "paper": "Asked to sign on paper",
}

STATUSES = {
    "pending": "Outstanding",
    "signed": "Signed",
    "declined": "Declined",
    "superseded": "Replaced by a newer version",
    "withdrawn": "Closed, because they left",
}

"""What the last nightly reconciliation found between the record and the log."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from signer.store.transient import Reconciliation
from signer.workflows.reconciliation.disagreement import Between


@dataclass(frozen=True, slots=True)
class Differs:
    """That the record lacks what the log tells of, or says something else.

    Attributes:
        at: when it was seen.
        subject: what the first disagreement is about, by its reference.
        problem: what disagrees there, as a sentence.
        more: how many more of the kind are kept.
    """

    at: datetime
    subject: str
    problem: str
    more: int


def differs_from_log(session: Session) -> Differs | None:
    """How the record differs from the log; None where the last run saw nothing of it.

    Args:
        session: a transaction.
    """
    last = session.get(Reconciliation, 1)
    if last is None:
        return None
    own = [one for one in json.loads(last.first) if one["between"] == Between.LOG]
    if not own:
        return None
    first = own[0]
    return Differs(
        last.checked_at, first["subject"], first["problem"], more=len(own) - 1
    )

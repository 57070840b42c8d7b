"""Signed heads that people have shown, and that today's log does not fit."""

from __future__ import annotations

import hashlib

from signer import clock
from signer.store.log.append import lock_log
from signer.store.log.tables import ContradictingHead
from signer.workflows.context import AppContext
from signer.workflows.log.origins import origins
from signer.workflows.mailing.alarms import queue_alarm


def note_contradiction(context: AppContext, note: str) -> None:
    """Keep a signed head that the log does not fit, and sound the alarm.

    Afterwards no head is signed until the log was reopened after it: it is as good as
    one that was held here. One from before a reopening holds nothing up, and is kept as
    evidence. The headteacher's address has an alarm in the outbox.

    Args:
        context: the context.
        note: the signed head, its signature checked.
    """
    mark = hashlib.sha256(note.encode()).hexdigest()
    with context.sessions.writing() as session:
        lock_log(session)
        if session.get(ContradictingHead, mark) is None:
            session.add(ContradictingHead(sha256=mark, note=note, shown_at=clock.now()))
        before = {one.origin for one in origins(session)[:-1]}
        lost = note.partition("\n")[0] in before
        queue_alarm(session, "lost" if lost else "contradicted")

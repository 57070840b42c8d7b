"""Reconciling the record: every part against the others, in one snapshot."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import delete, func, select

from signer import clock
from signer.store.log.append import lock_log
from signer.store.log.hashes import use_snapshot
from signer.store.tables import (
    Declaration,
    Request,
)
from signer.store.transient import Reconciliation
from signer.workflows.context import AppContext
from signer.workflows.mailing.alarms import queue_alarm
from signer.workflows.reconciliation.disagreement import Between, Disagreement
from signer.workflows.reconciliation.files import (
    check_seal_key,
    check_versions,
    verification_inputs,
)
from signer.workflows.reconciliation.log_events import check_events, check_log_whole
from signer.workflows.reconciliation.mail import check_mail
from signer.workflows.reconciliation.pdfs import (
    check_archive_copies,
    check_pdfs,
    check_unsealed,
)
from signer.workflows.reconciliation.requests import check_campaign, check_requests
from signer.workflows.reconciliation.storage import check_storage

_log = logging.getLogger(__name__)

MOST_KEPT = 100
"""How many disagreements of a nightly run are kept to look at."""


@dataclass(frozen=True, slots=True)
class Reconciled:
    """What a reconciliation found.

    Attributes:
        at: when it was made.
        requests: how many requests were compared.
        declarations: how many declarations.
        verified: whether each PDF was verified, besides its SHA-256.
        disagreements: all that was found.
    """

    at: datetime
    requests: int
    declarations: int
    verified: bool
    disagreements: tuple[Disagreement, ...]


def reconcile(
    context: AppContext,
    *,
    verify: bool = False,
    progress: Callable[[int, int], None] = lambda _done, _all: None,
) -> Reconciled:
    """Compare requests, declarations, PDFs, log, mail and files; changes nothing.

    Parents may sign meanwhile: every table is read in one snapshot.

    Args:
        context: the context, whose versions need not have been read.
        verify: verify the seal of each PDF too, which takes some 20 ms each.
        progress: told of PDFs read, and of all.
    """
    inputs = verification_inputs(context) if verify else None
    found = [
        *check_versions(context),
        *check_seal_key(context),
        *check_log_whole(context),
    ]
    with context.sessions.reading() as session:
        use_snapshot(session)
        requests = session.scalar(select(func.count()).select_from(Request)) or 0
        declared = session.scalar(select(func.count()).select_from(Declaration)) or 0
        found += check_storage(session)
        found += check_requests(session)
        found += check_campaign(session)
        found += check_pdfs(session, inputs, progress=progress)
        found += check_archive_copies(session, inputs)
        found += check_unsealed(session)
        found += check_events(session)
        found += check_mail(session)
    return Reconciled(clock.now(), requests, declared, inputs is not None, tuple(found))


def reconcile_nightly(context: AppContext) -> None:
    """Reconcile the record, keep the result, and tell of disagreements; a daily chore.

    Afterwards the table of reconciliations holds what was found. Where anything
    disagrees, it is in the log of the process, and the headteacher's address has an
    alarm in the outbox, one a day.
    """
    result = reconcile(context)
    for disagreement in result.disagreements:
        _log.error("%s: %s", disagreement.subject, disagreement.problem)
    # What the public log tells of and the record lacks is told elsewhere too.
    first = sorted(result.disagreements, key=lambda one: one.between is not Between.LOG)
    kept = [asdict(one) for one in islice(first, MOST_KEPT)]
    with context.sessions.writing() as session:
        # Two workers that see the same day write one result and one mail.
        lock_log(session)
        session.execute(delete(Reconciliation))
        session.add(
            Reconciliation(
                id=1,
                checked_at=result.at,
                requests=result.requests,
                declarations=result.declarations,
                disagreements=len(result.disagreements),
                first=json.dumps(kept),
            )
        )
        if result.disagreements:
            queue_alarm(session, "record")

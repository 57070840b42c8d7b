"""Records against what the log tells of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.store.columns import SignedHow
from signer.store.log.tables import Opening
from signer.store.tables import Declaration, PinnedVersion, Request
from signer.workflows.context import AppContext
from signer.workflows.log.check import check_log
from signer.workflows.reconciliation.disagreement import Between, Disagreement

BATCH = 1000

_WHAT_TO_DO = (
    "Change nothing. “The public log” in the operator's guide says what to do; "
    "`signer log check` tells of the log alone."
)

_Events = dict[tuple[str, str], list[dict[str, Any]]]


def check_log_whole(context: AppContext) -> Iterator[Disagreement]:
    """Yield what a check of the whole log finds."""
    report = check_log(context)
    for problem in report.problems:
        yield _wrong("the log", problem)
    if report.key_problem is not None:
        yield Disagreement(
            Between.LOG,
            "the log's key",
            f"The log is not signed: {report.key_problem}.",
            "Put the key back. A school whose keys are older than the log makes one "
            "with `signer keys log`.",
        )


def check_events(session: Session) -> Iterator[Disagreement]:
    """Yield each record that the log tells of otherwise, twice, or not at all.

    Args:
        session: a transaction with a snapshot.
    """
    told = _read_events(session)
    declarations = session.execute(
        select(
            Declaration.id, Declaration.statement_sha256, Request.version_sha256
        ).join(Request, Request.id == Declaration.request_id)
    )
    for declaration_id, statement_sha256, version_sha256 in declarations:
        subject = f"declaration {declaration_id}"
        events = told.get(("declaration:signed", declaration_id), [])
        yield from _once(subject, "was signed", events)
        for event in events[:1]:
            if (event.get("statement_sha256"), event.get("version_sha256")) != (
                statement_sha256,
                version_sha256,
            ):
                yield _wrong(subject, "The log tells of another statement or text.")
        sealed = told.get(("declaration:sealed", declaration_id), [])
        if len(sealed) > 1:
            yield from _once(subject, "was sealed", sealed)
    paper = session.scalars(
        select(Request.ref).where(Request.signed_how == SignedHow.PAPER)
    )
    for ref in paper:
        events = told.get(("declaration:paper", ref), [])
        yield from _once(f"request {ref}", "was signed on paper", events)
    for number, sha256 in session.execute(
        select(PinnedVersion.number, PinnedVersion.sha256)
    ):
        events = told.get(("version:pinned", str(number)), [])
        yield from _once(f"version {number}", "was pinned", events)
        if events and events[0].get("sha256") != sha256:
            yield _wrong(f"version {number}", "The log tells of another text.")


def _read_events(session: Session) -> _Events:
    """What the log tells, by the event and the reference that it is about."""
    told: _Events = defaultdict(list)
    query = select(Opening.record).order_by(Opening.position)
    for record in session.scalars(query).yield_per(BATCH):
        try:
            event = json.loads(record)
        except ValueError:
            # A record that was altered does not open its leaf: the log's check tells.
            continue
        about = next(
            (
                event[key]
                for key in ("declaration", "request", "version")
                if key in event
            ),
            "",
        )
        told[str(event.get("event")), str(about)].append(event)
    return told


def _once(
    subject: str, what: str, events: list[dict[str, Any]]
) -> Iterator[Disagreement]:
    if not events:
        yield _wrong(subject, f"The log does not tell that it {what}.")
    elif len(events) > 1:
        yield _wrong(subject, f"The log tells {len(events)} times that it {what}.")


def _wrong(subject: str, problem: str) -> Disagreement:
    return Disagreement(Between.LOG, subject, problem, _WHAT_TO_DO)

"""Records against what the log tells of them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from signer.i18n import counted
from signer.store.columns import SignedHow
from signer.store.log.tables import Opening
from signer.store.paper.tables import Paper
from signer.store.tables import Declaration, EarlierAsk, PinnedVersion, Request
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
        beside = problem in report.beside
        between = Between.LOG if beside else Between.LOG_ITSELF
        yield Disagreement(between, "the log", problem, _WHAT_TO_DO)
    if report.key_problem is not None:
        yield Disagreement(
            Between.LOG_ITSELF,
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
    yield from _check_papers(session, told)
    for number, sha256 in session.execute(
        select(PinnedVersion.number, PinnedVersion.sha256)
    ):
        events = told.get(("version:pinned", str(number)), [])
        yield from _once(f"version {number}", "was pinned", events)
        if events and events[0].get("sha256") != sha256:
            yield _wrong(f"version {number}", "The log tells of another text.")


def _check_papers(session: Session, told: _Events) -> Iterator[Disagreement]:
    """Yield each request whose papers, or whose undone papers, the log tells otherwise.

    A paper that an older release recorded has no row until it is undone.
    """
    undone = func.count(Paper.id).filter(Paper.undone_at.is_not(None))
    rows = session.execute(
        select(Request.id, Request.ref, Request.signed_how == SignedHow.PAPER, undone)
        .outerjoin(Paper, Paper.request_id == Request.id)
        .group_by(Request.id)
        .having(or_(Request.signed_how == SignedHow.PAPER, undone > 0))
    ).all()
    # What was noted of a request is in the one that it was merged into.
    merged = defaultdict(list)
    for request_id, ref in session.execute(
        select(EarlierAsk.request_id, EarlierAsk.ref).where(EarlierAsk.ref.is_not(None))
    ):
        merged[request_id].append(ref or "")
    for request_id, ref, signed, count in rows:
        for event, what, expected in (
            ("declaration:paper", "was signed on paper", count + bool(signed)),
            ("paper:undone", "had its paper undone", count),
        ):
            events = [
                told_of
                for one in (ref, *merged[request_id])
                for told_of in told.get((event, one), [])
            ]
            if expected == 1:
                yield from _once(f"request {ref}", what, events)
            elif len(events) != expected:
                yield _wrong(
                    f"request {ref}",
                    f"The log tells {counted(len(events), 'time')} that it {what}, and "
                    f"the record {counted(expected, 'time')}.",
                )


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

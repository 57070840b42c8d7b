"""What readiness finds of the public log and of the witnesses that cosign it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from sqlalchemy.exc import SQLAlchemyError

from signer import clock
from signer.errors import KeyUnusable, SettingsError
from signer.store.log.hashes import use_snapshot
from signer.workflows.context import AppContext
from signer.workflows.log.checkpoint_consistency import read_outside
from signer.workflows.log.cosigning.standing import WitnessStanding, witness_standings
from signer.workflows.log.sign_checkpoint import problem_of_log
from signer.workflows.operations.findings import Finding, FindingKind, Severity
from signer.workflows.reconciliation.kept import differs_from_log

WITNESS_WAITS = timedelta(hours=1)
"""How long a witness may be silent before somebody is to look."""


def log_findings(context: AppContext) -> Iterator[Finding]:
    """Find what is wrong with the log; none of it keeps a parent from signing."""
    try:
        problem = _problem(context)
        record = tuple(_record(context))
        witnesses = tuple(_witnesses(context))
    except SQLAlchemyError:
        # The findings about the database tell of that.
        return
    if problem is not None:
        yield Finding(
            FindingKind.CHECKPOINT,
            Severity.ATTENTION,
            f"The public log is not signed any more. {problem}",
            "Change nothing. Run signer log check, and see When it refuses in the "
            "operator's guide. Parents can sign; receipts go without their proof.",
        )
    yield from record
    yield from witnesses


def _problem(context: AppContext) -> str | None:
    outside = read_outside(context.settings)
    with context.sessions.reading() as session:
        use_snapshot(session)
        try:
            return problem_of_log(context, session, outside)
        except (KeyUnusable, SettingsError):
            # The findings about keys tell of that.
            return None


def _record(context: AppContext) -> Iterator[Finding]:
    with context.sessions.reading() as session:
        found = differs_from_log(session)
    if found is None:
        return
    more = f" And {found.more} more." if found.more else ""
    yield Finding(
        FindingKind.RECORD,
        Severity.ATTENTION,
        "The record does not match the public log, as seen on "
        f"{clock.in_school_time(found.at)}. About {found.subject}: "
        f"{found.problem}{more}",
        "Change nothing. Run signer check, and see When records are missing in the "
        "operator's guide. Parents can sign, and the log is still signed; both are "
        "compared again each morning.",
    )


def _witnesses(context: AppContext) -> Iterator[Finding]:
    for one in witness_standings(context):
        if one.contradicts:
            yield Finding(
                FindingKind.WITNESSES,
                Severity.ATTENTION,
                f"The witness {one.name} {one.problem}: today's log is not the one "
                "that it has seen.",
                "Change nothing. Run signer log check, and see When it refuses in the "
                "operator's guide.",
            )
        elif _is_silent(one):
            yield Finding(
                FindingKind.WITNESSES,
                Severity.ATTENTION,
                f"The witness {one.name} has not cosigned the log since "
                f"{clock.in_school_time(one.failing_since or clock.now())}: it "
                f"{one.problem}.",
                "Ask the people who run it, and look at SIGNER_WITNESS_SERVERS. "
                "Nothing waits for it, and it is asked again automatically.",
            )


def _is_silent(one: WitnessStanding) -> bool:
    since = one.failing_since
    return since is not None and clock.now() - since > WITNESS_WAITS

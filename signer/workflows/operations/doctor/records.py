"""The database and what readiness finds in it, and its server's clock."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from signer.config import Settings
from signer.errors import SignerError
from signer.workflows.context import AppContext, open_context
from signer.workflows.operations.doctor.outcomes import (
    Check,
    not_checked,
    ok,
    problem,
    warning,
)
from signer.workflows.operations.doctor.public_address import clock_check
from signer.workflows.operations.findings import Finding, FindingKind, Severity
from signer.workflows.operations.readiness import examine


def check_records(
    settings: Settings, troubled: Collection[FindingKind] = ()
) -> Iterator[Check]:
    """Open what the service opens at its start, and tell all that readiness tells.

    Args:
        settings: the operator's settings.
        troubled: what another check has found something wrong with, so that it is not
            called well here.
    """
    about = "database and versions"
    try:
        context = open_context(settings)
    except SignerError as error:
        yield problem(
            about,
            f"The service would not start: {error}.",
            "Correct that first. signer versions check says more about released files.",
        )
        return
    except SQLAlchemyError as error:
        yield problem(
            about,
            f"The database cannot be used ({type(error).__name__}).",
            "Check SIGNER_DATABASE_URL, and that the database answers.",
        )
        return
    with closing(context.sessions):
        versions = ", ".join(str(version.number) for version in context.versions)
        yield ok(
            about,
            "The database has the schema of this release, and each released file "
            f"(version {versions}) is what parents were asked to sign.",
        )
        yield _clock(context)
        yield from _findings(examine(context), troubled)


def _findings(
    findings: tuple[Finding, ...], troubled: Collection[FindingKind]
) -> Iterator[Check]:
    for finding in findings:
        make = problem if finding.severity is Severity.BROKEN else warning
        yield make(finding.kind, finding.problem, finding.what_to_do)
    found = {finding.kind for finding in findings} | set(troubled)
    fine = [kind for kind in FindingKind if kind not in found]
    if fine:
        yield ok("readiness", f"Nothing is wrong with: {', '.join(fine)}.")


def _clock(context: AppContext) -> Check:
    about = "clock of the database"
    if context.sessions.engine.dialect.name != "postgresql":
        return not_checked(about, "The database is a file of this machine.")
    with context.sessions.reading() as session:
        theirs = session.scalar(text("SELECT clock_timestamp()"))
    if not isinstance(theirs, datetime):
        return not_checked(about, "It tells no time.")
    return clock_check(about, theirs.astimezone(UTC))

"""Sealing the released texts themselves, for anybody to keep."""

from __future__ import annotations

import logging
from datetime import timedelta

from sqlalchemy import select

from signer import clock
from signer.declaration.pdf.version_pdf import VersionText, typeset_version
from signer.declaration.seal.seal import Sealed
from signer.errors import SignerError
from signer.markdown.blocks import blocks
from signer.markdown.rendering import to_html
from signer.policy.dates import date_in_words, month_in_words
from signer.policy.versions import Version
from signer.store.log.append import append_leaf, lock_log
from signer.store.tables import PinnedVersion, SealedPdf
from signer.store.write_health import write_problem
from signer.workflows.campaigns.released_version import LARGEST_NUMBER
from signer.workflows.context import AppContext
from signer.workflows.declarations.seal import FAILURES_IN_A_ROW, seal_as_asked
from signer.workflows.mailing.alarms import queue_alarm

_log = logging.getLogger(__name__)

ALARM_AFTER = timedelta(minutes=10)
"""How long after a version was pinned its PDF may be missing before the head hears."""


def seal_versions(context: AppContext) -> int:
    """Make the sealed PDF of each version that has none; gives how many were made.

    Afterwards each PDF is stored under its SHA-256 with the version, and the log's
    leaf appended, in one transaction a version. Two at once leave one PDF. What went
    wrong is recorded with the version, tried again at the next call, and the
    headteacher's address has an alarm, once a day.
    """
    with context.sessions.reading() as session:
        waiting = session.execute(
            select(PinnedVersion.number, PinnedVersion.sha256)
            .where(PinnedVersion.pdf_sha256.is_(None))
            .order_by(PinnedVersion.number.desc())
        ).all()
    made = failures = 0
    for number, sha256 in waiting:
        try:
            sealed = seal_as_asked(context, _typeset(context, number, sha256))
        except Exception as error:
            if write_problem(error):
                # No version's fault: nothing can be recorded either.
                raise
            _log.exception("the PDF of version %s was not made", number)
            known = isinstance(error, SignerError)
            _record_failure(
                context, number, str(error) if known else type(error).__name__
            )
            failures += 1
            if failures == FAILURES_IN_A_ROW:
                break
        else:
            made, failures = made + _store(context, number, sealed), 0
    if len(waiting) > made:
        _alarm_when_late(context)
    return made


def version_pdf_sha256(context: AppContext, number: int) -> str | None:
    """The SHA-256 (hex) of a version's PDF; None while it is not made.

    Raises:
        LookupError: parents were never asked to sign a version of that number.
    """
    with context.sessions.reading() as session:
        pinned = session.get(PinnedVersion, min(number, LARGEST_NUMBER + 1))
        if pinned is None:
            raise LookupError(number)
        return pinned.pdf_sha256


def version_pdf(context: AppContext, sha256: str) -> bytes:
    """A PDF that `version_pdf_sha256` named."""
    with context.sessions.reading() as session:
        return session.get_one(SealedPdf, sha256).content


def _typeset(context: AppContext, number: int, sha256: str) -> bytes:
    version = context.version(number, sha256)
    text = VersionText(
        school=version.school,
        motto=version.motto,
        title=version.title,
        number=version.number,
        label=version.label,
        released=date_in_words(version.released),
        in_force_from=(
            date_in_words(version.in_force_from) if version.in_force_from else ""
        ),
        review_by=month_in_words(version.review_by),
        summary=version.summary,
        follows=version.previous_sha256 is not None,
        statements=version.declaration,
        address=context.settings.base_url + version.path,
        source=version.source,
        filename=version.filename,
        dated=_day(version),
    )
    return typeset_version(text, blocks(to_html(version.body)))


def _day(version: Version) -> str:
    """The day of the release; the first of the month where no day is stated."""
    year, month, *day = version.released.split("-")
    return "-".join((year, month, *(day or ["01"])))


def _store(context: AppContext, number: int, sealed: Sealed) -> bool:
    with context.sessions.writing() as session:
        # The log's head first, as whoever pins does; it keeps two workers apart.
        lock_log(session)
        version = session.get_one(PinnedVersion, number)
        if version.pdf_sha256 is not None:
            return False
        session.add(SealedPdf(sha256=sealed.sha256, kept=sealed.pdf))
        session.flush()
        version.pdf_sha256 = sealed.sha256
        version.sealed_at = clock.now()
        version.level = sealed.level
        version.seal_problem = None
        append_leaf(
            session,
            "version:sealed",
            version=number,
            sha256=version.sha256,
            pdf_sha256=sealed.sha256,
        )
        return True


def _record_failure(context: AppContext, number: int, problem: str) -> None:
    with context.sessions.writing() as session:
        lock_log(session)
        version = session.get_one(PinnedVersion, number)
        if version.pdf_sha256 is None:
            version.seal_problem = problem


def _alarm_when_late(context: AppContext) -> None:
    with context.sessions.writing() as session:
        late = select(PinnedVersion.number).where(
            PinnedVersion.pdf_sha256.is_(None),
            PinnedVersion.pinned_at <= clock.now() - ALARM_AFTER,
        )
        if session.scalar(late.limit(1)) is not None:
            queue_alarm(session, "version-pdf")

"""Keeping the log's head signed, without anything else ever waiting for it."""

from __future__ import annotations

import logging
from enum import StrEnum

from sqlalchemy import func, select
from sqlalchemy.exc import SQLAlchemyError

from signer import clock
from signer.errors import DatabaseUnusable, KeyUnusable, LogBroken, SettingsError
from signer.mail.kinds import Kind
from signer.store.columns import Delivery
from signer.store.tables import Declaration, Outbox
from signer.workflows.context import AppContext
from signer.workflows.log.cosigning.cosign import cosign_for_receipts
from signer.workflows.log.sign_checkpoint import newest_checkpoint, sign_checkpoint
from signer.workflows.mailing.alarms import sound_alarm
from signer.workflows.requests.disputes import mail_is_held

_log = logging.getLogger(__name__)


class Coverage(StrEnum):
    """Whether the receipts that are due can have their proof."""

    COVERED = "covered"
    LATER = "later"
    """Not at this moment, such as while the database is busy."""
    UNAVAILABLE = "unavailable"
    """The log cannot be signed until somebody mends it."""


def keep_log(context: AppContext, *, whole: bool = False) -> str | None:
    """Sign the log's head where that can be done; gives the newest, or None.

    What prevents it is logged, and stops nothing else. Of a log
    that is broken, the headteacher's address has an alarm in the outbox afterwards,
    one a day.

    Args:
        context: the context.
        whole: hash every leaf again.
    """
    return _keep(context, whole=whole)[0]


def _keep(context: AppContext, *, whole: bool) -> tuple[str | None, Coverage]:
    try:
        return sign_checkpoint(context, whole=whole), Coverage.COVERED
    except (KeyUnusable, SettingsError) as error:
        # Once at start and once a day: the receipts that lack a proof are logged too.
        level = logging.WARNING if whole else logging.DEBUG
        _log.log(level, "the public log is not signed: %s", error)
    except LogBroken as error:
        _log.error("the public log is not signed: %s", error.problem)
        sound_alarm(context, "log")
    except (DatabaseUnusable, SQLAlchemyError) as error:
        if not context.sessions.writes.explains(error):
            _log.exception("the public log is not signed")
        return None, Coverage.LATER
    return None, Coverage.UNAVAILABLE


def sign_log_whole(context: AppContext) -> None:
    """Hash the whole log again, and sign its head; a chore for each morning."""
    keep_log(context, whole=True)


def cover_receipts(context: AppContext) -> Coverage:
    """Sign the log's head where a receipt that is due is not covered by it yet.

    Gives whether every receipt that is due is covered now. It never fails: a receipt
    whose proof cannot be had goes without one. Witnesses that answer have cosigned that
    head by then; for others nothing waits.
    """
    with context.sessions.reading() as session:
        newest = newest_checkpoint(session)
        position = session.scalar(
            select(func.max(Declaration.sealed_position))
            .join(Outbox, Outbox.request_id == Declaration.request_id)
            .where(
                Outbox.kind == Kind.RECEIPT.value,
                Outbox.delivery == Delivery.QUEUED,
                Outbox.due_at <= clock.now(),
                ~mail_is_held(),
            )
        )
        covered = newest is not None and (position or 0) < newest.size
    if position is None:
        return Coverage.COVERED
    coverage = Coverage.COVERED if covered else _keep(context, whole=False)[1]
    if coverage is Coverage.COVERED:
        _have_cosigned(context)
    return coverage


def _have_cosigned(context: AppContext) -> None:
    try:
        cosign_for_receipts(context)
    except (DatabaseUnusable, SQLAlchemyError) as error:
        if not context.sessions.writes.explains(error):
            _log.exception("no witness was asked to cosign the log")

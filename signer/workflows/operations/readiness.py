"""Readiness: everything that is wrong with the service, found from one process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime, timedelta

from sqlalchemy import make_url
from sqlalchemy.exc import SQLAlchemyError

from signer import clock
from signer.errors import PolicyError, StoreError, VersionTampered
from signer.i18n import counted
from signer.logs import without_personal_data
from signer.pki.expiry import Role
from signer.policy.versions import read_versions
from signer.store.write_health import WriteProblem, WriteState
from signer.workflows.context import AppContext, check_pinned, check_ready
from signer.workflows.keys.warnings import key_warnings
from signer.workflows.mailing.bounces.read import bounce_trouble
from signer.workflows.mailing.server_state import (
    MAIL_WAITS,
    MailTrouble,
    mail_trouble,
)
from signer.workflows.operations.disks import check_disks
from signer.workflows.operations.figures import (
    CLOCKS_DIFFER,
    Figures,
    take_figures,
)
from signer.workflows.operations.findings import Finding, FindingKind, Severity
from signer.workflows.operations.log_findings import log_findings

WORKER_SILENT = timedelta(minutes=5)
SLOW_LANES = frozenset({"chores", "bounces", "webhooks", "witnesses"})
"""Lanes that parents do not wait for."""
SLOW_LANE_SILENT = timedelta(hours=1)
SEVERAL_MAILS = 3
"""So many mails that were put off, and none accepted since: not one mailbox's fault."""
MANY_MAILS = 20
"""So many that wait, and none accepted lately: not the fault of theirs either."""
SEAL_WAITS = timedelta(minutes=10)
CHECKPOINT_WAITS = timedelta(minutes=30)
QUEUE_FILE = "queue.sqlite3"
QUEUE_PATIENCE = 1.0
"""How long to wait for a queue that is busy, in seconds."""

_LOOK_AT_WORKER = (
    "Start the worker, or restart it where it hangs, and read its log. What waits for "
    "it is kept, and is done then."
)


def examine(context: AppContext) -> tuple[Finding, ...]:
    """Return all that is wrong, the worst first.

    It changes nothing, and asks no other server than the database.
    """
    findings = [*check_disks(context.settings), *_queue(context)]
    try:
        check_ready(context)
        figures = take_figures(context)
        trouble = mail_trouble(context)
        writing = context.sessions.look_at_writing()
    except (StoreError, SQLAlchemyError) as error:
        findings.append(database_finding(type(error).__name__))
    else:
        findings += [*_writing(writing), *findings_of(figures, trouble)]
        findings += _versions(context)
        findings += log_findings(context)
        findings += _bounces(context)
    findings += _keys(context)
    return tuple(sorted(findings, key=lambda one: one.severity is not Severity.BROKEN))


def database_finding(reason: str) -> Finding:
    """Return the finding of a database that cannot be used.

    Args:
        reason: a word for the log's reader, such as an error's name.
    """
    return Finding(
        FindingKind.DATABASE,
        Severity.BROKEN,
        f"The database cannot be used ({reason}).",
        "Check SIGNER_DATABASE_URL, that the database answers and has the schema of "
        "this release (signer db upgrade), and that its file can be written.",
    )


def _writing(state: WriteState) -> Iterator[Finding]:
    """That nobody can sign, though everybody can read."""
    if state.problem is None:
        return
    busy = state.problem is WriteProblem.BUSY
    yield Finding(
        FindingKind.DATABASE,
        Severity.BROKEN if state.lasts else Severity.ATTENTION,
        f"The database cannot be written: {state.problem}"
        f"{f', for {state.seconds:.0f} seconds at least' if busy else ''}.",
        "Find what holds it, such as a backup program or a shell that was left open in "
        "a transaction, and end it. Until then nobody can sign."
        if busy
        else "Make room on its disk, and see that the service may write its file and "
        "folder and that the server is no standby. Until then nobody can sign.",
    )


def findings_of(
    figures: Figures, trouble: MailTrouble | None = None
) -> Iterator[Finding]:
    """Find what the figures of the database tell to be wrong.

    Args:
        figures: the figures.
        trouble: what the workers know of the mail server.
    """
    yield from _worker(figures)
    yield from _mail(figures, trouble)
    yield from _seals(figures)
    yield from _clock(figures)


def _worker(figures: Figures) -> Iterator[Finding]:
    if not figures.heartbeats:
        yield Finding(
            FindingKind.WORKER,
            Severity.BROKEN,
            "No worker is running: no mail goes out, and what could not be sealed at "
            "once waits.",
            _LOOK_AT_WORKER,
        )
        return
    silent = {
        lane: at
        for lane, at in figures.heartbeats.items()
        if figures.at - at > WORKER_SILENT
    }
    if silent:
        newest = max(silent.values())
        # What is done once a day, or read from elsewhere, may take its time.
        waited_for = set(silent) - SLOW_LANES or len(silent) == len(figures.heartbeats)
        long_silent = figures.at - newest > SLOW_LANE_SILENT
        yield Finding(
            FindingKind.WORKER,
            Severity.BROKEN if waited_for or long_silent else Severity.ATTENTION,
            f"No worker has given a sign of life for {_age(figures, newest)} "
            f"({', '.join(sorted(silent))}).",
            _LOOK_AT_WORKER,
        )


def _mail(figures: Figures, trouble: MailTrouble | None) -> Iterator[Finding]:
    waiting = tuple(_waiting_mail(figures))
    if trouble is None:
        yield from waiting
        return
    yield _trouble(figures, trouble)
    if trouble.blocked_since is None:
        # Whatever one mail met, the others have to go out.
        yield from (one for one in waiting if one.severity is Severity.BROKEN)


def _trouble(figures: Figures, trouble: MailTrouble) -> Finding:
    """The mail server's own trouble, which no mail can tell of."""
    said = f"It said: {without_personal_data(trouble.reply)}"
    since = trouble.blocked_since
    if since is None:
        return Finding(
            FindingKind.MAIL,
            Severity.ATTENTION,
            f"{_mails(trouble.troubled)} waiting that the mail server has not taken, "
            f"the first trouble {_age(figures, trouble.since)} ago; it takes others. "
            f"{said}",
            "See signer mail list for which they are. They are kept, and sending is "
            "tried again automatically.",
        )
    # A pause begins with the first mail, and ends and begins again with each try.
    return Finding(
        FindingKind.MAIL,
        Severity.BROKEN if figures.at - since > MAIL_WAITS else Severity.ATTENTION,
        f"The mail server has not taken mail for {_age(figures, since)}; "
        f"{_mails(trouble.waiting)} waiting. {said}",
        "Look at the mail server, and at SIGNER_MAIL_URL. The mails are kept, and "
        "sending is tried again automatically.",
    )


def _waiting_mail(figures: Figures) -> Iterator[Finding]:
    def overdue(since: datetime | None) -> bool:
        return since is not None and figures.at - since > MAIL_WAITS

    deferred = [at for at in figures.deferred if overdue(at)]
    # A campaign goes out at the pace that the mail server allows.
    last_sent = figures.last_sent
    flowing = last_sent is not None and not overdue(last_sent)
    untried = overdue(figures.untried_since) and not flowing
    if not (deferred or untried):
        return
    # A mailbox that is full while others take mail is that mailbox's fault.
    new = [at for at in deferred if last_sent is None or at > last_sent]
    several = len(new) >= SEVERAL_MAILS or len(deferred) >= MANY_MAILS
    broken = untried or (not flowing and several)
    count = len(deferred) + (figures.untried if untried else 0)
    oldest = [
        *deferred[:1],
        *filter(None, [figures.untried_since if untried else None]),
    ]
    yield Finding(
        FindingKind.MAIL,
        Severity.BROKEN if broken else Severity.ATTENTION,
        f"{_mails(count)} waiting, {'' if count == 1 else 'the oldest '}for "
        f"{_age(figures, min(oldest))}.",
        "Read the worker's log: it has the mail server's replies. The mails are kept, "
        "and sending is tried again automatically.",
    )


def _mails(count: int) -> str:
    return "A mail is" if count == 1 else f"{count} mails are"


def _seals(figures: Figures) -> Iterator[Finding]:
    since = figures.unsealed_since
    if since is not None and figures.at - since > SEAL_WAITS:
        yield Finding(
            FindingKind.SEAL,
            Severity.BROKEN,
            (
                f"A signed declaration has had no seal for {_age(figures, since)}."
                if figures.unsealed == 1
                else f"{figures.unsealed} signed declarations have no seal yet, the "
                f"oldest for {_age(figures, since)}."
            ),
            "Look at the worker's log, at the seal's key, and at the timestamp "
            "authority where one is set. The signatures are safe.",
        )
    since = figures.uncovered_since
    if since is not None and figures.at - since > CHECKPOINT_WAITS:
        yield Finding(
            FindingKind.CHECKPOINT,
            Severity.ATTENTION,
            f"The public log has not been signed for {_age(figures, since)}, though "
            "there is something to sign.",
            "Run signer log check, and look at the log's key. Receipts go without "
            "their proof meanwhile.",
        )


def _clock(figures: Figures) -> Iterator[Finding]:
    newest = figures.newest_time
    if newest is not None and newest - figures.at > CLOCKS_DIFFER:
        ahead = span_in_words(newest - figures.at)
        yield Finding(
            FindingKind.CLOCK,
            Severity.ATTENTION,
            f"The record holds a time that is {ahead} ahead of this machine's clock.",
            "Compare the clocks of all machines that serve, work or give commands; "
            "let each follow a time server.",
        )


def _versions(context: AppContext) -> Iterator[Finding]:
    try:
        check_pinned(context, read_versions(context.settings.versions_dir))
    except VersionTampered as error:
        problem = f"The released version {error.number} was changed or is missing."
    except PolicyError:
        problem = "The released versions cannot be read."
    except SQLAlchemyError:
        return
    else:
        return
    yield Finding(
        FindingKind.VERSIONS,
        Severity.ATTENTION,
        problem,
        "Run signer versions check, and put the file back from git before anything "
        "is restarted: with this file nothing starts.",
    )


def _bounces(context: AppContext) -> Iterator[Finding]:
    for trouble in bounce_trouble(context):
        yield Finding(
            FindingKind.MAIL,
            Severity.ATTENTION,
            trouble,
            "See Bounces in the operator's guide. Nothing is lost: what comes back "
            "waits in the mailbox.",
        )


def _keys(context: AppContext) -> Iterator[Finding]:
    now = clock.now()
    for warning in key_warnings(context):
        over = warning.ends is None or warning.ends <= now
        yield Finding(
            FindingKind.KEYS,
            Severity.BROKEN
            if over and warning.role is Role.SEAL
            else Severity.ATTENTION,
            warning.problem,
            warning.what_to_do,
        )


def _queue(context: AppContext) -> Iterator[Finding]:
    """That the queue's file is no database; only SQLite itself may open it."""
    if make_url(context.settings.database).get_backend_name() != "sqlite":
        return
    file = context.settings.instance_path.absolute() / QUEUE_FILE
    try:
        if not file.exists():
            return
        with closing(
            sqlite3.connect(
                f"{file.as_uri()}?mode=ro", uri=True, timeout=QUEUE_PATIENCE
            )
        ) as connection:
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        # Busy, or gone meanwhile: the worker looks by its own timer.
        return
    except (sqlite3.DatabaseError, OSError):
        yield Finding(
            FindingKind.QUEUE,
            Severity.ATTENTION,
            "The queue's file is damaged. It holds nothing of value.",
            "Restart the worker: it puts the file aside. Until then it looks once a "
            "minute instead of at once.",
        )


def _age(figures: Figures, since: datetime) -> str:
    return span_in_words(figures.at - since)


def span_in_words(span: timedelta) -> str:
    """Return a span in the largest unit of which there are two, such as 2 hours."""
    minutes = int(span.total_seconds() // 60)
    for size, unit in ((24 * 60, "days"), (60, "hours")):
        if minutes >= 2 * size:
            return f"{minutes // size} {unit}"
    if minutes < 1:
        return "less than a minute"
    return counted(minutes, "minute")

"""How the check-list stands; looking changes nothing, and asks no other server."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer import clock
from signer.config import Settings
from signer.errors import KeyUnusable, SettingsError
from signer.i18n import counted
from signer.store.desk.checklist import (
    BackupMade,
    ChecklistEntry,
    ChecklistResult,
    EntryKind,
)
from signer.store.desk.tables import DeskAccount
from signer.workflows.checklist.lines import (
    ASKS_OTHERS,
    Checklist,
    Item,
    Line,
    SetAside,
)
from signer.workflows.context import AppContext, current_number
from signer.workflows.operations.doctor.setting_checks import check_mail_settings
from signer.workflows.operations.findings import Finding, FindingKind, Severity
from signer.workflows.operations.readiness import examine

BACKUP_RECENT = timedelta(days=2)
"""How old the newest backup may be: one night may be missed."""

_MARK_CHARACTERS = 16


def look_at_checklist(
    context: AppContext, findings: Sequence[Finding] | None = None
) -> Checklist:
    """Every line, with what is so now.

    Args:
        context: the context.
        findings: what `examine` found, where it was asked already.
    """
    findings = examine(context) if findings is None else findings
    with context.sessions.reading() as session:
        entries = session.scalars(
            select(ChecklistEntry).order_by(ChecklistEntry.id)
        ).all()
        results = {row.item: row for row in session.scalars(select(ChecklistResult))}
        backup = session.scalar(
            select(BackupMade).order_by(BackupMade.at.desc()).limit(1)
        )
        asked = current_number(session) is not None
    lines = [
        *(_asked_others(item, results, findings) for item in ASKS_OTHERS),
        _office(context.settings, entries),
        _sample(entries),
        _mail(context.settings, findings),
        _by_finding(Item.WORKER, FindingKind.WORKER, findings),
        _seal(context, findings),
        _log(context),
        _witness(context.settings),
        _backup(backup),
    ]
    aside = _set_aside(entries)
    by_item = {line.item: line for line in lines}
    return Checklist(
        tuple(_with(by_item[item], aside.get(item.value)) for item in Item), asked
    )


def first_checklist(context: AppContext) -> Checklist | None:
    """The check-list, where it holds the first asking back while a line is open."""
    with context.sessions.reading() as session:
        held = is_held_school(context, session)
    return look_at_checklist(context) if held else None


def is_held_school(context: AppContext, session: Session) -> bool:
    """Whether the check-list holds this school's first asking back.

    Where nobody may come in to the desk, nobody could see it or decide to go on
    without a line; and the people of the demonstration are made up.
    """
    settings = context.settings
    if settings.demo or current_number(session) is not None:
        return False
    if settings.desk_accounts:
        return True
    there = select(DeskAccount.id).where(DeskAccount.removed_at.is_(None)).limit(1)
    return session.scalar(there) is not None


def mark_of(address: str) -> str:
    """What stands for an address in an entry: another one has another mark."""
    digest = hashlib.sha256(address.strip().lower().encode())
    return digest.hexdigest()[:_MARK_CHARACTERS]


def has_entry(
    entries: Sequence[ChecklistEntry], item: Item, kind: EntryKind, mark: str = ""
) -> bool:
    """Whether somebody did this about a line."""
    return any(
        (row.item, row.kind, row.mark) == (item.value, kind, mark) for row in entries
    )


def _with(line: Line, aside: SetAside | None) -> Line:
    return Line(line.item, line.passed, line.found, line.at, line.sent, aside)


def _set_aside(entries: Sequence[ChecklistEntry]) -> Mapping[str, SetAside]:
    aside: dict[str, SetAside] = {}
    for row in entries:
        if row.kind is EntryKind.SET_ASIDE:
            aside[row.item] = SetAside(row.words, row.by, row.at)
        elif row.kind is EntryKind.TAKEN_UP:
            aside.pop(row.item, None)
    return aside


def _asked_others(
    item: Item, results: Mapping[str, ChecklistResult], findings: Sequence[Finding]
) -> Line:
    row = results.get(item.value)
    if item is Item.CLOCK:
        own = _by_finding(item, FindingKind.CLOCK, findings)
        if not own.passed:
            return own
    if row is None:
        return Line(item, passed=False, found="It has not been looked at yet.")
    return Line(item, row.passed, row.found, row.at)


def _office(settings: Settings, entries: Sequence[ChecklistEntry]) -> Line:
    mark = mark_of(settings.office_email)
    passed = has_entry(entries, Item.OFFICE, EntryKind.CONFIRMED, mark)
    sent = has_entry(entries, Item.OFFICE, EntryKind.SENT, mark)
    return Line(Item.OFFICE, passed, settings.office_email, sent=sent)


def _sample(entries: Sequence[ChecklistEntry]) -> Line:
    passed = has_entry(entries, Item.SAMPLE, EntryKind.CONFIRMED)
    return Line(
        Item.SAMPLE, passed, "", sent=has_entry(entries, Item.SAMPLE, EntryKind.SENT)
    )


def _by_finding(item: Item, kind: FindingKind, findings: Sequence[Finding]) -> Line:
    problems = [one.problem for one in findings if one.kind is kind]
    return Line(item, not problems, " ".join(problems))


def _mail(settings: Settings, findings: Sequence[Finding]) -> Line:
    wrong = [one.found for one in check_mail_settings(settings)]
    if wrong:
        return Line(Item.MAIL, passed=False, found=" ".join(wrong))
    return _by_finding(Item.MAIL, FindingKind.MAIL, findings)


def _seal(context: AppContext, findings: Sequence[Finding]) -> Line:
    broken = [
        one.problem
        for one in findings
        if one.kind is FindingKind.KEYS and one.severity is Severity.BROKEN
    ]
    try:
        context.seal_key()
    except (KeyUnusable, SettingsError):
        broken = broken or ["It cannot be opened."]
    return Line(Item.SEAL, not broken, " ".join(broken))


def _log(context: AppContext) -> Line:
    try:
        context.log_key()
    except (KeyUnusable, SettingsError):
        return Line(Item.LOG, passed=False, found="It cannot be opened.")
    return Line(Item.LOG, passed=True, found="")


def _witness(settings: Settings) -> Line:
    count = len(settings.witnesses)
    found = f"{counted(count, 'witness is', 'witnesses are')} named." if count else ""
    return Line(Item.WITNESS, bool(count), found)


def _backup(row: BackupMade | None) -> Line:
    if row is None:
        return Line(Item.BACKUP, passed=False, found="None has been seen.")
    found = (
        "It is encrypted: have one restored, with its private key, on another machine."
        if row.encrypted
        else "It was read again as it lay on the disk."
    )
    passed = clock.now() - row.at <= BACKUP_RECENT
    return Line(Item.BACKUP, passed, found, row.at)

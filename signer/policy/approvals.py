"""Approvals of drafts: ``versions/approvals.toml``.

Each is over the SHA-256 of the draft's whole file, as ``sha256sum`` gives it: a draft
that is changed afterwards has none. The file is only added to:

    [[approval]]
    what = "requested"
    on = "2026-11-22"
    by = "Executive Headteacher"
    draft_sha256 = "…"

    [[approval]]
    what = "approved"
    on = "2026-11-23"
    by = "Head of Primary"
    draft_sha256 = "…"
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from signer import files
from signer.config import Settings
from signer.errors import (
    ApprovalRefused,
    ApprovalsMissing,
    SettingsError,
    TextRefused,
    VersionFileError,
)
from signer.policy.dates import is_day
from signer.policy.front_matter_fields import Approval
from signer.policy.toml_records import read_entries
from signer.policy.versions import APPROVALS, Version
from signer.user_text import one_line

LONGEST_NAME = 200
"""Of whoever asks or approves, in characters."""

_KEYS = frozenset({"what", "on", "by", "draft_sha256"})
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Step(StrEnum):
    """What an entry of the record tells of."""

    REQUESTED = "requested"
    APPROVED = "approved"


@dataclass(frozen=True, slots=True)
class ApprovalStep:
    """An entry of the record.

    Attributes:
        what: approval was asked for, or given.
        on: the day, ``2026-11-22``.
        by: who asked or approved.
        draft_sha256: the SHA-256 (hex) of the draft's file.
    """

    what: Step
    on: str
    by: str
    draft_sha256: str


@dataclass(frozen=True, slots=True)
class ApprovalState:
    """How far the approval of a draft has come.

    Attributes:
        draft_sha256: the SHA-256 (hex) of the draft's file, as it is now.
        needed: how many approvals a release needs.
        requested: who asked for approval of this draft last, and when; None where
            nobody has.
        approvals: who has approved it, and when, in that order.
        may_approve: who may approve and has not; empty where anybody may.
        voided: who approved an earlier draft of this text, and not this one.
    """

    draft_sha256: str
    needed: int
    requested: Approval | None
    approvals: tuple[Approval, ...]
    may_approve: tuple[str, ...]
    voided: tuple[str, ...]

    @property
    def missing(self) -> int:
        """How many approvals a release of this draft still needs."""
        return max(self.needed - len(self.approvals), 0)

    def check(self) -> None:
        """Refuse a release that lacks approvals.

        Raises:
            ApprovalsMissing: it does.
        """
        if self.missing:
            raise ApprovalsMissing(
                needed=self.needed,
                approved=tuple(one.by for one in self.approvals),
                may_approve=self.may_approve,
                voided=self.voided,
                requested=self.requested is not None,
            )


def read_approvals(folder: Path) -> tuple[ApprovalStep, ...]:
    """The record, the oldest entry first; empty where there is no file.

    Args:
        folder: the folder of the released versions.

    Raises:
        VersionFileError: the file is not such a record.
    """
    path = folder / APPROVALS
    entries = read_entries(path, "approval")
    return tuple(
        _step(str(path), place, entry) for place, entry in enumerate(entries, 1)
    )


def approval_state(
    steps: Sequence[ApprovalStep],
    draft_sha256: str,
    *,
    needed: int = 0,
    approvers: Sequence[str] = (),
    since: int = 0,
) -> ApprovalState:
    """How far the approval of a draft has come.

    An approval by somebody who may not approve any more does not count.

    Args:
        steps: the record, as `read_approvals` gives it.
        draft_sha256: the SHA-256 (hex) of the draft's file.
        needed: how many approvals a release needs.
        approvers: who may approve; empty where anybody may.
        since: how many entries at the beginning are about older releases.
    """
    requested: Approval | None = None
    approvals: dict[str, Approval] = {}
    voided: dict[str, str] = {}
    allowed = {_key(one) for one in approvers}
    for step in steps[since:]:
        if step.what is Step.REQUESTED:
            if step.draft_sha256 == draft_sha256:
                requested = Approval(step.by, step.on)
        elif step.draft_sha256 != draft_sha256:
            voided.setdefault(_key(step.by), step.by)
        elif not allowed or _key(step.by) in allowed:
            approvals.setdefault(_key(step.by), Approval(step.by, step.on))
    return ApprovalState(
        draft_sha256,
        needed,
        requested,
        tuple(approvals.values()),
        tuple(one for one in approvers if _key(one) not in approvals),
        tuple(name for key, name in voided.items() if key not in approvals),
    )


def entries_released(steps: Sequence[ApprovalStep], released: Sequence[str]) -> int:
    """How many entries at the beginning of the record are about released drafts.

    Args:
        steps: the record.
        released: the SHA-256 (hex) of the drafts that were released.
    """
    places = [n for n, one in enumerate(steps, 1) if one.draft_sha256 in released]
    return max(places, default=0)


def approval_by_settings(
    settings: Settings,
    versions: Sequence[Version],
    draft_sha256: str,
    *,
    at_desk: Sequence[ApprovalStep] = (),
) -> ApprovalState:
    """How far the approval of a draft has come, by the settings.

    Args:
        settings: who may approve, how many must, and where the record is.
        versions: the released versions.
        draft_sha256: the SHA-256 (hex) of the draft's file.
        at_desk: what was asked for and approved at the desk, the oldest first.

    Raises:
        VersionFileError: the record cannot be read.
        SettingsError: more approvals are needed than there are people to give them.
    """
    named = len(settings.approvers)
    if named and settings.approvals_needed > named:
        raise SettingsError(
            "SIGNER_APPROVALS_NEEDED",
            f"is {settings.approvals_needed}, and SIGNER_APPROVERS names only {named}",
        )
    recorded = read_approvals(settings.versions_dir)
    steps = sorted([*recorded, *at_desk], key=lambda step: step.on)
    released = [one.draft_sha256 for one in versions if one.draft_sha256]
    return approval_state(
        steps,
        draft_sha256,
        needed=settings.approvals_needed,
        approvers=settings.approvers,
        since=entries_released(steps, released),
    )


def request_approval(folder: Path, draft_sha256: str, *, by: str, on: str) -> None:
    """Record that approval of a draft is asked for. Safe to repeat.

    Args:
        folder: the folder of the released versions.
        draft_sha256: the SHA-256 (hex) of the draft's file.
        by: who asks.
        on: the day.

    Raises:
        ApprovalRefused: the name cannot be kept.
        VersionFileError: the record cannot be read.
        FileNotWritten: it could not be written; it is as it was.
    """
    steps = read_approvals(folder)
    step = ApprovalStep(Step.REQUESTED, on, _fit(by), draft_sha256)
    state = approval_state(steps, draft_sha256)
    if state.requested != Approval(step.by, on):
        _write(folder, (*steps, step))


def approve_draft(
    folder: Path,
    draft_sha256: str,
    *,
    by: str,
    on: str,
    approvers: Sequence[str] = (),
) -> Approval:
    """Record that somebody approves a draft. Safe to repeat.

    Args:
        folder: the folder of the released versions.
        draft_sha256: the SHA-256 (hex) of the draft's file.
        by: who approves.
        on: the day.
        approvers: who may; empty where anybody may.

    Returns:
        The approval, with the name as it stands among those who may, and the day of
        the first time.

    Raises:
        ApprovalRefused: approval of this very draft was not asked for, this person may
            not approve, or the name cannot be kept.
        VersionFileError: the record cannot be read.
        FileNotWritten: it could not be written; it is as it was.
    """
    steps = read_approvals(folder)
    name = _fit(by)
    names = {_key(one): one for one in approvers}
    if approvers:
        if _key(name) not in names:
            raise ApprovalRefused(
                f"{name} may not approve. Who may: {', '.join(approvers)}"
            )
        name = names[_key(name)]
    state = approval_state(steps, draft_sha256)
    if state.requested is None:
        changed = any(one.what is Step.REQUESTED for one in steps)
        raise ApprovalRefused(
            "nobody has asked for approval of this draft"
            + (" as it is now: it may have been changed since" if changed else "")
        )
    for approval in state.approvals:
        if _key(approval.by) == _key(name):
            return approval
    _write(folder, (*steps, ApprovalStep(Step.APPROVED, on, name, draft_sha256)))
    return Approval(name, on)


def _key(name: str) -> str:
    return " ".join(name.casefold().split())


def _fit(name: str) -> str:
    try:
        return one_line("by", name, limit=LONGEST_NAME)
    except TextRefused as error:
        raise ApprovalRefused(f"the name cannot be kept: {error}") from error


def _write(folder: Path, steps: Sequence[ApprovalStep]) -> None:
    text = "\n".join(
        "[[approval]]\n"
        f'what = "{one.what}"\n'
        f'on = "{one.on}"\n'
        # A JSON string without escapes of its own is a TOML string too.
        f"by = {json.dumps(one.by, ensure_ascii=False)}\n"
        f'draft_sha256 = "{one.draft_sha256}"\n'
        for one in steps
    )
    files.replace(folder / APPROVALS, text.encode())


def _step(path: str, place: int, entry: Any) -> ApprovalStep:  # noqa: ANN401 - parsed TOML
    if (
        not isinstance(entry, dict)
        or entry.keys() != _KEYS
        or not all(isinstance(value, str) for value in entry.values())
    ):
        raise VersionFileError(
            path, f"needs {', '.join(sorted(_KEYS))} and no more in approval {place}"
        )
    try:
        fit = one_line("by", entry["by"], limit=LONGEST_NAME) == entry["by"]
        what = Step(entry["what"])
    except (TextRefused, ValueError):
        fit = False
    if not (fit and is_day(entry["on"]) and _SHA256.fullmatch(entry["draft_sha256"])):
        raise VersionFileError(
            path, f"has a step, a day, a name or a SHA-256 that is none in {place}"
        )
    return ApprovalStep(what, entry["on"], entry["by"], entry["draft_sha256"])

"""Approvals are over the very bytes of a draft, by those who may give them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.errors import ApprovalRefused, ApprovalsMissing, VersionFileError
from signer.policy.approvals import (
    ApprovalState,
    approval_state,
    approve_draft,
    entries_released,
    read_approvals,
    request_approval,
)
from signer.policy.front_matter_fields import Approval
from signer.policy.versions import APPROVALS

if TYPE_CHECKING:
    from pathlib import Path

DRAFT, CHANGED = "a1" * 32, "b2" * 32
HEADS = ("Jo Field", "Ann O'Hara")


def asked(folder: Path, draft: str = DRAFT) -> None:
    request_approval(folder, draft, by="Head", on="2026-11-22")


def approve(folder: Path, by: str, draft: str = DRAFT) -> Approval:
    return approve_draft(folder, draft, by=by, on="2026-11-23", approvers=HEADS)


def state(folder: Path, draft: str = DRAFT, needed: int = 2) -> ApprovalState:
    return approval_state(read_approvals(folder), draft, needed=needed, approvers=HEADS)


def test_approvals_are_counted_once_for_each_person(tmp_path: Path) -> None:
    """However the name is typed; the record has it as the settings do."""
    asked(tmp_path)
    asked(tmp_path)
    approve(tmp_path, "Jo Field")
    assert approve(tmp_path, " jo  FIELD") == Approval("Jo Field", "2026-11-23")
    found = state(tmp_path)
    assert (found.missing, found.may_approve) == (1, ("Ann O'Hara",))
    approve(tmp_path, "Ann O'Hara")
    state(tmp_path).check()
    assert len(read_approvals(tmp_path)) == 3


def test_a_changed_draft_has_no_approvals(tmp_path: Path) -> None:
    """Neither those of before, nor new ones until it is asked about again."""
    asked(tmp_path)
    approve(tmp_path, "Jo Field")
    found = state(tmp_path, CHANGED)
    assert (found.approvals, found.voided) == ((), ("Jo Field",))
    with pytest.raises(ApprovalsMissing) as caught:
        found.check()
    assert caught.value.may_approve == HEADS
    with pytest.raises(ApprovalRefused, match="may have been changed"):
        approve(tmp_path, "Jo Field", CHANGED)
    asked(tmp_path, CHANGED)
    approve(tmp_path, "Jo Field", CHANGED)
    assert state(tmp_path, CHANGED).voided == ()
    assert state(tmp_path).approvals, "the first draft, put back, is still approved"


@pytest.mark.parametrize("by", ["Jo Fields", "", "Jo\x07 Field", "x" * 300])
def test_nobody_else_approves(tmp_path: Path, by: str) -> None:
    """Nor is anything recorded."""
    asked(tmp_path)
    with pytest.raises(ApprovalRefused):
        approve(tmp_path, by)
    assert len(read_approvals(tmp_path)) == 1


def test_who_may_not_approve_any_more_does_not_count(tmp_path: Path) -> None:
    """The settings of the day of release decide."""
    asked(tmp_path)
    approve(tmp_path, "Jo Field")
    later = approval_state(
        read_approvals(tmp_path), DRAFT, needed=1, approvers=("Ann O'Hara",)
    )
    assert (later.approvals, later.missing) == ((), 1)


def test_where_nobody_is_named_anybody_may(tmp_path: Path) -> None:
    """Once approval was asked for."""
    with pytest.raises(ApprovalRefused, match="nobody has asked"):
        approve_draft(tmp_path, DRAFT, by="Anna", on="2026-11-23")
    asked(tmp_path)
    approve_draft(tmp_path, DRAFT, by="Anna", on="2026-11-23")
    found = approval_state(read_approvals(tmp_path), DRAFT, needed=1)
    assert (found.missing, found.approvals) == (0, (Approval("Anna", "2026-11-23"),))


def test_what_was_released_is_not_voided(tmp_path: Path) -> None:
    """Approvals of older releases are no news about the next draft."""
    asked(tmp_path)
    approve(tmp_path, "Jo Field")
    steps = read_approvals(tmp_path)
    since = entries_released(steps, [DRAFT])
    assert approval_state(steps, CHANGED, since=since).voided == ()
    assert entries_released(steps, [CHANGED]) == 0


@pytest.mark.parametrize(
    "content",
    [
        b"\xff",
        b"[[approval",
        b"[[review]]\n",
        b'[[approval]]\nwhat = "approved"\n',
        *(
            (
                f'[[approval]]\nwhat = "{what}"\non = "{on}"\nby = "{by}"\n'
                f'draft_sha256 = "{sha256}"\n'
            ).encode()
            for what, on, by, sha256 in (
                ("signed", "2026-11-22", "Jo", DRAFT),
                ("approved", "2026-11-32", "Jo", DRAFT),
                ("approved", "2026-11-22", "", DRAFT),
                ("approved", "2026-11-22", "Jo", "A1" * 32),
            )
        ),
    ],
)
def test_an_odd_record_is_refused(tmp_path: Path, content: bytes) -> None:
    """It says who agreed to a text, so that nothing in it is guessed."""
    (tmp_path / APPROVALS).write_bytes(content)
    with pytest.raises(VersionFileError):
        read_approvals(tmp_path)

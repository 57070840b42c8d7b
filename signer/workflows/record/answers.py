"""Counting, version by version, what parents answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session

from signer.store.columns import SignedHow, Status
from signer.store.tables import PinnedVersion, Request
from signer.workflows.exemption.exempt import is_exempt
from signer.workflows.requests.disputes import in_dispute


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """All requests of one version, counted.

    Each request counts once among ``signed_by_link`` to ``outstanding``.

    Attributes:
        version: the version's number.
        label: such as "August 2022".
        asked: how many parents were asked.
        signed_by_link: signed online.
        signed_on_paper: recorded by the office.
        declined: said no, and has not signed since.
        superseded: did not answer before a newer version came.
        withdrawn: left before answering.
        disputed: has not answered, and is not mailed: whoever got the link says that
            they are somebody else, and the office has yet to look.
        need_not_sign: has not answered, and need not: the school has said so.
        outstanding: has not answered.
    """

    version: int
    label: str
    asked: int
    signed_by_link: int
    signed_on_paper: int
    declined: int
    superseded: int
    withdrawn: int
    disputed: int
    need_not_sign: int
    outstanding: int

    @property
    def covered(self) -> float | None:
        """Signed, of those asked who stayed and are to sign, in per cent: one decimal.

        Rounded down, so that 100.0 means everybody. None where nobody is left.
        """
        stayed = self.asked - self.withdrawn - self.need_not_sign
        if not stayed:
            return None
        return (self.signed_by_link + self.signed_on_paper) * 1000 // stayed / 10


def count_answers(
    session: Session, numbers: Collection[int] | None = None
) -> tuple[Answers, ...]:
    """Count what parents answered, the newest version first.

    Args:
        session: a transaction.
        numbers: of the versions that are meant; None for each that parents were asked
            to sign.
    """
    pinned = select(PinnedVersion.number, PinnedVersion.label)
    if numbers is not None:
        pinned = pinned.where(PinnedVersion.number.in_(numbers))
    ended = _ended(session, numbers)
    disputed = count_pending(
        session, numbers, in_dispute(Request.parent_id), ~is_exempt(Request.parent_id)
    )
    exempt = count_pending(session, numbers, is_exempt(Request.parent_id))
    return tuple(
        _answers(number, label, ended, disputed[number], exempt[number])
        for number, label in session.execute(
            pinned.order_by(PinnedVersion.number.desc())
        )
    )


def count_pending(
    session: Session,
    numbers: Collection[int] | None,
    *conditions: ColumnElement[bool],
) -> Counter[int]:
    """Count the requests of each version that are open and meet conditions.

    Args:
        session: a transaction.
        numbers: of the versions that are meant; None for all.
        conditions: what else is true of them.
    """
    rows = session.execute(
        select(Request.version_number, func.count())
        .where(Request.status == Status.PENDING, of_versions(numbers), *conditions)
        .group_by(Request.version_number)
    )
    return Counter({number: n for number, n in rows})  # noqa: C416 - rows


def of_versions(numbers: Collection[int] | None) -> ColumnElement[bool]:
    """Return the condition that a request is for one of these versions.

    Args:
        numbers: of the versions; None for all.
    """
    return true() if numbers is None else Request.version_number.in_(numbers)


_Ended = Counter[tuple[int, Status, SignedHow | None]]


def _ended(session: Session, numbers: Collection[int] | None) -> _Ended:
    rows = session.execute(
        select(Request.version_number, Request.status, Request.signed_how, func.count())
        .where(of_versions(numbers))
        .group_by(Request.version_number, Request.status, Request.signed_how)
    )
    return Counter({(number, status, how): n for number, status, how, n in rows})


def _answers(
    number: int, label: str, answers: _Ended, disputed: int, exempt: int
) -> Answers:
    def ended(status: Status, how: SignedHow | None = None) -> int:
        return answers[number, status, how]

    return Answers(
        version=number,
        label=label,
        asked=sum(count for (one, _, _), count in answers.items() if one == number),
        signed_by_link=ended(Status.SIGNED, SignedHow.LINK),
        signed_on_paper=ended(Status.SIGNED, SignedHow.PAPER),
        declined=ended(Status.DECLINED),
        superseded=ended(Status.SUPERSEDED),
        withdrawn=ended(Status.WITHDRAWN),
        disputed=disputed,
        need_not_sign=exempt,
        outstanding=ended(Status.PENDING) - disputed - exempt,
    )

"""The database's own storage: whether its pages are what SQLite wrote."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.orm import Session

from signer.workflows.reconciliation.disagreement import Between, Disagreement

MOST_FAULTS = 20

_SOUND = ["ok"]


def check_storage(session: Session) -> Iterator[Disagreement]:
    """Yield where SQLite finds its file damaged, or mixed from two.

    PostgreSQL keeps checksums of its pages itself, where its operator has it do so.

    Args:
        session: a transaction.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    faults = session.scalars(text(f"PRAGMA quick_check({MOST_FAULTS})")).all()
    if list(faults) == _SOUND:
        return
    yield Disagreement(
        Between.STORAGE,
        "the database's file",
        f"SQLite finds it damaged: {'; '.join(str(fault) for fault in faults[:3])}.",
        "Stop the service and every worker. Copy the file, and those beside it whose "
        "names begin with its name, before anything else. Then restore the newest "
        "backup into another database, and compare the two with `signer check`: what "
        "was signed since that backup is in the copy alone.",
    )

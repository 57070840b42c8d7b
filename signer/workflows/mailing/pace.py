"""How many mails may go out in a minute, shared by every worker.

Each of the two limits is a moment from which the next mail may go (the generic cell
rate algorithm, with one second's mails at once). It is kept in the database, so that
workers on several machines keep the limit together.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import delete, or_, select
from sqlalchemy.orm import Session

from signer import clock
from signer.config import Settings
from signer.store.locking import lock_table
from signer.store.transient import MailPace

EVERYTHING = ""
_AT_ONCE = timedelta(seconds=1)
_LONGEST = timedelta(minutes=1)
"""How long the next mail waits where one a minute may go."""


class Pace:
    """The limits as they stand in a transaction, which nobody else changes meanwhile.

    Args:
        session: a transaction that writes.
        settings: the limits; where none is set, nothing is read or written.
    """

    def __init__(self, session: Session, settings: Settings) -> None:
        self._session = session
        self._now = clock.now()
        self._all = _interval(settings.mail_per_minute)
        self._domain = _interval(settings.mail_per_minute_domain)
        self._rows: dict[str, MailPace] = {}
        if self._all or self._domain:
            lock_table(session, MailPace)
            # One that is over, or further ahead than any of ours: a clock was ahead.
            session.execute(
                delete(MailPace).where(
                    or_(
                        MailPace.free_at < self._now - _AT_ONCE,
                        MailPace.free_at > self._now + _LONGEST,
                    )
                )
            )
            self._rows = {row.name: row for row in session.scalars(select(MailPace))}

    def full(self) -> list[str]:
        """The domains that may get nothing now."""
        return [name for name in self._rows if name and not self._free(name)]

    def take(self, domain: str | None) -> bool:
        """Take the place of one mail; False where there is none now.

        Args:
            domain: of the recipient; None where no limit for domains holds.
        """
        wanted = [(EVERYTHING, self._all)] if self._all else []
        if domain and self._domain:
            wanted.append((domain, self._domain))
        if not all(self._free(name) for name, _ in wanted):
            return False
        for name, interval in wanted:
            row = self._rows.get(name)
            if row is None:
                row = MailPace(name=name, free_at=self._now - _AT_ONCE)
                self._session.add(row)
                self._rows[name] = row
            row.free_at = max(row.free_at, self._now - _AT_ONCE) + interval
        return True

    def wait(self) -> timedelta | None:
        """How long until a limit that is reached now lets the next mail go."""
        later = [
            row.free_at - self._now
            for name, row in self._rows.items()
            if not self._free(name)
        ]
        return min(later, default=None)

    def _free(self, name: str) -> bool:
        row = self._rows.get(name)
        return row is None or row.free_at <= self._now


def domain_of(address: str) -> str:
    """The domain of an address, as limits are kept for it."""
    return address.rpartition("@")[2].lower()


def _interval(per_minute: int) -> timedelta:
    return timedelta(minutes=1) / per_minute if per_minute else timedelta()

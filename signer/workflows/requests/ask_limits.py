"""How many new links may be asked for: from one network, and in all.

Each limit is the moment at which its budget is whole again (the generic cell rate
algorithm). It is kept in the database, so that every process and every machine that
serves the school keeps the limit together. The `limits` package keeps its counters in
memory, Redis and the like, and has no place for them in SQLite or PostgreSQL.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from signer import clock
from signer.errors import TooManyAsks
from signer.store.locking import lock_table
from signer.store.transient import LinkAskPace


@dataclass(frozen=True, slots=True)
class Pace:
    """How often something may happen.

    Attributes:
        at_once: how often at once, after a time without any.
        every: how long until one more may.
    """

    at_once: int
    every: timedelta


BY_NETWORK = Pace(at_once=20, every=timedelta(minutes=3))
"""For one network: a whole block of flats may share an address."""

IN_ALL = Pace(at_once=300, every=timedelta(seconds=6))
"""For everybody together: the evening after a thousand parents were asked to sign."""


def forget_networks(session: Session) -> None:
    """Delete each budget that is whole again, and with it what told of a network.

    Args:
        session: a transaction that writes; nobody else reads a budget before it ends.
    """
    lock_table(session, LinkAskPace)
    session.execute(delete(LinkAskPace).where(LinkAskPace.whole_at <= clock.now()))


def charge_ask(
    session: Session, network: str | None, secret: str, *, door: str = ""
) -> None:
    """Count one ask for a new link.

    Args:
        session: a transaction that writes.
        network: where it comes from; None where that is not known, and only the limit
            in all holds.
        secret: keys the hash by which a network is known here.
        door: where it is asked; each has limits of its own.

    Raises:
        TooManyAsks: a limit is reached; nothing is counted.
    """
    forget_networks(session)
    now = clock.now()
    everybody = door
    paces = {everybody: IN_ALL}
    if network is not None:
        paces[_asker(door + network, secret)] = BY_NETWORK
    rows = {
        name: session.get(LinkAskPace, name) or LinkAskPace(name=name, whole_at=now)
        for name in paces
    }
    for name, pace in paces.items():
        wait = rows[name].whole_at - now - pace.every * (pace.at_once - 1)
        if wait > timedelta():
            raise TooManyAsks(wait, by_asker=name != everybody)
    for name, pace in paces.items():
        rows[name].whole_at += pace.every
        session.add(rows[name])


def _asker(network: str, secret: str) -> str:
    """Return the keyed hash by which a network is known."""
    key = b"link asks: " + secret.encode()
    return hmac.digest(key, network.encode(), hashlib.sha256).hex()

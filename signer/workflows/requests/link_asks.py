"""Links that are asked for: noted as they come, and left to the worker.

Whatever address is typed, the same is done, so that neither the answer nor the time it
takes tells whether anybody is known by it. Parents ask at one door, staff at another;
each has limits of its own.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from signer.errors import TooManyAsks
from signer.store.transient import LinkAsk
from signer.workflows.context import AppContext
from signer.workflows.requests.ask_limits import charge_ask
from signer.workflows.requests.private_text import PrivateText

MOST_WAITING = 10_000
"""How many may wait for the worker at one door, so that nobody can fill the disk."""

LATER = timedelta(minutes=5)
"""When to ask again while so many wait."""

_PURPOSES = {False: "link asks", True: "desk sign-in asks"}
_DOORS = {False: "", True: "desk"}


def note_ask(
    context: AppContext,
    email: str,
    *,
    network: str | None = None,
    to_desk: bool = False,
) -> None:
    """Note that somebody wants a link, and leave it to the worker.

    Args:
        context: the context.
        email: the address as typed.
        network: where it is asked from, if that is known.
        to_desk: whether it is to sign in at the desk, and not a parent's.

    Raises:
        TooManyAsks: too many were made from there, or in all; nothing is noted.
    """
    address = _texts(context, to_desk=to_desk).encrypt(email)
    with context.sessions.writing() as session:
        key = context.settings.secret_keys[-1]
        charge_ask(session, network, key, door=_DOORS[to_desk])
        waiting = session.scalar(
            select(func.count())
            .select_from(LinkAsk)
            .where(LinkAsk.to_desk.is_(to_desk))
        )
        if (waiting or 0) >= MOST_WAITING:
            raise TooManyAsks(LATER, by_asker=False)
        session.add(LinkAsk(address=address, to_desk=to_desk))
    context.wake_worker()


def address_in(context: AppContext, ask: LinkAsk) -> str | None:
    """The address as it was typed; None where the key it needs is no longer there."""
    return _texts(context, to_desk=ask.to_desk).decrypt(ask.address)


def _texts(context: AppContext, *, to_desk: bool) -> PrivateText:
    return PrivateText(context.settings.secret_keys, purpose=_PURPOSES[to_desk])

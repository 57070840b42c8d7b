"""Under which names the log is signed, and by which keys."""

from __future__ import annotations

import re
from collections.abc import Sequence
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.orm import Session

from signer.config import Settings
from signer.ledger.signed_notes import NoteVerifier
from signer.store.log.tables import LogOrigin
from signer.workflows.context import AppContext

_LATER = re.compile(r"(?P<first>.+)/(?P<number>[1-9][0-9]{0,8})", re.ASCII)
_NAME = re.compile(r"[^\s/]+/log(?:/[1-9][0-9]{0,8})?", re.ASCII)


def first_origin(settings: Settings) -> str:
    """The log's name before it was ever reopened, such as ``example.org/log``."""
    return f"{urlsplit(settings.base_url).netloc}/log"


def later_origin(first: str, number: int) -> str:
    """The log's name once it was reopened: ``…/log/2``, ``…/log/3``.

    Args:
        first: the name it had at first.
        number: 1 for the first name.
    """
    return first if number == 1 else f"{first}/{number}"


def number_of(origin: str, first: str) -> int | None:
    """The number of one of the log's names; None where it is no name of this log."""
    if origin == first:
        return 1
    found = _LATER.fullmatch(origin)
    if not found or found["first"] != first or found["number"] == "1":
        return None
    return int(found["number"])


def is_of_another(origin: str, first: str) -> bool:
    """Whether this is a name such as this service gives, of a log elsewhere."""
    return bool(_NAME.fullmatch(origin)) and number_of(origin, first) is None


def origins(session: Session) -> Sequence[LogOrigin]:
    """Every name that the log has had, the one that signs last."""
    return session.scalars(select(LogOrigin).order_by(LogOrigin.number)).all()


def verifiers(context: AppContext) -> tuple[NoteVerifier, ...]:
    """The public keys of the log, one for each name it has had, the newest last.

    Empty before the first checkpoint is signed.
    """
    with context.sessions.reading() as session:
        return tuple(NoteVerifier.parse(one.verifier) for one in origins(session))

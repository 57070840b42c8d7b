"""Who acts at the desk: the cookie, and what is recorded of them.

The cookie holds a random id of which the database knows the SHA-256, and the moment at
which it was last set, both signed: by that moment idleness is counted, so that looking
at a page writes nothing. It has nothing to do with a parent's cookie.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import cast

from flask import Response, g, request
from itsdangerous import BadSignature

from signer import clock
from signer.link_tokens import ClockSigner
from signer.store.desk.actions import Act, acting
from signer.web.session import context, settings
from signer.workflows.desk.sessions import SignedIn, who_is_signed_in

STAMPED = timedelta(minutes=1)
"""How exactly idleness is counted: the cookie is not set anew by every page."""


def signed_in() -> SignedIn | None:
    """Who acts in the browser that sent the present request, if anybody does."""
    if "desk_person" not in g:
        session_id = _session_id()
        g.desk_person = who_is_signed_in(context(), session_id) if session_id else None
    return cast("SignedIn | None", g.desk_person)


def person() -> SignedIn:
    """Who acts, on a page that only somebody who is signed in can have."""
    there = signed_in()
    if there is None:
        raise LookupError("nobody is signed in")
    return there


def act(
    action: str, subject: str = "", details: str = ""
) -> AbstractContextManager[Act]:
    """Record what the person does with what the block commits.

    Args:
        action: such as ``parent:correct``.
        subject: what it is done to, such as ``parent:17``.
        details: a few words more, without a name or an address of a parent.
    """
    return acting(Act(person().account_id, action, subject, details))


def session_id() -> str:
    """The id of the present session; empty where there is none."""
    return _session_id() or ""


def begin(response: Response, session_id: str) -> Response:
    """Let the browser that gets a response act by a session."""
    g.desk_cookie = session_id
    return response


def forget(response: Response) -> Response:
    """Have the browser that gets a response forget its session."""
    g.desk_cookie = ""
    return response


def set_cookie(response: Response) -> Response:
    """Set the cookie where a session began or ended, or its stamp has grown old."""
    given = g.get("desk_cookie")
    if given is None and g.get("desk_stamped_before") and signed_in() is not None:
        given = _session_id()
    if given:
        response.set_cookie(
            _name(),
            _signer().sign(given).decode(),
            secure=settings().https,
            httponly=True,
            samesite="Lax",
        )
    elif given == "":
        response.delete_cookie(
            _name(), secure=settings().https, httponly=True, samesite="Lax"
        )
    return response


def _session_id() -> str | None:
    cookie = request.cookies.get(_name())
    if not cookie:
        return None
    idle = timedelta(minutes=settings().desk_idle_minutes) + STAMPED
    try:
        value, stamped = _signer().unsign(
            cookie, max_age=int(idle.total_seconds()), return_timestamp=True
        )
    except BadSignature:
        return None
    g.desk_stamped_before = clock.now() - stamped >= STAMPED
    return value.decode(errors="replace")


def _name() -> str:
    return "__Host-desk" if settings().https else "desk"


def _signer() -> ClockSigner:
    return ClockSigner(
        list(settings().secret_keys),
        salt="signer desk session",
        digest_method=hashlib.sha256,
    )

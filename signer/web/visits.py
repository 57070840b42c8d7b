"""What the session cookie remembers: which requests this browser has opened.

It holds the link's fingerprint for each request, so that two parents who share a
browser stay two. Nothing that a parent types is ever in it: it is signed, not secret.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, cast

from flask import (
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    session,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface

from signer import clock
from signer.workflows.follow_link import LinkState, look_up_entry

if TYPE_CHECKING:
    from flask import Response

    from signer.config import Settings
    from signer.workflows.follow_link import Entry
    from signer.workflows.house import House

MOST_VISITS = 6
"""Requests remembered at once; the oldest is forgotten first."""

ANSWERABLE = frozenset({LinkState.OPEN, LinkState.DECLINED})

_KEY = "visits"


class CookieSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, signed with SHA-256 where Flask takes SHA-1."""

    salt = "signer session"
    digest_method = staticmethod(hashlib.sha256)


def settings() -> Settings:
    """The settings of the application that is answering."""
    return cast("Settings", current_app.extensions["settings"])


def house() -> House:
    """What the workflows need, from the application that is answering."""
    return cast("House", current_app.extensions["house"])


def remember(ref: str, fingerprint: str) -> None:
    """Let this browser answer a request, for as long as the settings say.

    Args:
        ref: the request.
        fingerprint: SHA-256 (hex) of the id of the link that was opened.
    """
    visits: dict[str, list[object]] = session.get(_KEY, {})
    kept = [(key, value) for key, value in visits.items() if key != ref]
    kept = kept[-(MOST_VISITS - 1) :]
    now = int(clock.now().timestamp())
    session[_KEY] = dict([*kept, (ref, [fingerprint, now])])
    # The cookie outlives the browser's being closed: phones do that unasked.
    session.permanent = True


def fingerprint_for(ref: str) -> str | None:
    """The fingerprint of the link that opened a request here; None if none did."""
    fingerprint, since = session.get(_KEY, {}).get(ref, (None, 0))
    age = clock.now().timestamp() - since
    if fingerprint is None or age > settings().session_hours * 60 * 60:
        return None
    return str(fingerprint)


def entered(ref: str) -> tuple[Entry, str]:
    """A request that this browser has opened, and its link's fingerprint.

    Answers with a page that says how to get in when it has not.
    """
    fingerprint = fingerprint_for(ref)
    entry = fingerprint and look_up_entry(house(), ref, fingerprint)
    if not fingerprint or not entry:
        abort(link_needed())
    return entry, fingerprint


def answerable(ref: str) -> tuple[Entry, str]:
    """As `entered`, for pages that only make sense while nothing is signed.

    A signed request leads to its receipt; one that is closed says so.
    """
    entry, fingerprint = entered(ref)
    if entry.state is LinkState.SIGNED:
        abort(redirect(url_for("parent.signed", ref=ref), 303))
    if entry.state not in ANSWERABLE:
        abort(closed(entry.state))
    return entry, fingerprint


def link_needed() -> Response:
    """The page for a browser that has not opened the request, or too long ago."""
    return make_response(render_template("landing/link_needed.html"), 403)


def closed(state: str) -> Response:
    """The page for a request or a link that can no longer be answered.

    Args:
        state: a value of `LinkState`.
    """
    status = 404 if state == LinkState.UNKNOWN else 410
    return make_response(render_template("landing/closed.html", state=state), status)

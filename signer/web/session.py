"""What the session cookie remembers: which requests this browser has opened.

It holds the link's fingerprint for each request, so that two parents who share a
browser stay two. Nothing that a parent types is ever in it: it is signed, not secret.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime
from typing import cast

from flask import (
    Flask,
    Response,
    abort,
    current_app,
    make_response,
    redirect,
    render_template,
    session,
    url_for,
)
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from itsdangerous import URLSafeTimedSerializer

from signer import clock
from signer.config import Settings
from signer.link_tokens import ClockSigner
from signer.web.csrf import csrf_ok, sent_from_elsewhere
from signer.workflows.context import AppContext
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.follow_link import lead_on, note_opening
from signer.workflows.requests.view_request import RequestView, view_request

MOST_VISITS = 6
"""Requests remembered at once; the oldest is forgotten first."""

ANSWERABLE = frozenset({LinkState.OPEN, LinkState.DECLINED})

STAMPED_SECONDS = 60
"""How exactly idleness is counted: the cookie is not set anew by every page."""

_KEY = "visits"
_SEEN = "seen"


class CookieSessions(SecureCookieSessionInterface):
    """Flask's signed cookie, signed with SHA-256 where Flask takes SHA-1.

    Two machines that serve one school need not have clocks that agree to the second.

    It ends with the browser. What another site sends comes without the cookie, and the
    answer's would take the place of one that a parent has.
    """

    salt = "signer session"
    digest_method = staticmethod(hashlib.sha256)

    def get_signing_serializer(self, app: Flask) -> URLSafeTimedSerializer | None:
        """Return the serializer of the cookie, which bears with a clock ahead."""
        serializer = super().get_signing_serializer(app)
        if serializer is not None:
            serializer.signer = ClockSigner
        return serializer

    def save_session(
        self, app: Flask, session: SessionMixin, response: Response
    ) -> None:
        """Set the cookie where something in it has changed."""
        if not sent_from_elsewhere():
            super().save_session(app, session, response)


def idle_seconds(settings: Settings) -> int:
    """How long a parent may do nothing before a session ends, in seconds."""
    return settings.session_hours * 60 * 60 + STAMPED_SECONDS


def settings() -> Settings:
    """The settings of the application that is answering."""
    return cast("Settings", current_app.extensions["settings"])


def context() -> AppContext:
    """What the workflows need, from the application that is answering."""
    return cast("AppContext", current_app.extensions["context"])


def remember(ref: str, fingerprint: str) -> None:
    """Let this browser answer a request, until it is closed or idle for too long.

    Args:
        ref: the request.
        fingerprint: SHA-256 (hex) of the id of the link that was opened.
    """
    visits: dict[str, list[object]] = session.get(_KEY, {})
    kept = [(key, value) for key, value in visits.items() if key != ref]
    kept = kept[-(MOST_VISITS - 1) :]
    now = int(clock.now().timestamp())
    session[_KEY] = dict([*kept, (ref, [fingerprint, now])])
    session[_SEEN] = now


def forget() -> None:
    """Let this browser answer nothing any more."""
    session.clear()


def remembers() -> bool:
    """Whether this browser may see anything of a parent's."""
    return bool(_visits())


def fingerprint_for(ref: str) -> str | None:
    """The fingerprint of the link that opened a request here; None if none did."""
    visit = _visits().get(ref)
    return visit[0] if visit else None


def entered(ref: str) -> tuple[RequestView, str]:
    """A request that this browser may see, and the fingerprint of the link that let in.

    That is one that it has opened, and any other of the same parent. Answers with a
    page that says how to get in when there is none.
    """
    visits = _visits()
    own = [visits[ref]] if ref in visits else []
    visits_to_try = [*own, *visits.values()]
    tried = ((link, view_request(context(), ref, link)) for link, _ in visits_to_try)
    view, fingerprint = next(((one, link) for link, one in tried if one), (None, ""))
    if view is None:
        abort(link_needed())
    _stay()
    return view, fingerprint


def answerable(ref: str) -> tuple[RequestView, str]:
    """As `entered`, for pages that only make sense while nothing is signed.

    A signed request leads to its receipt, one of an older version to the newest; one
    that is closed says so.
    """
    return _answerable(*entered(ref))


def _answerable(view: RequestView, fingerprint: str) -> tuple[RequestView, str]:
    if view.state is LinkState.SIGNED:
        abort(redirect(url_for("signing.signed", ref=view.ref), 303))
    if view.state is LinkState.SUPERSEDED and view.newest_ref:
        remember(view.newest_ref, fingerprint)
        older = view.version.number
        page = url_for("signing.read", ref=view.newest_ref, instead=older)
        abort(redirect(page, 303))
    if view.state not in ANSWERABLE:
        abort(closed(view.state))
    return view, fingerprint


def answered(ref: str) -> tuple[RequestView, str]:
    """As `answerable`, for what a parent sends: leads on to the newest version.

    Where a version was released while they answered, what it gives is their request
    for the newest one.
    """
    view, fingerprint = entered(ref)
    if view.state is LinkState.SUPERSEDED and csrf_ok():
        newest = lead_on(context(), ref, fingerprint)
        if newest is not None:
            remember(newest, fingerprint)
            return answerable(newest)
    view, fingerprint = _answerable(view, fingerprint)
    if view.opened_at is None and csrf_ok():
        # An older link led here, by pages that note nothing.
        shown = _visits().get(ref, (fingerprint, clock.now()))[1]
        note_opening(context(), ref, fingerprint, shown)
    return view, fingerprint


def _stay() -> None:
    """Count idleness from now on."""
    now = int(clock.now().timestamp())
    if now - session.get(_SEEN, 0) >= STAMPED_SECONDS:
        session[_SEEN] = now


def _visits() -> dict[str, tuple[str, datetime]]:
    """Fingerprint and beginning of each visit that has not ended, the newest last."""
    now = clock.now().timestamp()
    most = idle_seconds(settings())
    seen = session.get(_SEEN, 0)
    return {
        ref: (str(fingerprint), datetime.fromtimestamp(min(since, now), UTC))
        for ref, (fingerprint, since) in session.get(_KEY, {}).items()
        if now - max(since, seen) <= most
    }


def number_of(sha256: str | None) -> int | None:
    """The number of the released version with a SHA-256 (hex), where it is one."""
    found = (one.number for one in context().versions if one.sha256 == sha256)
    return next(found, None)


def link_needed() -> Response:
    """The page for a browser that has not opened the request, or too long ago."""
    return make_response(render_template("signing/link_needed.html"), 403)


def closed(state: str) -> Response:
    """The page for a request or a link that can no longer be answered.

    Args:
        state: a value of `LinkState`.
    """
    statuses: dict[str, int] = {LinkState.UNKNOWN: 404, LinkState.DISPUTED: 403}
    status = statuses.get(state, 410)
    return make_response(render_template("signing/closed.html", state=state), status)

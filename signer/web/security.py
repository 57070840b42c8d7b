"""What holds for every answer: whose host, which headers, how much is taken in."""

from __future__ import annotations

import logging
from typing import cast

from flask import Flask, Response, abort, current_app, g, request

from signer.config import Settings
from signer.web.proxies.hosts import OwnHost, own_origins, request_host
from signer.web.proxies.signature import HEADER, Signature, check_signature

log = logging.getLogger(__name__)

BODY_BYTES = 64 * 1024
FORM_PARTS = 100

CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""No script at all: no page of the journey needs one."""

HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    # "no-referrer" would take away what tells our own forms from foreign ones.
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": (
        "camera=(), microphone=(), geolocation=(), payment=(), usb=(), "
        "browsing-topics=()"
    ),
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "private, no-cache",
}

DESK_CONTENT_SECURITY_POLICY = (
    f"{CONTENT_SECURITY_POLICY}; script-src 'self'; connect-src 'self'"
)
"""Staff have scripts of ours, for comfort alone."""

DESK = "desk"
"""The blueprint of the pages for staff, which holds those of each room."""

PRIVATE = frozenset({"signing", "contact", "finish", DESK})
"""Blueprints whose pages show what is a parent's own: no browser keeps them, so that
the next person at the same device finds nothing by the back button."""

WITH_TOKEN = ("/s/", "/desk/in/")
"""Addresses that hold a token. Their origin alone goes on to the next page, which is
enough to tell our own forms from foreign ones, so that no log line holds the token."""

TRANSPORT = {"Strict-Transport-Security": "max-age=31536000"}
"""Over HTTPS."""

ANY_HOST = frozenset({"health", "doctor"})
"""Blueprints that are asked at any address, and past the proxy: a monitor knows the
machine's own alone, and the doctor looks for what is wrong with the others."""


def is_own_origin(origin: str) -> bool:
    """Whether a scheme and host, as a browser names them, are this service's."""
    return origin in cast("frozenset[str]", current_app.extensions["origins"])


def refusal_headers(settings: Settings) -> dict[str, str]:
    """Return the headers of what the server answers by itself to what is no request."""
    return {**HEADERS, **(TRANSPORT if settings.https else {})}


def install(app: Flask, settings: Settings) -> None:
    """Set limits, cookies, trusted host and headers."""
    app.config.update(
        SECRET_KEY=settings.secret_keys[-1],
        SECRET_KEY_FALLBACKS=list(settings.secret_keys[:-1]),
        MAX_CONTENT_LENGTH=BODY_BYTES,
        MAX_FORM_MEMORY_SIZE=BODY_BYTES,
        MAX_FORM_PARTS=FORM_PARTS,
        # Both only work over HTTPS; a browser drops such a cookie otherwise.
        SESSION_COOKIE_NAME="__Host-signer" if settings.https else "signer",
        SESSION_COOKIE_SECURE=settings.https,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_REFRESH_EACH_REQUEST=False,
        PERMANENT_SESSION_LIFETIME=settings.session_hours * 60 * 60 + 60,
    )
    app.extensions["origins"] = own_origins(settings.base_url) | (
        own_origins(settings.origin) if settings.origin else frozenset()
    )
    app.wsgi_app = OwnHost(app.wsgi_app, settings)  # type: ignore[method-assign]

    @app.before_request
    def refuse_wrong_doors() -> None:
        if request.blueprint in ANY_HOST:
            return
        came = request_host(request.environ)
        if not came.own:
            g.wrong_host = came.named
            log.warning(
                "refused a request for the host %s: expected %s",
                came.named,
                request.host,
            )
            abort(400, "host")
        signature = check_signature(
            request.headers.get(HEADER, ""), settings.proxy_secret
        )
        if signature not in {Signature.NOT_ASKED, Signature.VALID}:
            log.warning("refused a request past the proxy: %s", signature)
            abort(403, "door")

    app.before_request(_refuse_nul)

    @app.after_request
    def add_headers(response: Response) -> Response:
        # The static site brings its own, the very ones that it has elsewhere.
        if not g.get("has_own_headers"):
            for name, value in _headers_here().items():
                response.headers.setdefault(name, value)
        if settings.https:
            for name, value in TRANSPORT.items():
                response.headers.setdefault(name, value)
        return response


def _refuse_nul() -> None:
    # PostgreSQL cannot hold it, so that looking it up would fail.
    if "\0" in request.path:
        abort(404)


def _headers_here() -> dict[str, str]:
    """Return the headers of the present answer."""
    headers = dict(HEADERS)
    room = (request.blueprint or "").partition(".")[0]
    if room in PRIVATE:
        headers["Cache-Control"] = "no-store"
    if room == DESK:
        headers["Content-Security-Policy"] = DESK_CONTENT_SECURITY_POLICY
    if request.path.startswith(WITH_TOKEN):
        headers["Referrer-Policy"] = "strict-origin"
    return headers

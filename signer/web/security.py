"""What holds for every answer: whose host, which headers, how much is taken in."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from flask import Flask, abort, current_app, g, request
from werkzeug.middleware.proxy_fix import ProxyFix

if TYPE_CHECKING:
    from flask import Response

    from signer.config import Settings

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
    # Kept for the back button alone: with "no-store" a browser shows an error of its
    # own in place of the form that was sent.
    "Cache-Control": "private, no-cache",
}

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# Health checks come to the machine's own address, whatever that is.
_ANY_HOST = frozenset({"health.healthz", "health.readyz"})


def own_origins(base_url: str) -> frozenset[str]:
    """The origins that are this service, such as ``https://policies.example``.

    It is the one of the base URL; on a machine of one's own also its other names.
    """
    address = urlsplit(base_url)
    if address.hostname not in _LOOPBACK:
        return frozenset({f"{address.scheme}://{address.netloc}"})
    port = f":{address.port}" if address.port else ""
    return frozenset(
        f"{address.scheme}://{f'[{name}]' if ':' in name else name}{port}"
        for name in _LOOPBACK
    )


def is_own_origin(origin: str) -> bool:
    """Whether a scheme and host, as a browser names them, are this service's."""
    return origin in cast("frozenset[str]", current_app.extensions["origins"])


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
        PERMANENT_SESSION_LIFETIME=settings.session_hours * 60 * 60,
    )
    origins = own_origins(settings.base_url)
    hosts = {urlsplit(origin).netloc for origin in origins}
    app.extensions["origins"] = origins
    if settings.proxy_hops:
        hops = settings.proxy_hops
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=0, x_proto=hops, x_host=hops
        )

    @app.before_request
    def refuse_other_hosts() -> None:
        if request.host not in hosts and request.endpoint not in _ANY_HOST:
            abort(400, "host")

    @app.after_request
    def add_headers(response: Response) -> Response:
        # The static site brings its own, the very ones that it has elsewhere.
        if not g.get("has_own_headers"):
            for name, value in HEADERS.items():
                response.headers.setdefault(name, value)
        if settings.https:
            response.headers.setdefault("Strict-Transport-Security", "max-age=31536000")
        return response

"""Forms of ours are told from forms of others before any view runs.

Flask-WTF's own refusal is an error page, and what the parent typed would be gone.
Here the outcome is kept instead, and a form that is not proven does not validate,
so the same page comes back with the input in it.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, g, request
from flask_wtf.csrf import CSRFError, CSRFProtect

from signer.web.forms.large import make_room
from signer.web.security import is_own_origin

UNCHANGING = frozenset({"verify.check"})
"""What is posted and yet changes nothing: whoever sends it for somebody else gains
nothing. Its body is left for its own view to read, by its own limits."""

SIGNED_OTHERWISE = frozenset({"mail_webhook.events"})
"""What no browser sends: a machine signs each message with a secret of its own, and
has no session that another site could use."""

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def sent_from_elsewhere() -> bool:
    """Whether another site has sent the present request, to change something."""
    return bool(g.get("sent_from_elsewhere"))


def csrf_ok() -> bool:
    """Whether the present request was sent by a form that this service made."""
    return bool(g.get("csrf_proven"))


def install(app: Flask) -> None:
    """Check every request that may change something."""
    app.config.update(
        WTF_CSRF_CHECK_DEFAULT=False,
        # A parent may read for as long as the session lasts.
        WTF_CSRF_TIME_LIMIT=None,
        # Replaced by `_from_elsewhere`: some browsers leave out the referrer, and
        # a parent could never sign with one.
        WTF_CSRF_SSL_STRICT=False,
    )
    protection = CSRFProtect(app)

    @app.before_request
    def prove() -> None:
        if request.method in SAFE_METHODS:
            return
        g.sent_from_elsewhere = _from_elsewhere()
        if request.endpoint in UNCHANGING | SIGNED_OTHERWISE:
            return
        make_room()
        try:
            protection.protect()
        except CSRFError:
            return
        g.csrf_proven = not sent_from_elsewhere()


def _from_elsewhere() -> bool:
    """Return whether the browser says that another site sent the form.

    ``Origin`` is what browsers send with every form, and no page can change it
    (RFC 6454 §7). Where it is missing or hidden, the referrer counts, then what the
    browser itself says of the two sites. With none of them the token alone decides:
    it is bound to a cookie that no other site's form carries.
    """
    named = request.headers.get("Origin", "")
    if named in {"", "null"}:
        named = request.headers.get("Referer", "")
    if not named:
        site = request.headers.get("Sec-Fetch-Site", "")
        return site not in {"", "same-origin", "none"}
    try:
        address = urlsplit(named)
    except ValueError:
        # No browser sends brackets that do not fit.
        return True
    return not is_own_origin(f"{address.scheme}://{address.netloc}")

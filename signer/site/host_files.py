"""What the static site's host is told: security headers, and the way to the service.

The files are in the format that Netlify and Cloudflare Pages read: ``_headers`` and
``_redirects`` beside the pages.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Iterator
from urllib.parse import urlsplit

from lxml import html

from signer.errors import PolicyError

SERVICE_PATHS = (
    "/s/*",
    "/sign/*",
    "/desk",
    "/desk/*",
    "/verify",
    "/verify/*",
    "/link",
    "/link/*",
    "/compare/*",
    "/pdf/*",
    "/log",
    "/log/*",
    "/keys",
    "/keys/*",
    "/mail/events",
    "/doctor/*",
    "/.well-known/security.txt",
)
"""The paths that the service answers, not the site."""

SECRET_VARIABLE = "SIGNER_PROXY_SECRET"  # noqa: S105 - a name alone
"""The variable, in Netlify and in the service, that holds the secret of signing."""

FOR_GOOD = "public, max-age=31536000, immutable"
FONTS = "/look/fonts/*"
FONTS_KEPT = "public, max-age=604800, stale-while-revalidate=31536000"
"""The site and the service name them alike, so their addresses stay; a new font is
fetched behind the reader's back."""

_UNUSED_FEATURES = (
    "accelerometer", "camera", "display-capture", "geolocation", "gyroscope",
    "magnetometer", "microphone", "payment", "usb",
)  # fmt: skip
# Script types that a browser runs; any other is data, which no policy stops.
_RUN = frozenset({"", "module", "text/javascript", "application/javascript"})


def content_security_policy(pages: Iterable[str]) -> str:
    """A policy that lets the pages run their own scripts and nothing else.

    Args:
        pages: the HTML of every page. Their inline scripts and style sheets are
            allowed by hash (CSP 3 §2.3.1), since a static page has no nonce.
    """
    inline: dict[str, set[str]] = {"script": set(), "style": set()}
    for page in pages:
        for kind, content in _inline(page):
            inline[kind].add(_hash(content))
    scripts, styles = (" ".join(sorted(hashes)) for hashes in inline.values())
    return "; ".join(
        (
            "default-src 'none'",
            f"script-src 'self' {scripts}".rstrip(),
            f"style-src 'self' {styles}".rstrip(),
            "img-src 'self' data:",
            "font-src 'self'",
            "connect-src 'self'",
            "worker-src 'self'",
            "form-action 'self'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        )
    )


def headers_file(
    policy: str, lasting: Iterable[str] = (), plain: Iterable[str] = ()
) -> str:
    """The ``_headers`` file.

    Args:
        policy: what `content_security_policy` gives.
        lasting: the addresses of the files that never change, such as
            ``/stylesheets/site-1a2b3c4d5e6f.css``; browsers keep them for good. What
            has no rule, they ask for again each time, and get only what changed.
        plain: the addresses of texts whose names have no ending to tell it.
    """
    features = ", ".join(f"{feature}=()" for feature in _UNUSED_FEATURES)
    headers = {
        "Content-Security-Policy": policy,
        "Cross-Origin-Opener-Policy": "same-origin",
        "Permissions-Policy": features,
        # With no-referrer the service's forms would fail their CSRF check.
        "Referrer-Policy": "same-origin",
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    lines = [f"  {name}: {value}" for name, value in headers.items()]
    kept = {FONTS: FONTS_KEPT, **dict.fromkeys(lasting, FOR_GOOD)}
    for path, how in kept.items():
        lines += [path, f"  Cache-Control: {how}"]
    for path in plain:
        lines += [path, "  Content-Type: text/plain; charset=utf-8"]
    return "\n".join(("/*", *lines, ""))


def redirects_file(origin: str, *, signed: bool = False) -> str:
    """The ``_redirects`` file: the service's paths, fetched from the service.

    Args:
        origin: the service's own address, such as ``https://signer.example.org``.
        signed: whether Netlify is to sign what it passes on, with the secret that its
            variable ``SIGNER_PROXY_SECRET`` holds. The file names it alone.

    Raises:
        PolicyError: the address is not a scheme and a host alone.
    """
    parts = urlsplit(origin)
    bare = f"{parts.scheme}://{parts.netloc}"
    if (
        parts.scheme not in {"http", "https"}
        or not parts.hostname
        or origin.removesuffix("/") != bare
        or any(character.isspace() for character in origin)
        or "@" in parts.netloc
    ):
        raise PolicyError(
            f"SIGNER_ORIGIN is {origin!r}, and must be https:// and a host alone"
        )
    rule = f"200 Sign={SECRET_VARIABLE}" if signed else "200"
    return "".join(
        f"{path} {bare}{path.replace('*', ':splat')} {rule}\n" for path in SERVICE_PATHS
    )


def _inline(page: str) -> Iterator[tuple[str, str]]:
    """The inline scripts that a browser runs, and the style sheets, of a page."""
    for element in html.document_fromstring(page).iter("script", "style"):
        content = element.text or ""
        if element.tag == "script":
            kind = (element.get("type") or "").strip().lower()
            if "src" in element.attrib or kind not in _RUN:
                continue
        # One that is never closed is none to a browser.
        if f"{content}</" in page:
            yield str(element.tag), content


def _hash(content: str) -> str:
    digest = hashlib.sha256(content.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode()}'"

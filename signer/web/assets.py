"""The styles: one sheet at an address of its own making, and the fonts."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from flask import Blueprint, Response, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from signer.site.host_files import FONTS_KEPT

blueprint = Blueprint("assets", __name__)

YEAR = 365 * 24 * 60 * 60
SHARED = ("tokens.css", "frame.css", "redline.css")
SHEETS = (
    "base.css",
    "journey.css",
    "pieces.css",
    "forms.css",
    "demo.css",
    "evidence.css",
    "verify.css",
    # After the others, which they change.
    "settings.css",
)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


@cache
def stylesheet() -> tuple[str, str]:
    """The whole style sheet and its fingerprint: the shared look, then our own.

    One file is one wait on a slow line. The fonts stand where the site has them
    too, so that a browser fetches them once.
    """
    look = files("signer.theme")
    shared = [(look / name).read_text(encoding="utf-8") for name in SHARED]
    static = files("signer.web") / "static"
    own = [(static / name).read_text(encoding="utf-8") for name in SHEETS]
    text = "\n".join([*shared, *own]).replace('url("fonts/', 'url("/look/fonts/')
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


@blueprint.app_context_processor
def addresses() -> dict[str, str]:
    """Where a page finds its style."""
    return {"stylesheet": url_for("assets.style", mark=stylesheet()[1])}


# Under /sign/, since a site in front passes only some addresses on to the service.
@blueprint.get("/sign/style-<mark>.css")
def style(mark: str) -> ResponseReturnValue:
    """The style sheet, kept by browsers for a year: a changed one has a new mark."""
    text, present = stylesheet()
    answer = Response(text, content_type=TYPES[".css"])
    if mark == present:
        return keep(answer, YEAR, "immutable")
    return keep(answer, 0)


@blueprint.get("/look/<path:filename>")
def shared(filename: str) -> ResponseReturnValue:
    """A file of the look that the site and the service share."""
    suffix = filename[filename.rfind(".") :]
    if suffix not in TYPES or filename not in _shared_files():
        raise NotFound
    content = files("signer.theme").joinpath(filename).read_bytes()
    answer = Response(content, content_type=TYPES[suffix])
    answer.set_etag(hashlib.sha256(content).hexdigest()[:16])
    if suffix == ".woff2":
        answer.headers["Cache-Control"] = FONTS_KEPT
    else:
        keep(answer, 60 * 60)
    return answer.make_conditional(request.environ)


def keep(answer: Response, seconds: int, more: str = "") -> Response:
    """Let browsers and proxies keep an answer for so many seconds."""
    parts = ["public", f"max-age={seconds}", more]
    answer.headers["Cache-Control"] = ", ".join(part for part in parts if part)
    return answer


@cache
def _shared_files() -> frozenset[str]:
    root = files("signer.theme")
    fonts = {f"fonts/{one.name}" for one in (root / "fonts").iterdir()}
    return frozenset({"favicon.svg", *SHARED, *fonts})

"""Answers squeezed for the way, where their length can tell nobody a secret.

What is squeezed together shows by its length how much of it repeats. Where somebody
can put words of theirs into a page beside a secret, such as the token of a form, and
can watch the length on the line, they can guess the secret letter by letter (the
attack is called BREACH). So only what holds nothing of its request is squeezed: the
site, the styles, and pages that were asked for without a query or a form.
"""

from __future__ import annotations

from flask import Flask, Response, request
from flask_compress import Compress

WAYS = ("br", "gzip")
"""Brotli where the browser takes it, about a sixth smaller; otherwise gzip."""
BROTLI_LEVEL = 5
"""A page takes half a millisecond. The next levels take more time than they save."""
LEAST = 500
"""Bytes: shorter answers fit one packet anyway."""
TYPES = (
    "text/html",
    "text/css",
    "text/plain",
    "text/markdown",
    "text/javascript",
    "application/json",
    "application/xml",
    "application/atom+xml",
    "text/xml",
    "image/svg+xml",
)
"""Words alone. Fonts, pictures and PDFs are squeezed already."""

_SAME_FOR_ALL = frozenset({"static_site", "assets"})


def install(app: Flask) -> None:
    """Squeeze the answers that may be."""
    app.config.update(
        COMPRESS_REGISTER=False,
        COMPRESS_ALGORITHM=list(WAYS),
        COMPRESS_BR_LEVEL=BROTLI_LEVEL,
        COMPRESS_MIMETYPES=list(TYPES),
        COMPRESS_MIN_SIZE=LEAST,
        COMPRESS_STREAMS=False,
    )
    squeeze = Compress(app).after_request

    @app.after_request
    def make_small(answer: Response) -> Response:
        return squeeze(answer) if _holds_nothing_of_its_request() else answer


def _holds_nothing_of_its_request() -> bool:
    if request.blueprint in _SAME_FOR_ALL:
        return True
    return request.method in {"GET", "HEAD"} and not request.query_string

"""How public evidence is answered: pages in English, files, each kept briefly."""

from __future__ import annotations

import hashlib

from flask import Response, g, make_response, render_template, request
from flask.typing import ResponseReturnValue

from signer.i18n import ENGLISH

MINUTES = 5
"""How long a page may be kept unasked."""

PAIRS = 4
"""Pairs of digits in a group that is read aloud in one breath."""


def page(template: str, **values: object) -> ResponseReturnValue:
    """A page that is the same for everybody: it has no cookie and no other language."""
    g.language = ENGLISH
    answer = make_response(render_template(template, languages=(), **values))
    answer.headers["Cache-Control"] = f"public, max-age={MINUTES * 60}"
    return _marked(answer)


def missing(template: str, **values: object) -> ResponseReturnValue:
    """A page that says why there is nothing here, and is not kept."""
    g.language = ENGLISH
    return render_template(template, languages=(), **values), 404


def file(
    content: bytes, content_type: str, *, caching: str = "public, no-cache"
) -> ResponseReturnValue:
    """A file, by default asked for again each time, and sent when it has changed."""
    answer = Response(content, content_type=content_type)
    answer.headers["Cache-Control"] = caching
    return _marked(answer)


def groups(fingerprint: str) -> list[str]:
    """A fingerprint in groups to be read aloud; joined, they are the whole of it.

    Args:
        fingerprint: pairs of digits with colons between, such as ``9F:86:…``.
    """
    pairs = fingerprint.split(":")
    starts = range(0, len(pairs), PAIRS)
    found = [":".join(pairs[start : start + PAIRS]) for start in starts]
    return [f"{one}:" for one in found[:-1]] + found[-1:]


def _marked(answer: Response) -> ResponseReturnValue:
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    return answer.make_conditional(request.environ)

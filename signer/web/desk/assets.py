"""The style sheet and scripts of the desk, which parents' browsers never fetch."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from flask import Response, abort, url_for
from flask.typing import ResponseReturnValue

from signer.web.assets import TYPES, YEAR, keep

SCRIPTS = frozenset({"draft", "passkey"})
"""The names of the scripts, of which no page needs one but to use a passkey."""


@cache
def asset(file: str) -> tuple[str, str]:
    """A file of ``static/`` and its fingerprint."""
    text = (files("signer.web") / "static" / file).read_text(encoding="utf-8")
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


def stylesheet_address() -> str:
    """Where a page finds the style sheet."""
    return url_for("desk.style", mark=asset("desk.css")[1])


def script_address(name: str) -> str:
    """Where a page finds a script."""
    return url_for("desk.script", name=name, mark=asset(f"{name}.js")[1])


def style(mark: str) -> ResponseReturnValue:
    """The style sheet, kept by browsers for a year: a changed one has a new mark."""
    return _kept("desk.css", mark, TYPES[".css"])


def script(name: str, mark: str) -> ResponseReturnValue:
    """A script, kept likewise."""
    if name not in SCRIPTS:
        abort(404)
    return _kept(f"{name}.js", mark, "text/javascript; charset=utf-8")


def _kept(file: str, mark: str, content_type: str) -> ResponseReturnValue:
    text, present = asset(file)
    answer = Response(text, content_type=content_type)
    return keep(answer, YEAR, "immutable") if mark == present else keep(answer, 0)

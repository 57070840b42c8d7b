"""The style sheet of the desk, which parents' browsers never fetch."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from flask import Response
from flask.typing import ResponseReturnValue

from signer.web.assets import TYPES, YEAR, keep


@cache
def stylesheet() -> tuple[str, str]:
    """The style sheet and its fingerprint."""
    text = (files("signer.web") / "static" / "desk.css").read_text(encoding="utf-8")
    return text, hashlib.sha256(text.encode()).hexdigest()[:12]


def style(mark: str) -> ResponseReturnValue:
    """The style sheet, kept by browsers for a year: a changed one has a new mark."""
    text, present = stylesheet()
    answer = Response(text, content_type=TYPES[".css"])
    return keep(answer, YEAR, "immutable") if mark == present else keep(answer, 0)

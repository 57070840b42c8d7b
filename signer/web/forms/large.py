"""Forms with a file in them, which are longer than any other form may be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from flask import abort, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from signer.workflows.paper.scan import MOST_SCAN_BYTES
from signer.workflows.parents.uploads import MOST_BYTES

_AROUND = 100_000
"""Bytes for what stands around a file."""

MOST_PASTED_BYTES = 4_000_000
"""HTML of a word processor is many times as long as its words."""

MOST_DOCUMENT_BYTES = 10_000_000
"""A document of words has pictures in it that nobody reads."""

# Werkzeug also holds each chunk that it reads to this, with what it keeps of the last.
_FIELD_BYTES = 2 * MultiPartParser().buffer_size


class Large(NamedTuple):
    """A form that may be longer than others.

    Attributes:
        path: where it is sent to.
        most: the most bytes of all of it.
    """

    path: str
    most: int


LARGE: Mapping[str, Large] = {
    "desk.parents.keep_upload": Large("/desk/parents/upload", MOST_BYTES + _AROUND),
    "desk.paper.record": Large("/desk/paper/record", MOST_SCAN_BYTES + _AROUND),
    "desk.text.paste": Large("/desk/text/paste", MOST_PASTED_BYTES + _AROUND),
    "desk.text.upload": Large("/desk/text/upload", MOST_DOCUMENT_BYTES + _AROUND),
}
"""Each form with a file, by its endpoint."""

LARGE_PATHS: Mapping[str, int] = {one.path: one.most for one in LARGE.values()}
"""The most bytes for the server, which takes in a form before anything knows of it."""


def make_room() -> None:
    """Let the present request be as long as its form may be; refuse a longer one."""
    endpoint = request.endpoint
    if endpoint is None or endpoint not in LARGE:
        return
    request.max_content_length = LARGE[endpoint].most
    request.max_form_memory_size = _FIELD_BYTES
    try:
        # Whoever looks at a field reads it all.
        _ = request.form
    except RequestEntityTooLarge:
        abort(413, "file")

"""Forms with a file in them, which are longer than any other form may be."""

from __future__ import annotations

from collections.abc import Mapping

from flask import abort, request
from werkzeug.exceptions import RequestEntityTooLarge
from werkzeug.formparser import MultiPartParser

from signer.workflows.paper.scan import MOST_SCAN_BYTES
from signer.workflows.parents.uploads import MOST_BYTES

_AROUND = 100_000
"""Bytes for what stands around a file."""

MOST_PASTED_BYTES = 4_000_000
"""HTML of a word processor is many times as long as its words."""

LARGE: Mapping[str, tuple[str, int]] = {
    "desk.parents.keep_upload": ("/desk/parents/upload", MOST_BYTES + _AROUND),
    "desk.text.paste": ("/desk/text/paste", MOST_PASTED_BYTES + _AROUND),
    "desk.paper.record": ("/desk/paper/record", MOST_SCAN_BYTES + _AROUND),
}
"""The path and the most bytes of each form with a file, by its endpoint."""

LARGE_PATHS: Mapping[str, int] = dict(LARGE.values())
"""The same for the server, which takes in a form before anything knows of it."""

# Werkzeug also holds each chunk that it reads to this, with what it keeps of the last.
_FIELD_BYTES = 2 * MultiPartParser().buffer_size


def make_room() -> None:
    """Let the present request be as long as its form may be; refuse a longer one."""
    endpoint = request.endpoint
    if endpoint is None or endpoint not in LARGE:
        return
    request.max_content_length = LARGE[endpoint][1]
    request.max_form_memory_size = _FIELD_BYTES
    try:
        # Whoever looks at a field reads it all.
        _ = request.form
    except RequestEntityTooLarge:
        abort(413, "file")

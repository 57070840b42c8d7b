"""The blueprint that the pages for governors and auditors share."""

from __future__ import annotations

from flask import Blueprint, Response

blueprint = Blueprint("record", __name__, url_prefix="/record")


def download(content: bytes, content_type: str, name: str) -> Response:
    """A file to keep.

    Args:
        content: the whole of it.
        content_type: with its character set, where it is text.
        name: without anything about a person.
    """
    answer = Response(content, content_type=content_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer

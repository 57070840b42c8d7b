"""The room of the text, with all its pages."""

from __future__ import annotations

from signer.web.desk.text import draft, edit, review, upload, writing
from signer.web.desk.text.room import blueprint

__all__ = ["blueprint", "draft", "edit", "review", "upload", "writing"]

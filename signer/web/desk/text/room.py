"""The room of the text: its blueprint, which each of its modules adds pages to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("text", __name__, url_prefix="/text")

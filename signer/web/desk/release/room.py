"""The room of a release: its blueprint, which each of its modules adds pages to."""

from __future__ import annotations

from flask import Blueprint

blueprint = Blueprint("release", __name__, url_prefix="/release")

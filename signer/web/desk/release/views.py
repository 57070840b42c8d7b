"""A release, with all its pages."""

from __future__ import annotations

from signer.web.desk.release import review, stages, steps
from signer.web.desk.release.room import blueprint

__all__ = ["blueprint", "review", "stages", "steps"]

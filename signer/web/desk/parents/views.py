"""The room of the parents, with all its pages."""

from __future__ import annotations

from signer.web.desk.parents import listed, person
from signer.web.desk.parents.room import blueprint

__all__ = ["blueprint", "listed", "person"]

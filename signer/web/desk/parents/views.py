"""The room of the parents, with all its pages."""

from __future__ import annotations

from signer.web.desk.parents import (
    added,
    corrected,
    exempt,
    leavers,
    left,
    listed,
    merged,
    person,
    personal_data,
    upload,
)
from signer.web.desk.parents.room import blueprint

__all__ = [
    "added",
    "blueprint",
    "corrected",
    "exempt",
    "leavers",
    "left",
    "listed",
    "merged",
    "person",
    "personal_data",
    "upload",
]

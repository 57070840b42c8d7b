"""What came of telling teachers, in a sentence."""

from __future__ import annotations

from signer.workflows.staff.tell import StaffTold


def told_sentence(told: StaffTold) -> str:
    """How far teachers were told of a version, for people."""
    parts = [
        f"{number} {words}"
        for number, words in (
            (told.accepted, "told by email"),
            (told.waiting, "waiting for their email"),
            (told.refused + told.bounced, "not reached (see `signer staff list`)"),
            (told.unwanted, "left the list before their email was sent"),
        )
        if number
    ]
    return f"Version {told.version}, teachers: {', '.join(parts)}."

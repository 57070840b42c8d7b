"""What `signer status` says of the witnesses that cosign the log."""

from __future__ import annotations

from signer import clock
from signer.i18n import counted
from signer.workflows.log.cosigning.standing import WitnessStanding


def witness_sentence(one: WitnessStanding) -> str:
    """How far a witness has cosigned the log, and what keeps it from more."""
    if one.contradicts:
        return (
            f"WITNESS: {one.name} {one.problem}. Today's log is not the one that it "
            "has seen: see `signer log check`."
        )
    if one.size is None:
        why = f": it {one.problem}" if one.problem else ""
        return f"Witness: {one.name} has not cosigned the log yet{why}."
    entries = counted(one.size, "entry", "entries")
    when = f" at {clock.in_school_time(one.at)}" if one.at else ""
    since = one.failing_since
    why = (
        f". Since {clock.in_school_time(since)} it has not: it {one.problem}"
        if since
        else ""
    )
    return f"Witness: {one.name} cosigned {entries}{when}{why}."

"""Holding the first asking of parents back until the check-list is done."""

from __future__ import annotations

from signer.errors import FirstAskHeld
from signer.workflows.checklist.look import is_held_school, look_at_checklist
from signer.workflows.checklist.public import check_public
from signer.workflows.context import AppContext


def check_first_ask(context: AppContext) -> None:
    """Refuse to ask the first parents of all while a line is open.

    A school that has asked parents before is never held, and neither is one where
    nobody may come in to the desk (`is_held_school`). Other servers are asked anew.

    Raises:
        FirstAskHeld: something is to be done, or to be decided, at the desk first.
    """
    with context.sessions.reading() as session:
        if not is_held_school(context, session):
            return
    check_public(context)
    left = look_at_checklist(context).left
    if left:
        raise FirstAskHeld(
            f"{context.settings.base_url}/desk/checklist",
            tuple(line.about.title for line in left),
        )

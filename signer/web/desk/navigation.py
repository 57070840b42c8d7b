"""What stands around each page of the desk: where one can go, and who one is."""

from __future__ import annotations

from flask import request, url_for

from signer.web.desk.assets import script_address, stylesheet_address
from signer.web.desk.permissions import may
from signer.web.desk.session import signed_in
from signer.web.desk.staff.roles import ROLES

ROOMS = (
    ("desk.home.today", "Today"),
    ("desk.campaign.listed", "Campaign"),
    ("desk.inbox.listed", "Inbox"),
    ("desk.parents.listed", "Parents"),
    ("desk.text.show", "Text"),
    ("desk.record.show", "Record"),
    ("desk.accounts.listed", "Staff"),
)
"""The first page of each room, and the room's name."""

_WITHIN = {
    "desk.teachers": "desk.campaign",
    "desk.paper": "desk.parents",
    "desk.release": "desk.text",
    "desk.checklist": "desk.home",
    "desk.webhooks": "desk.home",
}
"""The blueprints that have no room of their own, and the one where their pages are."""


def values() -> dict[str, object]:
    """What the layout of a desk page wants."""
    who = signed_in()
    here = (request.endpoint or "").rpartition(".")[0]
    here = _WITHIN.get(here, here)
    rooms = [
        (url_for(endpoint), words, endpoint.rpartition(".")[0] == here)
        for endpoint, words in ROOMS
        if who is not None and may(who.role, endpoint)
    ]
    return {
        "who": who,
        "rooms": rooms,
        "roles": ROLES,
        "role_options": [(role.value, *words) for role, words in ROLES.items()],
        "may": lambda endpoint: who is not None and may(who.role, endpoint),
        "desk_stylesheet": stylesheet_address(),
        "desk_script": script_address,
    }

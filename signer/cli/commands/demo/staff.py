"""The demo's staff, and a link that signs in as one of them."""

from __future__ import annotations

from datetime import timedelta

from signer.cli.context import waking_context
from signer.config import Settings
from signer.store.desk.roles import DeskRole
from signer.workflows.context import AppContext
from signer.workflows.desk.accounts import add_account, find_account, list_accounts
from signer.workflows.desk.sign_in import make_sign_in_link

STAFF = (
    (DeskRole.HEAD, "Helen Marsh", "head@my-online-schooling.example"),
    (DeskRole.REVIEWER, "Tom Okafor", "tom.okafor@my-online-schooling.example"),
    (DeskRole.REVIEWER, "Ruth Lindqvist", "ruth.lindqvist@my-online-schooling.example"),
    (DeskRole.OFFICE, "Sam Carter", "sam.carter@my-online-schooling.example"),
    (DeskRole.AUDITOR, "Nadia Rahman", "nadia.rahman@auditors.example"),
)
"""Made-up people, one or more of each role; the first is who the link is for."""

OFFICE = next(name for role, name, _ in STAFF if role is DeskRole.OFFICE)

LINK_LIVES = timedelta(hours=24)


def add_staff(context: AppContext) -> None:
    """Let the example staff sign in, where nobody may yet."""
    if not list_accounts(context):
        for role, name, email in STAFF:
            add_account(context, email, role, name=name)


def desk_link(settings: Settings) -> str:
    """A link that signs in once, as the headteacher."""
    with waking_context(settings) as context:
        ref = find_account(context, STAFF[0][2])
        return make_sign_in_link(context, ref, lives=LINK_LIVES)

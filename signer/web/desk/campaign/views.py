"""The campaign: who has answered and who has not, reminders, lists."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.policy.versions import in_force
from signer.web.desk.campaign.filters import MORE, STATES, Filters, filters_of
from signer.web.desk.session import act
from signer.web.forms.numbers import number_in
from signer.web.session import context
from signer.workflows.campaigns.ask import ask_parents, would_ask
from signer.workflows.campaigns.remind import remind_parents
from signer.workflows.campaigns.selection import Selection, State
from signer.workflows.campaigns.status import has_begun, newest_campaign
from signer.workflows.desk.year_groups import (
    count_by_year_group,
    year_groups_in_use,
)
from signer.workflows.lists.people import (
    people_as_csv,
    people_as_xlsx,
    youngest,
)
from signer.workflows.lists.spreadsheets import XLSX
from signer.workflows.register.list import (
    Listed,
    list_page,
    list_register,
    page_of_waiting,
)

blueprint = Blueprint("campaign", __name__, url_prefix="/campaign")

PAGE = 50

AT_ONCE = 200
"""How many are listed on a page that is to be printed, or read as a whole."""


@blueprint.get("", strict_slashes=False)
def listed() -> ResponseReturnValue:
    """The parents who are meant, a page of them, and what can be done about them."""
    filters = filters_of(request.args)
    place = number_in(request.args.get("page", "")) or 1
    found = list_page(
        context(), filters.selection, offset=(place - 1) * PAGE, limit=PAGE
    )
    return render_template(
        "desk/campaign/list.html",
        campaign=newest_campaign(context()),
        found=found,
        filters=filters,
        year_groups=year_groups_in_use(context()),
        states=STATES,
        more=MORE,
        page=place,
        pages=max(-(-found.count // PAGE), 1),
        mails=MAILS,
    )


MAILS = {
    "sent": "Accepted",
    "queued": "Waiting to go out",
    "bounced": "Came back",
    "refused": "Refused",
}
"""What came of a mail, in words."""


@blueprint.get("/remind")
def before_reminding() -> ResponseReturnValue:
    """Who would be reminded, and why not the others."""
    filters = filters_of(request.args)
    would = remind_parents(
        context(), selection=filters.selection, by_hand=True, dry_run=True
    )
    return render_template(
        "desk/campaign/remind.html", would=would, filters=filters, words=_words(filters)
    )


@blueprint.post("/remind")
def remind() -> ResponseReturnValue:
    """Remind those who are due."""
    filters = filters_of(request.form)
    with act("campaign:remind", details=_words(filters)):
        done = remind_parents(context(), selection=filters.selection, by_hand=True)
    reminded = url_for("desk.campaign.listed", reminded=done.reminded, **filters.query)
    return redirect(reminded, 303)


@blueprint.get("/ask")
def before_asking() -> ResponseReturnValue:
    """Who waits to be asked."""
    return render_template(
        "desk/campaign/ask.html",
        version=in_force(context().versions).number,
        waiting=page_of_waiting(context(), limit=AT_ONCE),
        begun=has_begun(context()),
    )


@blueprint.post("/ask")
def ask() -> ResponseReturnValue:
    """Ask those who joined since the campaign began; a campaign is begun elsewhere."""
    campaign = newest_campaign(context())
    version = would_ask(context()).version.number
    if campaign is not None and campaign.version == version:
        with act("campaign:ask", f"version:{version}", str(campaign.not_asked)):
            ask_parents(context())
    return redirect(url_for("desk.campaign.listed"), 303)


@blueprint.get("/parents.csv")
def csv() -> ResponseReturnValue:
    """Those who are meant, for any spreadsheet."""
    people = list_register(context(), filters_of(request.args).selection)
    return _download(people_as_csv(people), "text/csv; charset=utf-8", "csv")


@blueprint.get("/parents.xlsx")
def xlsx() -> ResponseReturnValue:
    """Those who are meant, for Excel."""
    people = list_register(context(), filters_of(request.args).selection)
    return _download(people_as_xlsx(people), XLSX, "xlsx")


@blueprint.get("/telephone")
def telephone() -> ResponseReturnValue:
    """Those who have not answered, by year group, to be printed for telephone calls."""
    given = filters_of(request.args)
    meant = Selection(
        year_groups=given.selection.year_groups,
        states=frozenset({State.OUTSTANDING}),
        overdue=given.more == "overdue",
    )
    place = number_in(request.args.get("page", "")) or 1
    found = list_page(context(), meant, offset=0, limit=0)
    counts: Sequence[tuple[str, int]] = ()
    people: list[Listed] = []
    if found.count > AT_ONCE and not given.year:
        # Nobody telephones so many from one list.
        counts = count_by_year_group(context(), meant)
    else:
        start = (place - 1) * AT_ONCE
        found = list_page(context(), meant, offset=start, limit=AT_ONCE)
        people = sorted(found.people, key=_class)
    groups = [(name, list(those)) for name, those in groupby(people, key=_class_name)]
    return render_template(
        "desk/campaign/telephone.html",
        year_groups=[(given.year, people)] if given.year and people else groups,
        counts=counts,
        found=found,
        filters=given,
        page=place,
        pages=max(-(-found.count // AT_ONCE), 1),
    )


def _class(one: Listed) -> tuple[int, str]:
    return youngest(one)[0]


def _class_name(one: Listed) -> str:
    return youngest(one)[1] or "No year group"


def _words(filters: Filters) -> str:
    """What was chosen, in words that name nobody."""
    words: Sequence[str] = (
        filters.year,
        STATES[filters.state][1] if filters.state else "",
        MORE[filters.more] if filters.more else "",
    )
    return ", ".join(filter(None, words)) or "everybody who has not answered"


def _download(content: bytes, content_type: str, ending: str) -> Response:
    answer = Response(content, content_type=content_type)
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"parents.{ending}"
    )
    return answer

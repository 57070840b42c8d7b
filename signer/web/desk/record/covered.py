"""Who was covered by which text on any day, as a page, as CSV and for Excel."""

from __future__ import annotations

from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer import clock
from signer.policy.dates import is_day
from signer.school_calendar import school_date
from signer.web.desk.record.room import blueprint, download
from signer.web.desk.search_words import hidden, revealed
from signer.web.forms.numbers import number_in
from signer.web.session import context
from signer.workflows.lists.spreadsheets import XLSX
from signer.workflows.record.covered import (
    covered_as_csv,
    covered_as_xlsx,
    covered_on,
)

HOW = {"link": "By link", "paper": "On paper"}


@blueprint.get("/covered")
def covered() -> ResponseReturnValue:
    """A page of those who were in the register on a day, and what covered them."""
    words = request.args.get("words", "")
    sought = revealed(words)
    day = _day(request.args.get("on", ""))
    page = covered_on(
        context(), day, words=sought, page=number_in(request.args.get("page", "")) or 1
    )
    return render_template(
        "desk/record/covered.html",
        page=page,
        words=sought,
        how=HOW,
        today=school_date(clock.now()),
        turn=lambda to: url_for(
            "desk.record.covered", on=day.isoformat(), words=words or None, page=to
        ),
    )


@blueprint.post("/covered/search")
def search() -> ResponseReturnValue:
    """Go to the page of those who are meant; nothing is changed by it."""
    address = url_for(
        "desk.record.covered",
        on=_day(request.form.get("on", "")).isoformat(),
        words=hidden(request.form.get("words", "")),
    )
    return redirect(address, 303)


@blueprint.get("/covered.csv")
def covered_csv() -> ResponseReturnValue:
    """Everybody of that day, for any spreadsheet."""
    day = _day(request.args.get("on", ""))
    content = covered_as_csv(context(), day)
    return download(content, "text/csv; charset=utf-8", f"covered-{day}.csv")


@blueprint.get("/covered.xlsx")
def covered_xlsx() -> ResponseReturnValue:
    """Everybody of that day, for Excel."""
    day = _day(request.args.get("on", ""))
    return download(covered_as_xlsx(context(), day), XLSX, f"covered-{day}.xlsx")


def _day(given: str) -> date:
    """The day that was chosen; today where it is none, or still to come."""
    today = school_date(clock.now())
    return min(date.fromisoformat(given), today) if is_day(given) else today

"""A school year on one page, and as a PDF."""

from __future__ import annotations

from datetime import date

from flask import render_template, request
from flask.typing import ResponseReturnValue

from signer.web.desk.home.plot import plot
from signer.web.desk.record.room import blueprint, download
from signer.web.session import context
from signer.workflows.desk.today import Day
from signer.workflows.record.document import KINDS, year_as_pdf
from signer.workflows.record.year import (
    SchoolYear,
    look_at_year,
    school_years,
    year_words,
)


@blueprint.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    """The year: coverage by day and by year group, versions, messages, exceptions."""
    years = school_years(context())
    found = look_at_year(context(), _chosen(years))
    return render_template(
        "desk/record/year.html",
        year=found,
        years=[(str(one.year), year_words(one)) for one in years],
        plot=_plot(found),
        kinds=KINDS,
    )


@blueprint.get("/year.pdf")
def year_pdf() -> ResponseReturnValue:
    """The same as a PDF to hand out."""
    first = _chosen(school_years(context()))
    found = look_at_year(context(), first)
    name = f"school-year-{first.year}.pdf"
    return download(year_as_pdf(context(), found), "application/pdf", name)


def _chosen(years: tuple[date, ...]) -> date:
    """The year in the address; the present one where there is none such."""
    given = request.args.get("year", "")
    return next((one for one in years if str(one.year) == given), years[0])


def _plot(found: SchoolYear) -> object:
    days = [Day(one.day, 0, one.covered) for one in found.days]
    return plot(days, 0, [one.parents for one in found.days])

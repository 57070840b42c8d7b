"""A parent who joins the register or comes back, without a file that says so.

What is typed is read as a file of a few rows is, so that the same is refused, the same
is asked and the same is done.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField, StringField

from signer.errors import RegisterUnsure
from signer.register.file.headings import COLUMNS, OPTIONAL_COLUMNS
from signer.register.matching import Answers
from signer.register.problems import Problem
from signer.register.rows import Reading, read_register
from signer.web.desk.parents.confirm import Offer, is_sure, offer_page
from signer.web.desk.parents.room import blueprint, parent_or_404
from signer.web.desk.session import act
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.parents.browse import Wanted, browse_register
from signer.workflows.parents.person import Person
from signer.workflows.register.import_register import import_register
from signer.workflows.register.import_result import Imported

MOST_CHILDREN = 6
FEWEST_ROWS = 3

_CHILD = ("child_name", "year_group", "tutor_group", "relationship")


class AddForm(PlainForm):
    """A parent; their children come in rows beside this."""

    name = StringField()
    email = EmailField()
    identifier = StringField()


@dataclass(frozen=True, slots=True)
class ChildRow:
    """What is typed of a child, and what is wrong with it."""

    child_name: str = ""
    year_group: str = ""
    tutor_group: str = ""
    relationship: str = ""
    errors: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is typed."""
        return not any(getattr(self, name).strip() for name in _CHILD)


@blueprint.get("/add")
def add_form() -> ResponseReturnValue:
    """An empty form."""
    return _page(AddForm(), [])


@blueprint.post("/add")
def add() -> ResponseReturnValue:
    """Show what that changes, then do it."""
    return _add(None)


@blueprint.get("/<int:parent_id>/return")
def return_form(parent_id: int) -> ResponseReturnValue:
    """The form as they left, for the children of now."""
    one, form = parent_or_404(parent_id), AddForm()
    form.name.data, form.email.data = one.name, one.email
    form.identifier.data = one.identifier
    rows = [
        ChildRow(child.name, child.year_group, child.tutor_group, child.relationship)
        for child in one.children
    ]
    return _page(form, rows, one)


@blueprint.post("/<int:parent_id>/return")
def return_(parent_id: int) -> ResponseReturnValue:
    """The same as for somebody new."""
    return _add(parent_or_404(parent_id))


def _add(one: Person | None) -> ResponseReturnValue:
    form, rows = AddForm(), _rows()
    if not form.validate():
        return _page(form, rows, one)
    reading = _read(form, rows)
    if reading.problems:
        rows = _refuse(form, rows, reading.problems)
        return _page(form, rows, one)
    given = request.form
    answers = Answers(frozenset(given.getlist("same")), frozenset(given.getlist("new")))
    would = import_register(context(), reading, answers=answers, dry_run=True)
    if would.questions or not is_sure(_shown(would)):
        return _offer_page(form, rows, reading, would, answers, one)
    try:
        with act("parent:add", f"parent:{one.id}" if one else ""):
            import_register(context(), reading, answers=answers)
    except RegisterUnsure:
        would = import_register(context(), reading, answers=answers, dry_run=True)
        return _offer_page(form, rows, reading, would, answers, one)
    return redirect(_their_page(form), 303)


def _their_page(form: AddForm) -> str:
    """The page of whoever was just put in, where it is sure which that is."""
    words = form.email.data or form.name.data or ""
    found = browse_register(context(), Wanted(words=words, state="")).rows
    if len(found) == 1:
        return url_for("desk.parents.show", parent_id=found[0].id)
    return url_for("desk.parents.listed")


def _rows() -> list[ChildRow]:
    given = [request.form.getlist(name)[:MOST_CHILDREN] for name in _CHILD]
    rows = [ChildRow(*cells) for cells in zip(*given, strict=False)]
    return [row for row in rows if not row.is_empty]


def _read(form: AddForm, rows: Sequence[ChildRow]) -> Reading:
    file = io.StringIO()
    out = csv.writer(file)
    out.writerow((*COLUMNS, *OPTIONAL_COLUMNS))
    for row in rows or [ChildRow()]:
        out.writerow(
            " ".join((cell or "").split())
            for cell in (
                form.name.data,
                form.email.data,
                row.relationship,
                row.child_name,
                row.year_group,
                form.identifier.data,
                row.tutor_group,
            )
        )
    return read_register(file.getvalue().encode())


def _refuse(
    form: AddForm, rows: Sequence[ChildRow], problems: Sequence[Problem]
) -> list[ChildRow]:
    """Say at each field what is wrong with it; gives the rows with what is of them."""
    fields = {
        "parent_name": "name",
        "parent_email": "email",
        "parent_id": "identifier",
    }
    of_rows: dict[int, list[str]] = {}
    said: set[tuple[str, str]] = set()
    for problem in problems:
        words = f"{problem.what[:1].upper()}{problem.what[1:]}. {problem.remedy}."
        field = fields.get(problem.column)
        if field is None:
            of_rows.setdefault(problem.line - 2, []).append(words)
        elif (field, words) not in said:
            said.add((field, words))
            form.refuse(field, words)
    return [
        replace(row, errors=tuple(of_rows.get(at, ())))
        for at, row in enumerate(rows or [ChildRow()])
    ]


def _shown(would: Imported) -> object:
    """What the page tells of what would be done."""
    return (
        would.added,
        would.returned,
        would.corrected,
        would.changed,
        would.unchanged,
        [question.code for question in would.questions],
    )


def _offer_page(  # noqa: PLR0913, PLR0917 - what is shown, and what travels on
    form: AddForm,
    rows: Sequence[ChildRow],
    reading: Reading,
    would: Imported,
    answers: Answers,
    one: Person | None,
) -> ResponseReturnValue:
    (person,) = reading.parents
    kept = [
        ("name", form.name.data or ""),
        ("email", form.email.data or ""),
        ("identifier", form.identifier.data or ""),
        *((name, getattr(row, name)) for row in rows for name in _CHILD),
        *(("same", code) for code in sorted(answers.same)),
        *(("new", code) for code in sorted(answers.new)),
    ]
    children = [
        f"{child.name}, {child.year_group} ({words})"
        for child, words in person.children
    ]
    what = [
        *(["Somebody new: they are asked to sign"] if would.added else []),
        *(["Back in the register: they are asked to sign"] if would.returned else []),
        *(
            f"Known as {fix.before[0]}, {fix.before[1] or 'no email address'}: "
            f"corrected, because {fix.why}"
            for fix in would.corrected
        ),
        *(["In the register, with other children"] if would.changed else []),
        *(["In the register already: nothing changes"] if would.unchanged else []),
    ]
    offer = Offer(
        "Check before they are put in",
        [
            ("Parent", [person.name, person.email or "No email address"]),
            ("Children", children),
            *([("What changes", what)] if what else []),
        ],
        "Continue" if would.questions else "Put them into the register",
        url_for("desk.parents.return_", parent_id=one.id)
        if one
        else url_for("desk.parents.add"),
        url_for("desk.parents.show", parent_id=one.id)
        if one
        else url_for("desk.parents.add_form"),
        kept=kept,
        warnings=[warning.what for warning in reading.warnings],
    )
    return offer_page(offer, _shown(would), questions=would.questions)


def _page(
    form: AddForm, rows: Sequence[ChildRow], one: Person | None = None
) -> ResponseReturnValue:
    wanted = min(MOST_CHILDREN, max(FEWEST_ROWS, len(rows) + 1))
    shown = [*rows, *[ChildRow()] * (wanted - len(rows))]
    wrong = any(row.errors for row in rows)
    page = render_template("desk/parents/add.html", form=form, rows=shown, one=one)
    return page, 422 if wrong else form.status

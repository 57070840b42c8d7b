"""The teachers who are told of each release: the list, and the mails to it."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from signer.errors import StaffUnknown
from signer.register.file.decoding import text_of
from signer.register.file.workbook import BEGINNING as WORKBOOK
from signer.register.problems import Problem
from signer.register.staff.read import StaffReading, read_staff
from signer.web.desk.session import act
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.staff.staff_list import import_staff, list_staff, remove_teacher
from signer.workflows.staff.tell import releases_told, tell_staff

blueprint = Blueprint("teachers", __name__, url_prefix="/campaign/teachers")

SHOWN_PROBLEMS = 10


class TeachersForm(PlainForm):
    """Teachers as lines of text."""

    lines = TextAreaField()


@blueprint.get("", strict_slashes=False)
def listed() -> ResponseReturnValue:
    """Everybody on the list, with the newest mail to each, and what can be done."""
    return _page(TeachersForm())


@blueprint.post("", strict_slashes=False)
def add() -> ResponseReturnValue:
    """Put those who were pasted, or are in a file, on the list; who is on it stays."""
    form = TeachersForm()
    if form.validate():
        sent = request.files.get("file")
        reading = _read(form, sent.stream.read() if sent is not None else b"")
        for problem in reading.problems[:SHOWN_PROBLEMS]:
            form.refuse("lines", problem.sentence())
        if not reading.problems:
            would = import_staff(context(), reading, dry_run=True)
            new = len(would.added) + len(would.returned)
            if new or would.renamed:
                with act("staff:add", details=str(new)):
                    import_staff(context(), reading)
            return redirect(url_for("desk.teachers.listed", added=new), 303)
    return _page(form)


@blueprint.post("/remove")
def remove() -> ResponseReturnValue:
    """Take somebody off the list; once is enough."""
    try:
        with act("staff:remove"):
            remove_teacher(context(), request.form.get("email", ""))
    except StaffUnknown:
        # Pressed twice, or somebody else was quicker: the list shows it.
        pass
    return redirect(url_for("desk.teachers.listed"), 303)


@blueprint.post("/tell")
def tell() -> ResponseReturnValue:
    """Tell of the newest release whoever on the list has not been told."""
    would = tell_staff(context(), dry_run=True)
    if would is None:
        abort(404)
    if would.newly:
        with act("staff:tell", f"version:{would.version}", str(len(would.newly))):
            tell_staff(context())
    return redirect(url_for("desk.teachers.listed"), 303)


def _read(form: TeachersForm, file: bytes) -> StaffReading:
    """Read the file that was chosen, or else the lines.

    Afterwards the lines are those of the file, so that they can be corrected there.
    """
    if not file:
        return read_lines(form.lines.data or "")
    if file.startswith(WORKBOOK) or isinstance(text := text_of(file), Problem):
        return read_staff(file)
    form.lines.data = text
    return read_lines(text)


def read_lines(text: str) -> StaffReading:
    """Read teachers as they are pasted, with or without a line that names columns.

    Args:
        text: lines of a name and an address, as from a CSV file or a spreadsheet.
    """
    lines = text.strip().splitlines() or [""]
    if "@" not in lines[0]:
        return read_staff(text.encode())
    separator = max(",;\t", key=lines[0].count)
    reading = read_staff("\n".join([f"name{separator}email", *lines]).encode())
    problems = (replace(one, line=one.line - 1) for one in reading.problems)
    return replace(reading, problems=tuple(problems))


def _page(form: TeachersForm) -> ResponseReturnValue:
    page = render_template(
        "desk/campaign/teachers.html",
        form=form,
        teachers=list_staff(context()),
        telling=tell_staff(context(), dry_run=True),
        told=releases_told(context()),
        fates=FATES,
        added=number_in(request.args.get("added", "")),
    )
    return page, 422 if form.errors else 200


FATES = {
    "queued": "Waiting to go out",
    "sent": "Accepted",
    "refused": "Refused",
    "dropped": "Not sent",
}
"""What came of a mail, in words."""

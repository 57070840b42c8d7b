"""The register from a file: its columns, its problems, its questions, then the import.

The file stays with the service between the steps, and is in no form.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import RegisterError, RegisterUnsure, UploadUnknown
from signer.register.file.columns import MISSING, TWICE, UNKNOWN, UNNAMED
from signer.register.file.headings import IGNORED, KNOWN_COLUMNS
from signer.register.file.template import empty_workbook
from signer.web.desk.parents.confirm import is_sure, mark_of
from signer.web.desk.parents.room import blueprint
from signer.web.desk.session import act, person
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.campaigns.ask import would_ask
from signer.workflows.parents.browse import PAGE
from signer.workflows.parents.compared import Examined
from signer.workflows.parents.uploads import (
    MOST_BYTES,
    Upload,
    compare_upload,
    examine_upload,
    find_upload,
    import_upload,
    say_answers,
    say_columns,
)
from signer.workflows.parents.uploads import (
    keep_upload as keep_file,
)
from signer.workflows.register.import_result import Fate, Imported, Outcome
from signer.workflows.requests.unasked import asks_new_parents

MOST_SHOWN = 200
"""Problems and warnings on one page: whoever has more corrects the file's source."""

FATES = {
    Fate.NEW: "New",
    Fate.BACK: "Back",
    Fate.CORRECTED: "Corrected",
    Fate.CHANGED: "Changed",
    Fate.SAME: "As before",
}

_PEOPLE = {
    "child": "Child",
    "parent": "Parent",
    **{f"parent_{number}": f"Parent {number}" for number in (2, 3, 4)},
    "mother": "Mother",
    "father": "Father",
}
_PARTS = {
    "name": "name",
    "email": "email address",
    "relationship": "relationship to the child",
    "id": "number in your system",
    "title": "title",
    "forename": "first name",
    "surname": "last name",
    "year": "year group",
    "tutor": "tutor group",
}
COLUMNS = {
    column: f"{_PEOPLE[told.whom]}: {_PARTS[told.part]}"
    for column, told in KNOWN_COLUMNS.items()
} | {IGNORED: "Leave this column out"}
"""Each column in words."""


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """A page of what becomes of people.

    Attributes:
        rows: of one fate, by name.
        number: of the page, from 1.
        pages: how many there are, at least 1.
    """

    rows: Sequence[Outcome]
    number: int
    pages: int


class FileForm(PlainForm):
    """A file to choose, which WTForms is not to read."""

    def __init__(self) -> None:
        super().__init__()
        self.problem = ""

    @property
    def problems(self) -> list[tuple[str, str]]:
        """What is wrong with the file."""
        return [("file", self.problem)] if self.problem else []


@blueprint.get("/upload")
def upload_form() -> ResponseReturnValue:
    """Choose a file."""
    return _form_page(FileForm())


@blueprint.post("/upload")
def keep_upload() -> ResponseReturnValue:
    """Keep it, and look at it."""
    form = FileForm()
    sent = request.files.get("file")
    content = sent.stream.read(MOST_BYTES + 1) if sent is not None else b""
    if len(content) > MOST_BYTES:
        abort(413, "file")
    if not content:
        chosen = sent is not None and sent.filename
        form.problem = "This file is empty." if chosen else "Choose a file."
        return _form_page(form)
    ref = keep_file(context(), person().account_id, content)
    return redirect(url_for("desk.parents.upload", ref=ref), 303)


@blueprint.get("/upload/template.xlsx")
def template() -> ResponseReturnValue:
    """An empty register to fill in."""
    answer = Response(empty_workbook(), content_type=_XLSX)
    answer.headers.set("Content-Disposition", "attachment", filename="register.xlsx")
    return answer


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/upload/<ref>")
def upload(ref: str) -> ResponseReturnValue:
    """What the file comes to."""
    kept = kept_or_404(ref)
    return _page(kept, examine_upload(context(), kept))


@blueprint.post("/upload/<ref>/columns")
def columns(ref: str) -> ResponseReturnValue:
    """Say what headings mean."""
    given = zip(
        request.form.getlist("heading"), request.form.getlist("column"), strict=False
    )
    said = {heading: column for heading, column in given if column}
    try:
        say_columns(context(), person().account_id, ref, said)
    except UploadUnknown:
        abort(404)
    return redirect(url_for("desk.parents.upload", ref=ref), 303)


@blueprint.post("/upload/<ref>/answers")
def answers(ref: str) -> ResponseReturnValue:
    """Say who is whom."""
    said: dict[str, list[str]] = {"same": [], "new": []}
    for name, value in request.form.items():
        if name.startswith("question-") and value in said:
            said[value].append(name.removeprefix("question-"))
    try:
        say_answers(context(), person().account_id, ref, **said)
    except UploadUnknown:
        abort(404)
    return redirect(url_for("desk.parents.upload", ref=ref), 303)


@blueprint.post("/upload/<ref>/apply")
def apply(ref: str) -> ResponseReturnValue:
    """Import it, where it does what was shown; nobody leaves by it."""
    kept = kept_or_404(ref)
    there = redirect(url_for("desk.parents.upload", ref=ref), 303)
    if kept.is_applied:
        return there
    # What is done is what was shown, and that is looked at once more.
    examined = compare_upload(context(), person().account_id, kept)
    result = examined.result
    if result is None or result.questions or not is_sure(shown(result)):
        return _page(kept, examined)
    details = (
        f"{len(result.added)} new, {len(result.returned)} back, "
        f"{len(result.corrected)} corrected, {len(result.changed)} changed"
    )
    try:
        with act("register:import", details=details):
            import_upload(context(), person().account_id, ref)
    except (RegisterError, RegisterUnsure):
        # The register is another one than a moment ago: the page shows it.
        return there
    return there


def kept_or_404(ref: str) -> Upload:
    """A file of the person's own; no page for any other."""
    try:
        return find_upload(context(), person().account_id, ref)
    except UploadUnknown:
        abort(404)


def shown(result: Imported) -> object:
    """What a page tells of what an import would do."""
    return [
        (one.name, one.email, one.fate, one.before, one.changes)
        for one in result.outcomes
    ]


def _column_faults(examined: Examined) -> list[str]:
    """What is wrong with the headings, in the words of the form below them."""
    found: dict[str, list[str]] = {}
    for one in examined.problems:
        found.setdefault(one.what, []).append(COLUMNS.get(one.column, one.column))
    faults = []
    if UNNAMED in found:
        faults.append("The first row names hardly any column that is known.")
    if unknown := found.get(UNKNOWN):
        faults.append(f"Not known what these are: {', '.join(unknown)}.")
    if twice := found.get(TWICE):
        faults.append(f"More than one is taken for: {'; '.join(twice)}.")
    if missing := found.get(MISSING):
        faults.append(f"None is taken for: {'; '.join(missing)}.")
    return faults


def _page(kept: Upload, examined: Examined) -> ResponseReturnValue:
    result = examined.result
    counts: dict[Fate, int] = {}
    page = None
    chosen = request.args.get("show", "")
    if result is not None:
        counts = {
            fate: sum(one.fate is fate for one in result.outcomes) for fate in Fate
        }
        fate = next(
            (one for one in Fate if one == chosen),
            next((one for one in Fate if counts[one]), Fate.SAME),
        )
        chosen = fate.value
        page = _outcomes([one for one in result.outcomes if one.fate is fate])
    waiting = would_ask(context()).newly if kept.is_applied else 0
    body = render_template(
        "desk/parents/upload.html",
        kept=kept,
        examined=examined,
        column_faults=_column_faults(examined),
        problems=[
            one
            for one in examined.problems
            if one.what not in {UNKNOWN, UNNAMED, TWICE, MISSING}
        ],
        result=result,
        counts=counts,
        fates=FATES,
        chosen=chosen,
        page=page,
        turn=lambda to: url_for(
            "desk.parents.upload", ref=kept.ref, show=chosen, page=to
        ),
        columns=COLUMNS,
        most=MOST_SHOWN,
        mark=mark_of(shown(result)) if result is not None else "",
        changed=request.method == "POST",
        waiting=waiting,
        by_itself=asks_new_parents(context()),
    )
    return body, 422 if request.method == "POST" else 200


def _outcomes(found: Sequence[Outcome]) -> OutcomePage:
    pages = max(1, -(-len(found) // PAGE))
    given = number_in(request.args.get("page", "")) or 1
    number = min(max(given, 1), pages)
    return OutcomePage(found[(number - 1) * PAGE : number * PAGE], number, pages)


def _form_page(form: FileForm) -> ResponseReturnValue:
    page = render_template(
        "desk/parents/upload_form.html", form=form, most=MOST_BYTES // 1_000_000
    )
    return page, form.status

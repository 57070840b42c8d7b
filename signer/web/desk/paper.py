"""Declarations signed by hand: the form to print, recording one, undoing that."""

from __future__ import annotations

from datetime import date
from functools import partial

from flask import (
    Blueprint,
    Response,
    abort,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue
from wtforms import DateField, RadioField, StringField
from wtforms.validators import StopValidation

from signer.errors import PaperRefused, RequestClosed, ScanRefused
from signer.policy.dates import date_in_words
from signer.store.columns import Status
from signer.user_text import one_line
from signer.web.desk.parents.confirm import Offer, is_sure, mark_of, offer_page
from signer.web.desk.parents.room import known, parent_or_404
from signer.web.desk.session import act, person
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm, Words
from signer.web.session import context
from signer.workflows.paper.form import paper_form, paper_of_request
from signer.workflows.paper.record import (
    RecordedPaper,
    possible_papers,
    record_paper,
)
from signer.workflows.paper.scan import MOST_SCAN_BYTES, Scan, read_scan
from signer.workflows.paper.scans import scan_of
from signer.workflows.paper.undo import UndonePaper, undo_paper
from signer.workflows.parents.person import Person

blueprint = Blueprint("paper", __name__, url_prefix="/paper")

BEFORE = {
    None: "Had not been asked for this version",
    Status.PENDING: "Was asked, and had not answered",
    Status.DECLINED: "Had declined",
    Status.SUPERSEDED: "Had not answered before a newer version came",
    Status.WITHDRAWN: "Had left before answering",
}
AFTER = {
    Status.PENDING: "Outstanding again: reminders go on",
    Status.DECLINED: "Declined, as before",
    Status.SUPERSEDED: "Unanswered: a newer version is in force",
    Status.WITHDRAWN: "Unanswered: they had left",
}


class PaperForm(PlainForm):
    """What is on the paper."""

    version = RadioField(validate_choice=False)
    dated = DateField()

    def __init__(self, possible: tuple[tuple[int, str], ...]) -> None:
        super().__init__()
        self.possible = possible

    @property
    def number(self) -> int:
        """The number of the version that was chosen."""
        return number_in(self.version.data or "") or 0

    @property
    def day(self) -> date:
        """The date on the paper, once the form is valid."""
        if self.dated.data is None:
            raise ValueError("no date was given")
        return self.dated.data

    def validate_version(self, field: RadioField) -> None:
        """One of those that the parent may have signed."""
        if self.number not in dict(self.possible):
            raise StopValidation("Choose the version that the paper names.")
        del field

    def validate_dated(self, field: DateField) -> None:
        """A day."""
        if field.data is None:
            field.errors = []
            raise StopValidation("Enter the date that is on the paper.")


class UndoForm(PlainForm):
    """Why a record is undone."""

    reason = StringField(validators=[Words(one_line, "Say why.")])


@blueprint.get("/<int:parent_id>")
def show(parent_id: int) -> ResponseReturnValue:
    """The forms to print, and what is to be recorded of a signed one."""
    one = parent_or_404(parent_id)
    form = PaperForm(_possible(one))
    # What a printed form names.
    form.version.data = request.args.get("version")
    return _page(one, form)


@blueprint.get("/request/<ref>")
def by_request(ref: str) -> ResponseReturnValue:
    """Where the QR code of a printed form leads: to recording that form."""
    found = paper_of_request(context(), ref)
    if found is None:
        abort(404)
    parent_id, version = found
    address = url_for("desk.paper.show", parent_id=parent_id, version=version)
    return redirect(address, 303)


@blueprint.post("/<int:parent_id>")
def check(parent_id: int) -> ResponseReturnValue:
    """Show what recording it does; the scan comes with the last button."""
    one = parent_or_404(parent_id)
    form = PaperForm(_possible(one))
    if not form.validate():
        return _page(one, form)
    try:
        return _check_page(one, form.number, form.day)
    except PaperRefused as refused:
        form.refuse("dated", f"{refused.problem}.")
    except RequestClosed:
        form.refuse("version", "They have signed this version already.")
    return _page(one, form)


@blueprint.post("/record")
def record() -> ResponseReturnValue:
    """Record it, with its scan where there is one."""
    one = parent_or_404(number_in(request.form.get("parent_id", "")) or 0)
    number = number_in(request.form.get("version", "")) or 0
    there = redirect(url_for("desk.parents.show", parent_id=one.id), 303)
    try:
        dated = date.fromisoformat(request.form.get("dated", ""))
        scan = _scan()
        would = _record(one, number, dated, dry_run=True)
        if not is_sure(_shown(would)):
            return _check_page(one, number, dated)
        with known(), act("paper:record", f"parent:{one.id}", f"version {number}"):
            _record(one, number, dated, scan=scan)
    except ScanRefused as refused:
        return _check_page(one, number, dated, problem=f"This file {refused.problem}.")
    except RequestClosed:
        # The button was pressed twice, or they have signed by their link meanwhile.
        return there
    except (PaperRefused, ValueError):
        return redirect(url_for("desk.paper.show", parent_id=one.id), 303)
    return there


@blueprint.get("/<int:parent_id>/form.pdf")
def form_to_print(parent_id: int) -> ResponseReturnValue:
    """A form with the parent's name, the children, the statements and the text."""
    one = parent_or_404(parent_id)
    number = number_in(request.args.get("version", ""))
    try:
        with known():
            pdf = paper_form(context(), one.id, version=number)
    except PaperRefused:
        abort(404)
    return _file(pdf, "application/pdf", "form.pdf")


@blueprint.get("/<int:parent_id>/scans/<sha256>")
def scan(parent_id: int, sha256: str) -> ResponseReturnValue:
    """The scan of a paper, as it was kept."""
    found = scan_of(context(), parent_id, sha256)
    if found is None:
        abort(404)
    content, media_type, ending = found
    return _file(content, media_type, f"paper.{ending}")


@blueprint.get("/<int:parent_id>/undo")
def undo_form(parent_id: int) -> ResponseReturnValue:
    """The form for the reason."""
    return _undo_page(parent_or_404(parent_id), UndoForm())


@blueprint.post("/<int:parent_id>/undo")
def undo(parent_id: int) -> ResponseReturnValue:
    """Show what undoing changes, then do it."""
    one, form = parent_or_404(parent_id), UndoForm()
    number = number_in(request.form.get("version", ""))
    if not form.validate():
        return _undo_page(one, form)
    do = partial(
        undo_paper,
        context(),
        one.id,
        by=person().name,
        reason=form.reason.data or "",
        version=number,
    )
    try:
        with known():
            would = do(dry_run=True)
            shown = (would.version, would.after, would.mailed, would.reason)
            if not is_sure(shown):
                return offer_page(_undoing(one, would), shown)
            with act("paper:undo", f"parent:{one.id}", f"version {would.version}"):
                do()
    except PaperRefused:
        # Somebody else has undone it.
        return redirect(url_for("desk.parents.show", parent_id=one.id), 303)
    return redirect(url_for("desk.parents.show", parent_id=one.id), 303)


def _possible(one: Person) -> tuple[tuple[int, str], ...]:
    with known():
        return possible_papers(context(), one.id)


def _record(
    one: Person,
    number: int,
    dated: date,
    *,
    scan: Scan | None = None,
    dry_run: bool = False,
) -> RecordedPaper:
    with known():
        return record_paper(
            context(),
            one.id,
            by=person().name,
            version=number,
            signed_on=dated,
            scan=scan,
            dry_run=dry_run,
        )


def _shown(would: RecordedPaper) -> object:
    return would.version, would.signed_on, would.before, would.owes


def _scan() -> Scan | None:
    """The file that was sent, if any was."""
    sent = request.files.get("scan")
    content = sent.stream.read(MOST_SCAN_BYTES + 1) if sent is not None else b""
    return read_scan(content) if content else None


def _check_page(
    one: Person, number: int, dated: date, *, problem: str = ""
) -> ResponseReturnValue:
    would = _record(one, number, dated, dry_run=True)
    page = render_template(
        "desk/paper/check.html",
        one=one,
        would=would,
        dated=date_in_words(dated.isoformat()),
        before=BEFORE[would.before],
        mark=mark_of(_shown(would)),
        problem=problem,
    )
    return page, 422 if problem else 200


def _undoing(one: Person, would: UndonePaper) -> Offer:
    return Offer(
        "Undo the record of a paper",
        [
            ("Parent", [would.name]),
            ("Version", [f"{would.version} ({would.label})"]),
            ("Recorded by", [would.recorded_by]),
            ("Reason", [would.reason]),
            ("From then on", [AFTER[would.after]]),
            *([("Email", ["They are asked to sign"])] if would.mailed else []),
            ("Kept", ["The record, its scan, and that it was undone"]),
        ],
        "Undo it",
        url_for("desk.paper.undo", parent_id=one.id),
        url_for("desk.parents.show", parent_id=one.id),
        kept=[("reason", would.reason), ("version", str(would.version))],
    )


def _page(one: Person, form: PaperForm) -> ResponseReturnValue:
    page = render_template("desk/paper/paper.html", one=one, form=form)
    return page, form.status


def _undo_page(one: Person, form: UndoForm) -> ResponseReturnValue:
    version = number_in(request.values.get("version", ""))
    page = render_template("desk/paper/undo.html", one=one, form=form, version=version)
    return page, form.status


def _file(content: bytes, media_type: str, name: str) -> Response:
    answer = Response(content, content_type=media_type)
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer

"""What a parent may ask for by law: their data, and its erasure; what goes when."""

from __future__ import annotations

from flask import Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, StringField
from wtforms.validators import StopValidation

from signer.errors import ParentActive, ParentHeld
from signer.user_text import one_line
from signer.web.desk.parents.room import blueprint, known, parent_or_404
from signer.web.desk.session import act
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm, Words
from signer.web.forms.typed import TypedForm
from signer.web.session import context
from signer.workflows.desk.actions import record_action
from signer.workflows.parents.expiring import KINDS, list_expiring
from signer.workflows.parents.person import Person
from signer.workflows.register.erase import OUT_OF_REACH, Erased, erase_parent
from signer.workflows.register.export import export_parent
from signer.workflows.retention.hold import hold_data, release_data
from signer.workflows.yearly.outlook import look_at_yearly_mail

REASONS = {
    "asked": "They asked for it",
    "mistake": "The record was made by mistake",
    "period": "The school keeps it no longer",
}
"""Why somebody is erased; none names anybody, since it stays."""


class EraseForm(TypedForm):
    """The reason, and the name."""

    reason = RadioField(validate_choice=False)

    def validate_reason(self, field: RadioField) -> None:
        """One of those there are."""
        if field.data not in REASONS:
            raise StopValidation("Choose a reason.")


class HoldForm(PlainForm):
    """Why data is kept."""

    why = StringField(validators=[Words(one_line, "Say why.")])


@blueprint.get("/<int:parent_id>/data")
def data(parent_id: int) -> ResponseReturnValue:
    """What can be done, and what an erasure takes away."""
    one = parent_or_404(parent_id)
    return _page(one, _form(one))


@blueprint.post("/<int:parent_id>/export")
def export(parent_id: int) -> ResponseReturnValue:
    """All that is kept of them, as a file; that it was made is recorded."""
    with known():
        archive = export_parent(context(), parent_id)
        with act("parent:export", f"parent:{parent_id}"):
            record_action(context())
    answer = Response(archive, content_type="application/zip")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"parent-{parent_id}.zip"
    )
    return answer


@blueprint.post("/<int:parent_id>/hold")
def hold(parent_id: int) -> ResponseReturnValue:
    """Keep their data past its time, such as for a complaint."""
    one, form = parent_or_404(parent_id), HoldForm()
    if not form.validate():
        return _page(one, form)
    with known(), act("parent:hold", f"parent:{parent_id}"):
        hold_data(context(), parent_id, reason=form.why.data or "")
    return redirect(url_for("desk.parents.data", parent_id=parent_id), 303)


@blueprint.post("/<int:parent_id>/end-hold")
def end_hold(parent_id: int) -> ResponseReturnValue:
    """Let their data go when its time is over; once is enough."""
    parent_or_404(parent_id)
    with known(), act("parent:end_hold", f"parent:{parent_id}"):
        release_data(context(), parent_id)
    return redirect(url_for("desk.parents.data", parent_id=parent_id), 303)


@blueprint.post("/<int:parent_id>/erase")
def erase(parent_id: int) -> ResponseReturnValue:
    """Erase them, once the name is typed."""
    one = parent_or_404(parent_id)
    form = _form(one)
    if not form.validate():
        return _page(one, form)
    try:
        with (
            known(),
            act("parent:erase", f"parent:{parent_id}", REASONS[form.reason.data]),
        ):
            erase_parent(context(), parent_id)
    except (ParentActive, ParentHeld):
        # What the page says then is why.
        return _page(parent_or_404(parent_id), form)
    return redirect(url_for("desk.parents.retention", erased=1), 303)


@blueprint.get("/retention")
def retention() -> ResponseReturnValue:
    """What is deleted next because its time is over."""
    page = list_expiring(context(), page=number_in(request.args.get("page", "")) or 1)
    return render_template(
        "desk/parents/retention.html",
        page=page,
        yearly=look_at_yearly_mail(context(), ahead=True),
        yearly_named=bool(context().settings.yearly_mail),
        kinds=KINDS,
        turn=lambda to: url_for("desk.parents.retention", page=to),
        erased="erased" in request.args,
        out_of_reach=OUT_OF_REACH,
    )


def _form(one: Person) -> EraseForm:
    return EraseForm(one.name, "Type the name as it is shown.")


def _page(one: Person, form: EraseForm | HoldForm) -> ResponseReturnValue:
    would: Erased | None = None
    if one.left_at is not None and not one.held:
        with known():
            would = erase_parent(context(), one.id, dry_run=True)
    page = render_template(
        "desk/parents/data.html",
        one=one,
        form=form,
        holding=form if isinstance(form, HoldForm) else HoldForm(),
        erasing=form if isinstance(form, EraseForm) else _form(one),
        would=would,
        reasons=[(value, words, "") for value, words in REASONS.items()],
        out_of_reach=OUT_OF_REACH,
    )
    return page, form.status

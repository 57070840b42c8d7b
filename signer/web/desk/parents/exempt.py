"""A parent who need not sign, and the end of that."""

from __future__ import annotations

from functools import partial

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from signer.errors import ExemptionRefused
from signer.user_text import one_line
from signer.web.desk.parents.confirm import Offer, is_sure, offer_page
from signer.web.desk.parents.room import blueprint, known, parent_or_404
from signer.web.desk.session import act, person
from signer.web.forms.plain import PlainForm, Words
from signer.web.session import context
from signer.workflows.exemption.exempt import Exempted, end_exemption, exempt_parent
from signer.workflows.parents.person import Person


class ReasonForm(PlainForm):
    """Why."""

    reason = StringField(validators=[Words(one_line, "Say why.")])


@blueprint.get("/<int:parent_id>/need-not-sign")
def exempt_form(parent_id: int) -> ResponseReturnValue:
    """The form for the reason."""
    return _page(parent_or_404(parent_id), ReasonForm())


@blueprint.post("/<int:parent_id>/need-not-sign")
def exempt(parent_id: int) -> ResponseReturnValue:
    """Show what that changes, then note it; or end it, where it holds."""
    one, form = parent_or_404(parent_id), ReasonForm()
    if not form.validate():
        return _page(one, form)
    ends = is_exempt_now(one)
    do = partial(
        end_exemption if ends else exempt_parent,
        context(),
        parent_id,
        by=person().name,
        reason=form.reason.data or "",
    )
    try:
        with known():
            would = do(dry_run=True)
            shown = (would.name, would.reason, ends, would.outstanding)
            if not is_sure(shown):
                return offer_page(_offer(one, would, form, ends=ends), shown)
            action = "parent:end_exemption" if ends else "parent:exempt"
            with act(action, f"parent:{parent_id}"):
                do()
    except ExemptionRefused as refused:
        form.refuse("reason", f"{refused.problem}.")
        return _page(parent_or_404(parent_id), form)
    return redirect(url_for("desk.parents.show", parent_id=parent_id), 303)


def is_exempt_now(one: Person) -> bool:
    """Whether a parent need not sign now."""
    return any(exemption.ended_at is None for exemption in one.history.exemptions)


def _offer(one: Person, would: Exempted, form: ReasonForm, *, ends: bool) -> Offer:
    open_request = (
        f"Version {would.outstanding} stays open: they may sign it all the same"
        if would.outstanding and not ends
        else None
    )
    lines = (
        ["They are asked and reminded again"]
        if ends
        else ["They are not asked and not reminded, and are counted separately"]
    )
    return Offer(
        "Let this parent sign again" if ends else "This parent need not sign",
        [
            ("Parent", [would.name, would.email or "No email address"]),
            ("Reason", [form.reason.data or ""]),
            ("From now on", [*lines, *([open_request] if open_request else [])]),
        ],
        "They are to sign again" if ends else "They need not sign",
        url_for("desk.parents.exempt", parent_id=one.id),
        url_for("desk.parents.show", parent_id=one.id),
        kept=[("reason", form.reason.data or "")],
    )


def _page(one: Person, form: ReasonForm) -> ResponseReturnValue:
    page = render_template(
        "desk/parents/exempt.html", one=one, form=form, ends=is_exempt_now(one)
    )
    return page, form.status

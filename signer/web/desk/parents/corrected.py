"""Correcting a parent's name or address."""

from __future__ import annotations

from functools import partial

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, EmailField, StringField
from wtforms.validators import StopValidation

from signer.errors import IdentityTaken, TextRefused
from signer.register.addresses import fault_of
from signer.web.desk.parents.confirm import Offer, is_sure, offer_page
from signer.web.desk.parents.room import blueprint, known, parent_or_404, words_about
from signer.web.desk.session import act
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.parents.person import Person
from signer.workflows.register.identity import Corrected, correct_parent


class CorrectForm(PlainForm):
    """The right name and address."""

    name = StringField()
    email = EmailField()
    no_email = BooleanField()

    def validate_email(self, field: EmailField) -> None:
        """An address, or that there is none."""
        address = (field.data or "").strip()
        if self.no_email.data:
            return
        if not address:
            raise StopValidation("Enter the address, or say that they have none.")
        if fault := fault_of(address):
            raise StopValidation(f"{fault}.")


@blueprint.get("/<int:parent_id>/correct")
def correct_form(parent_id: int) -> ResponseReturnValue:
    """The name and address as they are."""
    one, form = parent_or_404(parent_id), CorrectForm()
    form.name.data, form.email.data = one.name, one.email
    form.no_email.data = not one.email
    return _page(one, form)


@blueprint.post("/<int:parent_id>/correct")
def correct(parent_id: int) -> ResponseReturnValue:
    """Show what a correction changes, then make it."""
    one, form = parent_or_404(parent_id), CorrectForm()
    if not form.validate():
        return _page(one, form)
    there = url_for("desk.parents.show", parent_id=parent_id)
    no_email = bool(form.no_email.data)
    do = partial(
        correct_parent,
        context(),
        parent_id,
        name=form.name.data or "",
        email="" if no_email else form.email.data or "",
        no_email=no_email,
    )
    try:
        with known():
            would = do(dry_run=True)
            if would.before == would.after:
                return redirect(there, 303)
            if not is_sure(would):
                return offer_page(_offer(one, would, form), would)
            with act("parent:correct", f"parent:{parent_id}", _what(would)):
                do()
    except IdentityTaken:
        form.refuse("name", "Another record has this name and address: merge the two.")
    except TextRefused as refused:
        form.refuse("name", words_about(refused))
    else:
        return redirect(there, 303)
    return _page(one, form)


def _what(would: Corrected) -> str:
    """Which of the two changes, without either."""
    names = ("name", "email address")
    pairs = zip(names, would.before, would.after, strict=True)
    return " and ".join(name for name, before, after in pairs if before != after)


def _offer(one: Person, would: Corrected, form: CorrectForm) -> Offer:
    facts = [
        ("Name", [would.before[0], f"→ {would.after[0]}"]),
        ("Email address", [would.before[1] or "None", f"→ {would.after[1] or 'None'}"]),
    ]
    facts = [fact for fact, (a, b) in zip(facts, _both(would), strict=True) if a != b]
    if would.before[1].lower() != would.after[1].lower():
        facts += [
            ("Links that stop working", [str(would.links_ended)]),
            ("Requests emailed again", [str(would.mailed_again)]),
        ]
    warnings = []
    if would.on_hold:
        others = ", ".join(would.on_hold)
        warnings.append(
            f"Email to the old address stays on hold, since it is that of {others} "
            "too. Check it with the family by telephone."
        )
    return Offer(
        "Check the correction",
        [*facts, ("What they signed", ["Stays theirs, with the old name and address"])],
        "Correct it",
        url_for("desk.parents.correct", parent_id=one.id),
        url_for("desk.parents.show", parent_id=one.id),
        kept=[
            ("name", form.name.data or ""),
            ("email", form.email.data or ""),
            *([("no_email", "y")] if form.no_email.data else []),
        ],
        warnings=warnings,
    )


def _both(would: Corrected) -> list[tuple[str, str]]:
    return list(zip(would.before, would.after, strict=True))


def _page(one: Person, form: CorrectForm) -> ResponseReturnValue:
    page = render_template("desk/parents/correct.html", one=one, form=form)
    return page, form.status

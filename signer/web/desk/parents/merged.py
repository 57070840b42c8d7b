"""Two records of one parent, made one."""

from __future__ import annotations

from functools import partial

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import MergeRefused
from signer.web.desk.parents.confirm import SURE, Offer, is_sure, offer_page
from signer.web.desk.parents.room import blueprint, known, parent_or_404
from signer.web.desk.parents.wording import STATES, STATUSES
from signer.web.desk.session import act
from signer.web.forms.numbers import number_in
from signer.web.forms.typed import TypedForm
from signer.web.session import context
from signer.workflows.parents.browse import Row, Wanted, browse_register
from signer.workflows.parents.person import Person
from signer.workflows.register.merge_parents import Merged, merge_parents


@blueprint.get("/<int:parent_id>/merge")
def merge_form(parent_id: int) -> ResponseReturnValue:
    """The search for the other record."""
    return _page(parent_or_404(parent_id))


@blueprint.post("/<int:parent_id>/merge")
def merge(parent_id: int) -> ResponseReturnValue:
    """Find the other record, show what becomes of both, then merge them."""
    one = parent_or_404(parent_id)
    other = request.form.get("other", "")
    other_id = number_in(other)
    if other_id is None:
        words = " ".join(request.form.get("words", "").replace("\0", "").split())
        return _page(one, words=words)
    stays, goes = parent_id, other_id
    if request.form.get("stays") == "other":
        stays, goes = goes, stays
    do = partial(merge_parents, context(), stays, goes)
    try:
        with known():
            would = do(dry_run=True)
            typed = TypedForm(would.gone[0], "Type the name as it is shown.")
            sure = is_sure(would) and typed.validate()
            if not sure:
                return _offer_page(one, would, typed, other)
            with act("parent:merge", f"parent:{stays}", f"parent:{goes}"):
                do()
    except MergeRefused as refused:
        return _page(one, refused=refused.reasons)
    return redirect(url_for("desk.parents.show", parent_id=stays), 303)


def _offer_page(
    one: Person, would: Merged, typed: TypedForm, other: str
) -> ResponseReturnValue:
    warnings = ["This cannot be undone."]
    if len(would.identifiers) > 1:
        kept, lost = would.identifiers
        warnings.append(
            f"Their numbers in your system differ: {kept} is kept, and {lost} is not."
        )
    if would.returns:
        warnings.append("They had left, and are in the register again by this.")
    mailed = f"{would.mailed_again}" if would.kept[1] else "0"
    offer = Offer(
        "Check the two records",
        [
            ("Stays", [would.kept[0], would.kept[1] or "No email address"]),
            ("Becomes a part of it", [would.gone[0], would.gone[1] or "None"]),
            *([("Children they get", would.children)] if would.children else []),
            *(
                (f"Version {number}", [STATUSES[status.value]])
                for number, status in would.requests
            ),
            ("Links that stop working", [str(would.links_ended)]),
            ("Requests emailed again", [mailed]),
        ],
        "They are one person: merge them",
        url_for("desk.parents.merge", parent_id=one.id),
        url_for("desk.parents.show", parent_id=one.id),
        kept=[("other", other), ("stays", request.form.get("stays", "this"))],
        typed=(typed, f"Type {would.gone[0]} to merge the two"),
        warnings=warnings,
    )
    return offer_page(offer, would)


def _page(
    one: Person, *, words: str = "", refused: tuple[str, ...] = ()
) -> ResponseReturnValue:
    found: tuple[Row, ...] = ()
    if words:
        rows = browse_register(context(), Wanted(words=words)).rows
        found = tuple(row for row in rows if row.id != one.id)
    page = render_template(
        "desk/parents/merge.html",
        one=one,
        words=words,
        found=found,
        states=STATES,
        refused=refused,
    )
    return page, 422 if refused and SURE not in request.form else 200

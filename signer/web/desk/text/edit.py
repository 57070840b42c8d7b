"""Writing the draft: saved with the revision that it began from, or checked alone."""

from __future__ import annotations

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from signer.errors import DraftMoved
from signer.policy.release.check import redline_of
from signer.web.desk.session import act, person
from signer.web.desk.text.form import DraftForm, form_of
from signer.web.desk.text.room import blueprint
from signer.web.desk.text.shown import changes_of, shown
from signer.web.session import context
from signer.workflows.draft.revisions import (
    Unsaved,
    forget_unsaved,
    look_at_draft,
    look_at_unsaved,
    save_draft,
    who_else_writes,
)


@blueprint.get("/edit")
def edit() -> ResponseReturnValue:
    """The form with the draft in it, or with what its writer had not saved."""
    unsaved = look_at_unsaved(context(), person().account_id)
    if unsaved is not None:
        return _page(DraftForm.of(unsaved.text, unsaved.revision), unsaved=unsaved)
    return _page(form_of(look_at_draft(context())))


@blueprint.post("/edit")
def save() -> ResponseReturnValue:
    """Save the draft, unless somebody else has saved other words meanwhile."""
    form = DraftForm()
    if not form.validate():
        return _page(form)
    try:
        with act("draft:save"):
            save_draft(
                context(),
                form.text,
                account_id=person().account_id,
                revision=form.began_from,
            )
    except DraftMoved:
        return conflict(form)
    return redirect(url_for("desk.text.show"), 303)


@blueprint.post("/check")
def check() -> ResponseReturnValue:
    """What a release would say of what is in the form; nothing is saved."""
    form = DraftForm()
    form.validate()
    return _page(form, checked=True)


@blueprint.post("/discard")
def discard() -> ResponseReturnValue:
    """Forget what its writer had not saved."""
    with act("draft:discard"):
        forget_unsaved(context(), person().account_id)
    return redirect(url_for("desk.text.show"), 303)


def _page(
    form: DraftForm, *, unsaved: Unsaved | None = None, checked: bool = False
) -> ResponseReturnValue:
    page = render_template(
        "desk/text/edit.html",
        form=form,
        shown=shown(form.text),
        unsaved=unsaved,
        checked=checked,
        others=who_else_writes(context(), person().account_id),
    )
    return page, form.status


def conflict(form: DraftForm, *, kept: bool = True) -> ResponseReturnValue:
    """Both texts, and what is different in them; who saves next has seen both.

    Args:
        form: the words that came second.
        kept: whether they are kept as unsaved.
    """
    theirs = look_at_draft(context())
    mine = form.text
    form.put(mine, theirs.number)
    page = render_template(
        "desk/text/conflict.html",
        form=form,
        kept=kept,
        theirs=theirs,
        shown=shown(mine),
        between=changes_of(redline_of(theirs.text, mine)),
    )
    return page, 409

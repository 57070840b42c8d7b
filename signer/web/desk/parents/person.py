"""One parent: all that is known of them, and notes about them."""

from __future__ import annotations

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField

from signer.errors import RequestUnknown
from signer.user_text import paragraphs
from signer.web.desk.parents.room import blueprint, known, parent_or_404
from signer.web.desk.parents.wording import (
    DELIVERIES,
    MAILS,
    STATES,
    STATUSES,
    TOLD,
)
from signer.web.desk.session import act
from signer.web.desk.session import person as signed_in_person
from signer.web.forms.plain import PlainForm, Words
from signer.web.session import context
from signer.workflows.desk.actions import list_actions
from signer.workflows.mailing.bounces.dead_addresses import try_again
from signer.workflows.parents.notes import note_about_parent
from signer.workflows.parents.person import Person, declaration_pdf
from signer.workflows.requests.reissue_link import reissue_link_of


class NoteForm(PlainForm):
    """A note of staff."""

    words = TextAreaField(validators=[Words(paragraphs, "Write the note.")])


@blueprint.get("/<int:parent_id>")
def show(parent_id: int) -> ResponseReturnValue:
    """A parent."""
    return _page(parent_or_404(parent_id), NoteForm())


@blueprint.post("/<int:parent_id>/note")
def note(parent_id: int) -> ResponseReturnValue:
    """Keep a note."""
    who, form = parent_or_404(parent_id), NoteForm()
    if not form.validate():
        return _page(who, form)
    with known(), act("parent:note", f"parent:{parent_id}"):
        note_about_parent(
            context(), parent_id, form.words.data or "", by=signed_in_person().name
        )
    address = url_for("desk.parents.show", parent_id=parent_id, _anchor="notes")
    return redirect(address, 303)


@blueprint.post("/<int:parent_id>/link")
def send_link(parent_id: int) -> ResponseReturnValue:
    """Send them a new link, which ends the older ones."""
    parent_or_404(parent_id)
    try:
        with act("parent:new_link", f"parent:{parent_id}"):
            reissued = reissue_link_of(context(), parent_id)
    except RequestUnknown:
        # They have left meanwhile, or lost their address: their page tells.
        return redirect(url_for("desk.parents.show", parent_id=parent_id), 303)
    link = "held" if reissued.held else "sent"
    return redirect(url_for("desk.parents.show", parent_id=parent_id, link=link), 303)


@blueprint.post("/<int:parent_id>/address")
def try_address(parent_id: int) -> ResponseReturnValue:
    """Mail to their address again, although mail to it came back for good."""
    who = parent_or_404(parent_id)
    if who.is_dead:
        with known(), act("parent:try_address", f"parent:{parent_id}"):
            try_again(context(), who.email)
    return redirect(url_for("desk.parents.show", parent_id=parent_id), 303)


@blueprint.get("/<int:parent_id>/declarations/<declaration_id>")
def declaration(parent_id: int, declaration_id: str) -> ResponseReturnValue:
    """The sealed PDF of a declaration."""
    pdf = declaration_pdf(context(), parent_id, declaration_id)
    if pdf is None:
        abort(404)
    answer = Response(pdf, content_type="application/pdf")
    answer.headers.set(
        "Content-Disposition", "attachment", filename=f"{declaration_id}.pdf"
    )
    return answer


def _page(who: Person, form: NoteForm) -> ResponseReturnValue:
    done = list_actions(context(), subject=f"parent:{who.id}", since=who.added_at)
    page = render_template(
        "desk/parents/person.html",
        one=who,
        form=form,
        states=STATES,
        mail_words=MAILS,
        deliveries=DELIVERIES,
        told=TOLD,
        statuses=STATUSES,
        actions=done.actions,
        link=request.args.get("link", ""),
    )
    return page, form.status

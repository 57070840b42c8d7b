"""The inbox: what parents told the office, answered, closed or settled."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, TextAreaField

from signer.errors import DisputeUnknown, NoteUnknown
from signer.store.columns import NoteKind
from signer.user_text import NOTE_CHARACTERS, paragraphs
from signer.web.desk.session import act, person
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm, Words
from signer.web.session import context
from signer.workflows.desk.inbox import (
    Message,
    answer_message,
    close_messages,
    list_inbox,
    look_at_message,
    reopen_message,
)
from signer.workflows.requests.disputes import settle_disputes

blueprint = Blueprint("inbox", __name__, url_prefix="/inbox")

KINDS = {
    NoteKind.QUESTION: ("Question", "asks a question"),
    NoteKind.DECLINE: ("Does not agree", "does not agree"),
    NoteKind.NOT_ME: ("Not the parent", "says that they are somebody else"),
    NoteKind.PAPER: ("Paper", "would rather sign on paper"),
}
"""What each kind is called, and what the parent does by it."""


class AnswerForm(PlainForm):
    """An answer to a parent."""

    words = TextAreaField(validators=[Words(paragraphs, "Type your answer.")])
    close = BooleanField()


@blueprint.get("", strict_slashes=False)
def listed() -> ResponseReturnValue:
    """What waits, or everything, the newest first."""
    before = number_in(request.args.get("before", ""))
    everything = "all" in request.args
    page = list_inbox(context(), everything=everything, before=before)
    return render_template(
        "desk/inbox/list.html", page=page, everything=everything, kinds=KINDS
    )


@blueprint.post("/close")
def close() -> ResponseReturnValue:
    """Close those that are chosen."""
    numbers = map(number_in, request.form.getlist("chosen"))
    chosen = [number for number in numbers if number is not None]
    if chosen:
        with act("message:close", details=str(len(chosen))):
            close_messages(context(), chosen, by=person().name)
    return redirect(url_for("desk.inbox.listed"), 303)


@blueprint.get("/<int:note_id>")
def show(note_id: int) -> ResponseReturnValue:
    """One message, its answers, and the form to answer it."""
    form = AnswerForm()
    form.close.data = True
    return _page(_message(note_id), form)


@blueprint.post("/<int:note_id>")
def answer(note_id: int) -> ResponseReturnValue:
    """Answer it by mail."""
    message, form = _message(note_id), AnswerForm()
    if not message.email or not form.validate():
        return _page(message, form)
    with act("message:answer", f"message:{note_id}"):
        answer_message(
            context(),
            note_id,
            form.words.data or "",
            by=person().name,
            close=bool(form.close.data),
        )
    return redirect(url_for("desk.inbox.show", note_id=note_id), 303)


@blueprint.post("/<int:note_id>/close")
def close_one(note_id: int) -> ResponseReturnValue:
    """Close it without an answer."""
    _message(note_id)
    with act("message:close", f"message:{note_id}"):
        close_messages(context(), [note_id], by=person().name)
    return redirect(url_for("desk.inbox.listed"), 303)


@blueprint.post("/<int:note_id>/reopen")
def reopen(note_id: int) -> ResponseReturnValue:
    """Have it wait again."""
    _message(note_id)
    with act("message:reopen", f"message:{note_id}"):
        reopen_message(context(), note_id, by=person().name)
    return redirect(url_for("desk.inbox.show", note_id=note_id), 303)


@blueprint.post("/<int:note_id>/settle")
def settle(note_id: int) -> ResponseReturnValue:
    """Say that the address is the parent's after all."""
    message = _message(note_id)
    if message.kind is NoteKind.NOT_ME and message.waits:
        try:
            with act("message:settle", f"message:{note_id}"):
                settle_disputes(
                    context(), message.email, by=person().name, name=message.parent
                )
        except DisputeUnknown:
            # Somebody else has settled it, or corrected the address.
            return redirect(url_for("desk.inbox.show", note_id=note_id), 303)
    return redirect(url_for("desk.inbox.listed"), 303)


def _message(note_id: int) -> Message:
    try:
        return look_at_message(context(), note_id)
    except NoteUnknown:
        abort(404)


def _page(message: Message, form: AnswerForm) -> ResponseReturnValue:
    page = render_template(
        "desk/inbox/message.html",
        message=message,
        form=form,
        kinds=KINDS,
        most=NOTE_CHARACTERS,
    )
    return page, form.status

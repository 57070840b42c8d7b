"""What the script of the form asks while somebody writes: keep this, tell me of it."""

from __future__ import annotations

from flask import jsonify, render_template, request
from flask.typing import ResponseReturnValue

from signer import clock
from signer.conversion.html import convert_html
from signer.errors import DocumentRefused
from signer.web.desk.session import person
from signer.web.desk.text.form import DraftForm
from signer.web.desk.text.room import blueprint
from signer.web.desk.text.shown import shown
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.draft.revisions import (
    keep_unsaved,
    look_at_draft,
    who_else_writes,
)


@blueprint.post("/keep")
def keep() -> ResponseReturnValue:
    """Keep what is in the form, beside the draft; gives what to tell its writer."""
    form = DraftForm()
    if not form.validate():
        return jsonify(words=""), form.status
    who = person()
    keep_unsaved(
        context(), form.text, account_id=who.account_id, revision=form.began_from
    )
    words = f"Kept at {clock.now().astimezone(clock.SCHOOL_ZONE):%H:%M:%S}, not saved."
    draft = look_at_draft(context())
    if draft.saved_at and draft.number != form.began_from:
        words += f" {draft.saved_by} has saved draft {draft.number} meanwhile."
    if others := who_else_writes(context(), who.account_id):
        words += f" Writing as well: {', '.join(others)}."
    return jsonify(words=words)


@blueprint.post("/found")
def found() -> ResponseReturnValue:
    """What is told of the words in the form, as a part of its page."""
    form = DraftForm()
    if not form.validate():
        return "", form.status
    return render_template("desk/text/found.html", shown=shown(form.text))


@blueprint.post("/paste")
def paste() -> ResponseReturnValue:
    """What was copied elsewhere as Markdown; nothing is kept."""
    form = PlainForm()
    sent = request.files.get("html")
    if not form.validate():
        return jsonify(markdown=""), form.status
    if sent is None:
        return jsonify(markdown=""), 422
    try:
        converted = convert_html(sent.read().decode(errors="replace"))
    except DocumentRefused:
        return jsonify(markdown=""), 422
    words = ""
    if converted.left_out:
        words = f"Left out of what you pasted: {', '.join(converted.left_out)}."
    return jsonify(markdown=converted.markdown, line=converted.is_line, words=words)

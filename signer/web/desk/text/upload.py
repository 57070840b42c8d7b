"""A file as the new draft: Markdown, with or without the lines at its top."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField

from signer.errors import DraftMoved, DraftRefused
from signer.policy.release.draft import DRAFT
from signer.policy.release.source import DraftText, split_draft, tidy_body
from signer.store.draft.tables import DraftSource
from signer.web.desk.session import act, person
from signer.web.desk.text.edit import conflict
from signer.web.desk.text.form import DraftForm
from signer.web.desk.text.room import blueprint
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.draft.revisions import look_at_draft, save_draft


class UploadForm(PlainForm):
    """The revision that the file is to replace; the file is beside it."""

    revision = IntegerField()


@blueprint.get("/upload")
def choose_file() -> ResponseReturnValue:
    """Where a file is chosen."""
    return _page(UploadForm())


@blueprint.post("/upload")
def upload() -> ResponseReturnValue:
    """Make a file the draft; what it replaces is among the earlier drafts."""
    form = UploadForm()
    if not form.validate():
        return _page(form)
    text = _text_of(form)
    if text is None:
        return _page(form)
    written = DraftForm.of(text, form.revision.data or 0)
    if not written.validate():
        form.refuse("revision", written.problems[0][1])
        return _page(form)
    try:
        with act("draft:upload"):
            save_draft(
                context(),
                written.text,
                account_id=person().account_id,
                revision=written.began_from,
                how=DraftSource.UPLOADED,
            )
    except DraftMoved:
        return conflict(written)
    return redirect(url_for("desk.text.show"), 303)


def _text_of(form: UploadForm) -> DraftText | None:
    """What the file says; None where it is refused, with the reason in the form."""
    sent = request.files.get("file")
    source = sent.read() if sent else b""
    if not source.strip():
        form.refuse("revision", "Choose a file that has a text in it.")
        return None
    try:
        text = source.decode().removeprefix("\ufeff")
    except UnicodeDecodeError:
        form.refuse(
            "revision", "This is not a text file in UTF-8. Choose one that ends in .md."
        )
        return None
    present = look_at_draft(context()).text
    if not text.startswith("---"):
        return replace(present, body=tidy_body(text))
    try:
        there = split_draft(text, path=DRAFT)
    except DraftRefused as refused:
        problem = refused.problems[0]
        form.refuse("revision", f"In line {problem.line} of the file {problem.what}.")
        return None
    # What a file does not say stays as it is.
    return DraftText(
        title=there.title or present.title,
        declaration=there.declaration or present.declaration,
        body=there.body,
        summary=present.summary,
        review_by=present.review_by,
        school=there.school or present.school,
        motto=there.motto or present.motto,
    )


def _page(form: UploadForm) -> ResponseReturnValue:
    draft = look_at_draft(context())
    return render_template("desk/text/upload.html", form=form, draft=draft), form.status

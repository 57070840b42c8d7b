"""A file as the new draft: looked at first, then taken by a button."""

from __future__ import annotations

from dataclasses import replace

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import IntegerField

from signer.conversion.files import read_file
from signer.errors import DocumentRefused, DraftMoved, DraftRefused
from signer.policy.release.check import redline_of
from signer.policy.release.draft import DRAFT
from signer.policy.release.source import DraftText, split_draft, tidy_body
from signer.store.draft.tables import DraftSource
from signer.web.desk.session import act, person
from signer.web.desk.text.edit import conflict
from signer.web.desk.text.form import DraftForm
from signer.web.desk.text.room import blueprint
from signer.web.desk.text.shown import changes_of, shown
from signer.web.forms.large import MOST_DOCUMENT_BYTES
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.draft.revisions import (
    look_at_draft,
    look_at_unsaved,
    save_draft,
)

_UNSAVED = "Save or discard first what you have written and not saved."


class UploadForm(PlainForm):
    """The revision that the file is to replace; the file is beside it."""

    revision = IntegerField()


@blueprint.get("/upload")
def choose_file() -> ResponseReturnValue:
    """Where a file is chosen."""
    return _page(UploadForm())


@blueprint.post("/upload")
def upload() -> ResponseReturnValue:
    """What a file would make of the draft; nothing is kept of it."""
    form = UploadForm()
    if not form.validate():
        return _page(form)
    if _has_unsaved():
        form.refuse("revision", _UNSAVED)
        return _page(form)
    draft = look_at_draft(context())
    try:
        text, left_out = _text_of(draft.text)
    except DocumentRefused as refused:
        form.refuse("revision", str(refused))
        return _page(form)
    written = DraftForm.of(text, form.revision.data or 0)
    if not written.validate():
        form.refuse("revision", written.problems[0][1])
        return _page(form)
    return render_template(
        "desk/text/uploaded.html",
        form=written,
        draft=draft,
        same=written.text == draft.text,
        since=changes_of(redline_of(draft.text, text)) if draft.saved_at else None,
        left_out=left_out,
        shown=shown(written.text),
    )


@blueprint.post("/upload/replace", endpoint="replace")
def replace_draft() -> ResponseReturnValue:
    """Make what was shown the draft; what it replaces is among the earlier ones."""
    written = DraftForm()
    if not written.validate() or _has_unsaved():
        form = UploadForm(formdata=None)
        form.refuse("revision", (written.problems or [("", _UNSAVED)])[0][1])
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
        return conflict(written, kept=False)
    return redirect(url_for("desk.text.show"), 303)


def _has_unsaved() -> bool:
    return look_at_unsaved(context(), person().account_id) is not None


def _text_of(present: DraftText) -> tuple[DraftText, tuple[str, ...]]:
    """What the file says, and what was left out; what it does not say stays as it is.

    Args:
        present: what the draft says.

    Raises:
        DocumentRefused: it says nothing, or cannot be read.
    """
    sent = request.files.get("file")
    content = sent.read() if sent else b""
    if not content.strip():
        raise DocumentRefused("Choose a file that has a text in it.")
    read = read_file(content)
    if not isinstance(read, str):
        if not read.markdown:
            raise DocumentRefused("Choose a file that has a text in it.")
        title = read.title or present.title
        return replace(present, title=title, body=read.markdown), read.left_out
    if not read.startswith("---"):
        return replace(present, body=tidy_body(read)), ()
    try:
        there = split_draft(read, path=DRAFT)
    except DraftRefused as refused:
        problem = refused.problems[0]
        raise DocumentRefused(
            f"In line {problem.line} of the file {problem.what}."
        ) from refused
    return DraftText(
        title=there.title or present.title,
        declaration=there.declaration or present.declaration,
        body=there.body,
        summary=there.summary or present.summary,
        review_by=there.review_by or present.review_by,
        school=there.school or present.school,
        motto=there.motto or present.motto,
    ), ()


def _page(form: UploadForm) -> ResponseReturnValue:
    page = render_template(
        "desk/text/upload.html",
        form=form,
        draft=look_at_draft(context()),
        unsaved=_has_unsaved(),
        most=MOST_DOCUMENT_BYTES // 1_000_000,
    )
    return page, form.status

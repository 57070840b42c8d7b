"""The draft as it is, and as it was: to be read."""

from __future__ import annotations

from flask import Response, abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import DraftMoved, RevisionUnknown
from signer.policy.dates import date_in_words
from signer.policy.release.check import redline_of
from signer.store.draft.tables import DraftSource
from signer.web.desk.session import act, person
from signer.web.desk.text.review import review_of
from signer.web.desk.text.room import blueprint
from signer.web.desk.text.shown import changes_of, shown
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.draft.check import look_for_releases
from signer.workflows.draft.revisions import (
    PAGE,
    DraftAsSaved,
    list_revisions,
    look_at_draft,
    look_at_revision,
    save_draft,
)

HOW = {
    DraftSource.TYPED: "Written here",
    DraftSource.UPLOADED: "From a file",
    DraftSource.RESTORED: "An earlier one, taken up again",
    DraftSource.STARTED_AGAIN: "Begun again from the version in force",
}
"""How a revision came to be, in words."""


blueprint.add_app_template_filter(date_in_words, "written_date")


@blueprint.before_request
def see_releases() -> None:
    """Compare with what is in force now, though it was released a moment ago."""
    look_for_releases(context())


@blueprint.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    """The draft as it is."""
    draft = look_at_draft(context())
    told, trouble = review_of(draft)
    return render_template(
        "desk/text/draft.html",
        draft=draft,
        shown=shown(draft.text),
        review=told,
        trouble=trouble,
    )


@blueprint.get("/draft.md")
def file() -> ResponseReturnValue:
    """The draft's file, byte for byte as a release takes it."""
    draft = look_at_draft(context())
    answer = Response(draft.source.encode(), content_type="text/markdown")
    answer.headers["Content-Disposition"] = 'attachment; filename="code-of-conduct.md"'
    return answer


@blueprint.get("/history")
def history() -> ResponseReturnValue:
    """Every revision, the newest first."""
    before = number_in(request.args.get("before", ""))
    listed = list_revisions(context(), before=before)
    older = listed[-1].number if len(listed) == PAGE and listed[-1].number > 1 else None
    return render_template(
        "desk/text/history.html", listed=listed, older=older, how=HOW
    )


@blueprint.get("/history/<int:number>")
def revision(number: int) -> ResponseReturnValue:
    """The draft as it was saved once, and what has changed since."""
    one, draft = _revision(number), look_at_draft(context())
    return render_template(
        "desk/text/revision.html",
        one=one,
        draft=draft,
        shown=shown(one.text),
        since=changes_of(redline_of(one.text, draft.text)),
    )


@blueprint.post("/history/<int:number>/restore")
def restore(number: int) -> ResponseReturnValue:
    """Make the draft say again what it said once, as a further revision."""
    one = _revision(number)
    form = PlainForm()
    if form.validate():
        given = number_in(request.form.get("revision", ""))
        try:
            with act("draft:restore", f"draft:{number}"):
                save_draft(
                    context(),
                    one.text,
                    account_id=person().account_id,
                    revision=-1 if given is None else given,
                    how=DraftSource.RESTORED,
                )
        except DraftMoved:
            return redirect(url_for("desk.text.revision", number=number), 303)
    return redirect(url_for("desk.text.show"), 303)


def _revision(number: int) -> DraftAsSaved:
    try:
        return look_at_revision(context(), number)
    except RevisionUnknown:
        abort(404)

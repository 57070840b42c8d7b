"""The review of the draft: read it, comment on a passage, approve or want changes."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField, TextAreaField

from signer.errors import PolicyError, ReviewRefused, SettingsError
from signer.user_text import paragraphs
from signer.web.desk.session import act, person
from signer.web.desk.text.passages import Passage, passages
from signer.web.desk.text.room import blueprint
from signer.web.desk.text.shown import shown
from signer.web.forms.numbers import number_in
from signer.web.forms.plain import PlainForm, Words
from signer.web.session import context
from signer.workflows.draft.approvals import DraftReview, look_at_review
from signer.workflows.draft.review import (
    Comment,
    approve,
    ask_for_review,
    comment,
    list_comments,
    settle_comment,
    want_changes,
)
from signer.workflows.draft.revisions import DraftAsSaved, look_at_draft

_EMPTY = "Write what you want to say."


class DecisionForm(PlainForm):
    """A decision about the draft that was read."""

    sha256 = StringField()


class ChangesForm(DecisionForm):
    """Which changes somebody wants."""

    words = TextAreaField(validators=[Words(paragraphs, "Write what is to change.")])


class CommentForm(PlainForm):
    """What somebody says about a passage."""

    revision = StringField()
    passage = StringField()
    said = TextAreaField(validators=[Words(paragraphs, _EMPTY)])


@dataclass(frozen=True, slots=True)
class Commented:
    """A passage and what was said about it.

    Attributes:
        place: its number on the page, counted from 1.
        passage: the words.
        comments: the oldest first.
    """

    place: int
    passage: Passage
    comments: tuple[Comment, ...]


@blueprint.get("/review")
def review() -> ResponseReturnValue:
    """The changes, the whole text with its comments, and the decision."""
    return _page(None)


@blueprint.post("/ask-for-review")
def ask() -> ResponseReturnValue:
    """Ask the Heads of School to review the draft as it is."""
    return _decide(DecisionForm(), "draft:ask", ask_for_review)


@blueprint.post("/approve")
def give_approval() -> ResponseReturnValue:
    """Approve the draft that was read."""
    return _decide(DecisionForm(), "draft:approve", approve)


@blueprint.post("/want-changes")
def ask_for_changes() -> ResponseReturnValue:
    """Say that the draft that was read needs changes."""
    form = ChangesForm()
    words = form.words.data or ""
    return _decide(
        form, "draft:want_changes", partial(want_changes, words=words), "words"
    )


@blueprint.post("/comments")
def say() -> ResponseReturnValue:
    """Comment on a passage."""
    form = CommentForm()
    if form.validate():
        try:
            with act("draft:comment"):
                comment(
                    context(),
                    account_id=person().account_id,
                    revision=number_in(form.revision.data or "") or 0,
                    passage=form.passage.data or "",
                    words=form.said.data or "",
                )
        except ReviewRefused as refused:
            form.refuse("said", refused.reason)
        else:
            return redirect(url_for("desk.text.review", _anchor="comments"), 303)
    return _page(form)


@blueprint.post("/comments/<int:number>/settle")
def settle(number: int) -> ResponseReturnValue:
    """Note that a comment is dealt with."""
    try:
        with act("draft:settle_comment", f"comment:{number}"):
            settle_comment(context(), number, by=person().name)
    except ReviewRefused:
        abort(404)
    return redirect(url_for("desk.text.review", _anchor="comments"), 303)


def review_of(draft: DraftAsSaved) -> tuple[DraftReview | None, str]:
    """How the review goes, or why that cannot be told."""
    try:
        return look_at_review(context(), draft.sha256), ""
    except (PolicyError, SettingsError) as error:
        return None, str(error)


def _page(form: PlainForm | None) -> ResponseReturnValue:
    draft = look_at_draft(context())
    told, trouble = review_of(draft)
    comments = list_comments(context())
    by_words = defaultdict(list)
    for one in comments:
        by_words[one.passage].append(one)
    commented = [
        Commented(place, one, tuple(by_words.pop(one.words, ())))
        for place, one in enumerate(passages(draft.text), 1)
    ]
    at = request.args.get("at", "")
    written = form if isinstance(form, CommentForm) else CommentForm(formdata=None)
    page = render_template(
        "desk/text/review.html",
        draft=draft,
        shown=shown(draft.text),
        review=told,
        trouble=trouble,
        commented=commented,
        whole=by_words.pop("", ()),
        elsewhere=[one for many in by_words.values() for one in many],
        open_comments=sum(not one.settled_by for one in comments),
        at=number_in(at) or 0,
        form=form,
        comment_form=written,
        changes_form=form if isinstance(form, ChangesForm) else ChangesForm(None),
    )
    return page, form.status if form is not None else 200


def _decide(
    form: DecisionForm,
    action: str,
    decide: Callable[..., object],
    field: str = "sha256",
) -> ResponseReturnValue:
    """Do what was decided about the draft that was read.

    Args:
        form: what was sent.
        action: what is recorded.
        decide: the workflow, which takes the context, the person and the draft.
        field: where it is said why that cannot be.
    """
    who = person()
    if form.validate():
        try:
            with act(action, details=_short(form)):
                decide(
                    context(),
                    account_id=who.account_id,
                    by=who.name,
                    sha256=form.sha256.data or "",
                )
        except ReviewRefused as refused:
            form.refuse(field, refused.reason)
        else:
            return redirect(url_for("desk.text.show"), 303)
    return _page(form)


def _short(form: DecisionForm) -> str:
    """The beginning of the SHA-256, as the record of what was done has it."""
    return (form.sha256.data or "")[:12]

"""A review without change: the text was looked at, and stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import Field, StringField
from wtforms.validators import StopValidation

from signer import clock
from signer.errors import (
    FileNotWritten,
    PolicyError,
    ReleaseRefused,
    ReviewRecorded,
)
from signer.policy.versions import in_force
from signer.school_calendar import school_date
from signer.user_text import one_line, same_name
from signer.web.desk.release.room import blueprint
from signer.web.desk.release.stages import refuse_demo
from signer.web.desk.session import act, person
from signer.web.forms.plain import PlainForm, Words
from signer.web.session import context
from signer.workflows.context import AppContext
from signer.workflows.draft.check import look_for_releases
from signer.workflows.release.review import (
    Reviewed,
    call_hook_again,
    look_at_reviews,
    publish_review,
    record_unchanged,
)
from signer.workflows.release.steps import StepState

UNREADABLE = "The record of reviews cannot be read. Tell the operator."
MEANWHILE = "Somebody has recorded a review in the meantime. It is shown on this page."


class ReviewForm(PlainForm):
    """Who reviewed the text, until when it stays, and the number typed."""

    known = StringField()
    by = StringField(validators=[Words(one_line, "Enter who reviewed the text.")])
    next = StringField()
    typed = StringField()

    def validate_typed(self, field: Field) -> None:
        """The number of the version that was reviewed."""
        number = str(in_force(context().versions).number)
        if same_name(field.data or "") != number:
            raise StopValidation(f"Type {number}, the number of the version.")


@blueprint.get("/review")
def review() -> ResponseReturnValue:
    """The last review, and the form for another."""
    look_for_releases(context())
    form = ReviewForm(formdata=None)
    form.by.data, form.next.data = person().name, _in_a_year()
    return _page(form)


@blueprint.post("/review")
def record_review() -> ResponseReturnValue:
    """Record that the version in force was reviewed, and stays."""
    refuse_demo()
    look_for_releases(context())
    form = ReviewForm()
    known = form.known.data or ""
    if not context().versions or not form.validate():
        return _page(form)
    try:
        with act("review:record", f"version:{in_force(context().versions).number}"):
            record_unchanged(
                context(),
                by=form.by.data or "",
                next_=(form.next.data or "").strip(),
                known=int(known) if known.isdecimal() else -1,
            )
    except ReviewRecorded:
        form.refuse("known", MEANWHILE)
    except ReleaseRefused as refused:
        form.refuse(refused.field if refused.field == "by" else "next", _told(refused))
    except (PolicyError, FileNotWritten) as error:
        form.refuse("known", f"Nothing was recorded: {error}.")
    else:
        return redirect(url_for("desk.release.review", recorded="1"), 303)
    return _page(form)


@blueprint.post("/review/finish")
def finish_review() -> ResponseReturnValue:
    """Do again what follows a review: git, the push, the hook."""
    return _again("review:finish", publish_review)


@blueprint.post("/review/hook")
def hook_of_review() -> ResponseReturnValue:
    """Call the host's build hook once more."""
    return _again("review:hook", call_hook_again)


def _again(action: str, step: Callable[[AppContext], None]) -> ResponseReturnValue:
    refuse_demo()
    look_for_releases(context())
    found, _ = _look()
    if found is not None and found.last is not None:
        with act(action, f"version:{found.version.number}"):
            step(context())
    return redirect(url_for("desk.release.review"), 303)


def _page(form: ReviewForm) -> ResponseReturnValue:
    found, why = _look()
    if found is not None:
        form.known.data = str(found.count)
    page = render_template(
        "desk/release/review.html",
        form=form,
        found=found,
        why=why,
        recorded="recorded" in request.args,
        StepState=StepState,
    )
    return page, form.status


def _look() -> tuple[Reviewed | None, str]:
    """The reviews; or why there are none."""
    if not context().versions:
        return None, "Nothing has been released yet."
    try:
        return look_at_reviews(context()), ""
    except PolicyError:
        return None, UNREADABLE


def _told(refused: ReleaseRefused) -> str:
    subject = "The name" if refused.field == "by" else "The month of the next review"
    return f"{subject} {refused.problem}."


def _in_a_year() -> str:
    """The month a year from now, as the policy promises a review each year."""
    today: date = school_date(clock.now())
    return f"{today.year + 1}-{today.month:02}"

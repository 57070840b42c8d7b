"""The steps before a release: what changed, who is asked, when; and the last word."""

from __future__ import annotations

from dataclasses import dataclass
from email.message import EmailMessage

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import StringField

from signer.errors import (
    FileNotWritten,
    MailError,
    PolicyError,
    ReleaseExists,
    ReleaseRefused,
    SettingsError,
    VersionTampered,
)
from signer.mail.transport import transport_for
from signer.policy.versions import Version, in_force
from signer.user_text import same_name
from signer.web.desk.release.form import LATER, OPTIONS, ReleaseForm
from signer.web.desk.release.room import blueprint
from signer.web.desk.release.stages import refuse_demo
from signer.web.desk.search_words import hidden, revealed
from signer.web.desk.session import act, person
from signer.web.desk.text.review import review_of
from signer.web.desk.text.shown import shown
from signer.web.forms.plain import PlainForm
from signer.web.session import context
from signer.workflows.campaigns.selection import Selection
from signer.workflows.desk.year_groups import count_by_year_group
from signer.workflows.draft.check import look_for_releases
from signer.workflows.draft.revisions import look_at_draft
from signer.workflows.mailing.sample import sample_mail
from signer.workflows.register.list import list_page
from signer.workflows.release.people import find_parents, mail_to, never_asked
from signer.workflows.release.release import (
    Ready,
    hold_mail_back,
    ready_release,
    release_draft,
)

MOVED = "The draft was changed since this page was shown. Read it again."


LONGEST = 10
"""Digits of a parent's number, at most one less."""


class SearchForm(PlainForm):
    """Words to find a parent by."""

    words = StringField()


class ChosenForm(PlainForm):
    """The parent whose email is shown, if one was chosen."""

    parent = StringField()


class ConfirmedForm(ReleaseForm):
    """What was chosen, and the number typed."""

    number = StringField()
    typed = StringField()


@blueprint.get("", strict_slashes=False)
def show() -> ResponseReturnValue:
    """What changed, who is asked, the email, and the days to choose."""
    form = ReleaseForm(formdata=None)
    form.when.data, form.hour.data = LATER, "08:00"
    return _page(form)


@blueprint.post("/check")
def check() -> ResponseReturnValue:
    """Show what the release will do, before anything is done."""
    form = ReleaseForm()
    ready = _ready(form) if form.validate() else None
    return _page(form) if ready is None else _last(ready, form, "")


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    """Look for a parent whose email is to be shown."""
    form = SearchForm()
    words = hidden(form.words.data or "") if form.validate() else None
    return redirect(url_for("desk.release.show", words=words, _anchor="email"), 303)


@blueprint.post("/sample")
def sample() -> ResponseReturnValue:
    """Send the email that is shown to the person who asks for it."""
    form = ChosenForm()
    chosen, outcome = _number(form.parent.data), "no"
    if form.validate():
        try:
            version = ready_release(context()).prepared.version
            transport = transport_for(context().settings.mail_address)
            if found := _mail_of(chosen, version):
                transport.send(found[1])
                outcome = "yes"
        except (MailError, PolicyError, SettingsError, VersionTampered):
            outcome = "no"
    page = url_for("desk.release.show", sample=outcome, parent=chosen, _anchor="email")
    return redirect(page, 303)


@blueprint.post("/confirm")
def confirm() -> ResponseReturnValue:
    """Release the version whose number was typed."""
    refuse_demo()
    form = ConfirmedForm()
    look_for_releases(context())
    there = in_force(context().versions).number if context().versions else 0
    if str(there) == form.number.data:
        return _already()
    ready = _ready(form) if form.validate() else None
    if ready is None:
        return _page(form)
    number = ready.prepared.version.number
    if same_name(form.typed.data or "") != str(number):
        return _last(ready, form, f"Type {number}, the number of the version.")
    who, send_at = person().name, form.send_at
    try:
        hold_mail_back(context(), number, send_at, by=who)
        with act("release:release", f"version:{number}", ready.draft.sha256[:12]):
            release_draft(context(), ready, send_at=send_at, by=who)
    except ReleaseExists:
        return _already()
    except FileNotWritten as error:
        form.refuse("sha256", f"Nothing was released: {error}.")
        return _page(form)
    return redirect(url_for("desk.release.stages"), 303)


def _already() -> ResponseReturnValue:
    """The stages of what was released before, by a second press or another person."""
    return redirect(url_for("desk.release.stages", already="1"), 303)


def _ready(form: ReleaseForm) -> Ready | None:
    """What would be released; None where a release refuses it, told at the form."""
    try:
        ready = ready_release(context(), sign_by=form.sign_by.data or "")
    except ReleaseRefused as refused:
        field = "sign_by" if refused.field == "sign_by" else "sha256"
        form.refuse(field, f"Nothing can be released: {refused}.")
    except (PolicyError, SettingsError, VersionTampered) as error:
        form.refuse("sha256", f"Nothing can be released: {error}.")
    else:
        if ready.draft.sha256 == form.sha256.data:
            return ready
        form.refuse("sha256", MOVED)
    return None


def _page(form: ReleaseForm) -> ResponseReturnValue:
    look_for_releases(context())
    draft = look_at_draft(context())
    told, trouble = review_of(draft)
    ready, why = None, ""
    try:
        ready = ready_release(context())
    except (PolicyError, SettingsError, VersionTampered) as error:
        why = str(error)
    form.sha256.data = draft.sha256
    words = revealed(request.args["words"]) if "words" in request.args else None
    chosen = _number(request.args.get("parent"))
    page = render_template(
        "desk/release/show.html",
        form=form,
        draft=draft,
        shown=shown(draft.text),
        review=told,
        trouble=trouble,
        ready=ready,
        why=why,
        people=_people(),
        never=never_asked(context()),
        search=SearchForm(formdata=None),
        found=None if words is None else find_parents(context(), words),
        hidden_words=request.args.get("words"),
        mail=None if ready is None else _mail(chosen, ready.prepared.version),
        chosen=chosen,
        sample=request.args.get("sample", ""),
        options=OPTIONS,
    )
    return page, form.status


def _last(ready: Ready, form: ReleaseForm, wrong: str) -> ResponseReturnValue:
    page = render_template(
        "desk/release/confirm.html",
        ready=ready,
        form=form,
        people=_people(),
        at=form.send_at if form.when.data == LATER else None,
        wrong=wrong,
    )
    return page, 422 if wrong else 200


def _people() -> tuple[int, tuple[tuple[str, int], ...]]:
    """How many will be asked: all, and by year group."""
    everybody = list_page(context(), Selection(), offset=0, limit=0).count
    return everybody, count_by_year_group(context())


@dataclass(frozen=True, slots=True)
class Shown:
    """An email, as it is shown.

    Attributes:
        to: the parent whose it is; empty for the sample.
        subject: its subject.
        words: its words.
    """

    to: str
    subject: str
    words: str


def _mail(chosen: int | None, version: Version) -> Shown:
    """The email of the parent who was chosen, or of one who signed the last version."""
    to, mail = _mail_of(chosen, version) or ("", _sample(version))
    body = mail.get_body(("plain",))
    words = "" if body is None else str(body.get_content())
    return Shown(to, str(mail["Subject"]), words)


def _mail_of(chosen: int | None, version: Version) -> tuple[str, EmailMessage] | None:
    """The name of the parent who was chosen, and their email; it comes to the desk.

    None for somebody who will not be asked by email.
    """
    if chosen is None:
        return "", _sample(version)
    return mail_to(context(), chosen, version, person().email)


def _sample(version: Version) -> EmailMessage:
    return sample_mail(context(), person().email, version)


def _number(given: str | None) -> int | None:
    """The number of a parent; None for anything else."""
    return int(given) if given and given.isdecimal() and len(given) < LONGEST else None

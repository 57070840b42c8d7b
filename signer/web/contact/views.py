"""What a parent can tell the school office in place of signing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import timedelta

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext

from signer.errors import TooManyNotes
from signer.policy.versions import Version
from signer.store.columns import NoteKind
from signer.web.csrf import csrf_ok
from signer.web.session import ANSWERABLE, answered, closed, context, entered
from signer.web.signing.forms import LIMITS, NoteForm
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.contact_office import tell_office, was_told
from signer.workflows.requests.view_request import RequestView

blueprint = Blueprint("contact", __name__, url_prefix="/sign/<ref>")


@dataclass(frozen=True, slots=True)
class Way:
    """A way to answer other than by signing.

    Attributes:
        kind: what the office is told.
        empty: what to say when there are no words; None where they may be left out.
        when: the states of a request in which it is open.
    """

    kind: NoteKind
    empty: str | None = None
    when: frozenset[LinkState] = ANSWERABLE


WAYS = {
    "decline": Way(NoteKind.DECLINE, lazy_gettext("Tell us why, in a few words.")),
    "question": Way(
        NoteKind.QUESTION,
        lazy_gettext("Type your question."),
        ANSWERABLE | {LinkState.SIGNED},
    ),
    "not-me": Way(NoteKind.NOT_ME),
    "paper": Way(NoteKind.PAPER),
}

_WAY = '/<any("decline", "question", "not-me", "paper"):way>'


@blueprint.get(_WAY)
def write(ref: str, way: str) -> ResponseReturnValue:
    """The form."""
    view, _, shut = _open(ref, way)
    return shut or _page(view, way, NoteForm(WAYS[way].empty))


@blueprint.post(_WAY)
def check(ref: str, way: str) -> ResponseReturnValue:
    """Repeat what is to be sent; or the form again, to change it."""
    view, _, form, shut = _given(ref, way)
    if shut:
        return shut
    if "change" in request.form or not form.validate():
        return _page(view, way, form)
    return _check_page(view, way, form)


@blueprint.post(_WAY + "/sent")
def tell(ref: str, way: str) -> ResponseReturnValue:
    """Tell the office."""
    view, fingerprint, form, shut = _given(ref, way, last=True)
    if shut:
        return shut
    if not form.validate():
        return (_page if form.words.errors else _check_page)(view, way, form)
    try:
        tell_office(
            context(),
            view.ref,
            WAYS[way].kind,
            link_fingerprint=fingerprint,
            words=form.words.data or "",
        )
    except TooManyNotes as refused:
        return _often_page(view, way, form, refused)
    return redirect(url_for("contact.told", ref=view.ref, way=way), 303)


@blueprint.get(_WAY + "/sent")
def told(ref: str, way: str) -> ResponseReturnValue:
    """What happens next."""
    view, _ = entered(ref)
    if not was_told(context(), ref, WAYS[way].kind):
        return redirect(url_for("contact.write", ref=ref, way=way), 303)
    return render_template(
        "contact/sent.html",
        view=view,
        way=way,
        # Who says that they are somebody else is not asked to sign.
        can_sign=view.state in ANSWERABLE and way != "not-me",
    )


def _given(
    ref: str, way: str, *, last: bool = False
) -> tuple[RequestView, str, NoteForm, ResponseReturnValue | None]:
    """A form that was sent, what it is about, and the page where it is too late."""
    view, fingerprint, shut = _open(ref, way)
    if last and way == "not-me" and view.state is LinkState.DISPUTED:
        # The button was pressed twice.
        shut = redirect(url_for("contact.told", ref=ref, way=way), 303)
    form = NoteForm(WAYS[way].empty, last=last)
    if view.state is LinkState.SUPERSEDED and csrf_ok():
        # A version was released meanwhile; the words are about the newest one.
        older = view.version
        view, fingerprint = answered(ref)
        newer = _page(view, way, form, instead=older) if way == "decline" else None
        return view, fingerprint, form, newer
    return view, fingerprint, form, shut


def _open(ref: str, way: str) -> tuple[RequestView, str, ResponseReturnValue | None]:
    view, fingerprint = entered(ref)
    if view.state in WAYS[way].when:
        return view, fingerprint, None
    if view.state is LinkState.SIGNED:
        return view, fingerprint, redirect(url_for("signing.signed", ref=ref), 303)
    if view.newest_ref:
        page = url_for("contact.write", ref=view.newest_ref, way=way)
        return view, fingerprint, redirect(page, 303)
    return view, fingerprint, closed(view.state)


def _page(
    view: RequestView, way: str, form: NoteForm, *, instead: Version | None = None
) -> ResponseReturnValue:
    page = render_template(
        "contact/form.html",
        view=view,
        way=way,
        form=form,
        limits=LIMITS,
        instead=instead,
    )
    return page, 409 if instead else form.status


def _often_page(
    view: RequestView, way: str, form: NoteForm, refused: TooManyNotes
) -> ResponseReturnValue:
    """What is to be sent, and when it can be."""
    minutes = math.ceil(refused.wait / timedelta(minutes=1))
    page = render_template(
        "contact/check.html", view=view, way=way, form=form, often=minutes
    )
    return page, 429, {"Retry-After": str(minutes * 60)}


def _check_page(view: RequestView, way: str, form: NoteForm) -> ResponseReturnValue:
    """What is to be sent, and the word that sends it."""
    return render_template(
        "contact/check.html", view=view, way=way, form=form
    ), form.status

"""Read, declare, check, signed: each page's form leads to the next page's address.

Answers travel in the forms. The version's SHA-256 travels with them, from the page
that was read to the page that signs.
"""

from __future__ import annotations

from flask import Blueprint, Response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.errors import NameDiffers, RecordChanged, RequestClosed, VersionChanged
from signer.redline.html import redline_key
from signer.web.language import present
from signer.web.session import (
    answerable,
    answered,
    context,
    entered,
    fingerprint_for,
    number_of,
    remember,
)
from signer.web.signing.forms import DeclarationForm
from signer.web.signing.policy_text import changes_since, marked_up, policy_text
from signer.workflows.log.inclusion_proofs import proof_at
from signer.workflows.requests.access import LinkState
from signer.workflows.requests.sign import (
    Answers,
    declaration_pdf,
    sign_declaration,
)
from signer.workflows.requests.view_request import RequestView

blueprint = Blueprint("signing", __name__, url_prefix="/sign/<ref>")


@blueprint.get("/read")
def read(ref: str) -> ResponseReturnValue:
    """Step 1: what changed, then the whole text."""
    view, fingerprint = answerable(ref)
    if fingerprint_for(ref) is None:
        # A page of another request led here; this one begins now.
        remember(ref, fingerprint)
    return _reading_page(view, instead=request.args.get("instead", type=int))


@blueprint.get("/declare")
def declare(ref: str) -> ResponseReturnValue:
    """Step 2: the form, for the text that was read."""
    view, _ = answerable(ref)
    form = DeclarationForm(view)
    form.text.data = request.args.get("text")
    if form.text.data is None:
        return redirect(url_for("signing.read", ref=ref), 303)
    if not form.same_text:
        return _changed_page(view, form)
    return _declaring_page(view, form)


@blueprint.post("/declare")
def declare_again(ref: str) -> ResponseReturnValue:
    """Step 2 again, with the answers given: nothing is checked yet."""
    view, _ = answered(ref)
    form = DeclarationForm(view)
    if not form.same_text:
        return _changed_page(view, form)
    return _declaring_page(view, form)


@blueprint.get("/check")
def check_nothing(ref: str) -> ResponseReturnValue:
    """Back to the form: there are no answers to check."""
    view, _ = answerable(ref)
    text = view.version.sha256
    return redirect(url_for("signing.declare", ref=ref, text=text), 303)


@blueprint.post("/check")
def check(ref: str) -> ResponseReturnValue:
    """Step 3: every answer repeated, before anything is signed."""
    view, _ = answered(ref)
    form = DeclarationForm(view)
    if changed := _not_as_shown(view, form):
        return changed
    if not form.validate():
        return _mending_page(view, form)
    if not (form.is_registered_name or form.is_sure):
        return _name_page(view, form)
    return render_template("signing/check.html", view=view, form=form, step=3)


@blueprint.post("/signed")
def sign(ref: str) -> ResponseReturnValue:
    """Sign. A second press of the button leads to the same receipt."""
    view, fingerprint = answered(ref)
    form = DeclarationForm(view)
    if unfit := _unfit_to_sign(view, form):
        return unfit
    answers = Answers(
        shown_sha256=form.text.data or "",
        typed_name=form.typed_name.data or "",
        capacity=form.capacity.data or "",
        confirmed=form.ticked,
        shown_record=form.record.data,
        another_way=form.another_way,
    )
    try:
        sign_declaration(context(), ref, link_fingerprint=fingerprint, answers=answers)
    except (VersionChanged, RequestClosed):
        # Something was released between the look above and the signature.
        return _changed_page(answered(ref)[0], form)
    except RecordChanged:
        return _record_changed_page(answered(ref)[0], form)
    except NameDiffers:
        return _name_page(view, form)
    return redirect(url_for("signing.signed", ref=ref), 303)


@blueprint.get("/signed")
def signed(ref: str) -> ResponseReturnValue:
    """Step 4: the receipt."""
    view, _ = entered(ref)
    if view.state is not LinkState.SIGNED:
        answerable(ref)
        return redirect(url_for("signing.read", ref=ref), 303)
    when = view.declaration_signed_at
    return render_template(
        "signing/signed.html",
        view=view,
        step=4,
        when=present().moment(when) if when else "",
    )


@blueprint.get("/declaration.pdf")
def pdf(ref: str) -> ResponseReturnValue:
    """The sealed declaration; while there is none, the page that says so."""
    _, fingerprint = entered(ref)
    found = declaration_pdf(context(), ref, fingerprint)
    if found is None:
        return redirect(url_for("signing.signed", ref=ref), 303)
    content, declaration_id = found
    return _download(content, "application/pdf", f"declaration-{declaration_id}.pdf")


@blueprint.get("/proof")
def proof(ref: str) -> ResponseReturnValue:
    """That the declaration is in the public log; until it is, the page that says so."""
    _, fingerprint = entered(ref)
    found = proof_at(context(), ref, fingerprint)
    if found is None:
        return redirect(url_for("signing.signed", ref=ref), 303)
    proven, declaration_id = found
    filename = f"declaration-{declaration_id}.tlog-proof"
    return _download(str(proven).encode(), "application/octet-stream", filename)


def _download(content: bytes, content_type: str, filename: str) -> Response:
    answer = Response(content, content_type=content_type)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.set("Content-Disposition", "attachment", filename=filename)
    return answer


def _reading_page(
    view: RequestView,
    form: DeclarationForm | None = None,
    *,
    instead: int | None = None,
) -> str:
    """The text, with what changed since the parent signed last.

    Args:
        view: the request.
        form: what was answered to another text.
        instead: the number of the version that the parent was answering.
    """
    return render_template(
        "signing/read.html",
        view=view,
        text=policy_text(view.version),
        changes=view.since and changes_since(view.since),
        key=marked_up(redline_key()),
        form=form,
        instead=instead if instead and instead < view.version.number else None,
        step=1,
    )


def _changed_page(view: RequestView, form: DeclarationForm) -> ResponseReturnValue:
    """The present text, for somebody who answered another; the answers are kept."""
    instead = number_of(form.text.data)
    form.text.data = view.version.sha256
    form.confirmed.data = []
    return _reading_page(view, form, instead=instead), 409


def _not_as_shown(
    view: RequestView, form: DeclarationForm
) -> ResponseReturnValue | None:
    """The page for somebody who answered something else than there is now."""
    if not form.same_text:
        return _changed_page(view, form)
    # A form that is not proven says so first, with everything kept.
    if not form.same_record and not form.unproven:
        return _record_changed_page(view, form)
    return None


def _unfit_to_sign(
    view: RequestView, form: DeclarationForm
) -> ResponseReturnValue | None:
    """The page for somebody whose form cannot be signed as it is."""
    if changed := _not_as_shown(view, form):
        return changed
    if form.unproven:
        page = render_template("signing/check.html", view=view, form=form, step=3)
        return page, form.status
    return None if form.validate() else _mending_page(view, form)


def _record_changed_page(
    view: RequestView, form: DeclarationForm
) -> ResponseReturnValue:
    """The form again, for somebody who was shown another name or other children."""
    page = render_template(
        "signing/declare.html", view=view, form=form, step=2, record_changed=True
    )
    return page, 409


def _declaring_page(view: RequestView, form: DeclarationForm) -> ResponseReturnValue:
    page = render_template("signing/declare.html", view=view, form=form, step=2)
    return page, form.status


def _mending_page(view: RequestView, form: DeclarationForm) -> ResponseReturnValue:
    """The page on which what is at fault was typed."""
    if form.sure.errors and len(form.problems) == 1:
        return _name_page(view, form)
    return _declaring_page(view, form)


def _name_page(view: RequestView, form: DeclarationForm) -> ResponseReturnValue:
    """Whose name is expected, for somebody who typed another one."""
    return render_template("signing/name.html", view=view, form=form, step=2), 422

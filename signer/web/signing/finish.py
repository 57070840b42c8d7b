"""“I have finished on this device”: nothing of a parent's stays in the browser."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from signer.web.forms.plain import PlainForm
from signer.web.session import forget, remembers

blueprint = Blueprint("finish", __name__, url_prefix="/sign")


@blueprint.get("/finished")
def finished() -> ResponseReturnValue:
    """That it is done, or the button."""
    return _page(PlainForm())


@blueprint.post("/finished")
def finish() -> ResponseReturnValue:
    """Forget what this browser has opened."""
    form = PlainForm()
    if not form.validate():
        return _page(form)
    forget()
    answer = redirect(url_for("finish.finished"), 303)
    # Pages that were kept before, fonts and styles with them. Over HTTPS alone.
    answer.headers["Clear-Site-Data"] = '"cache"'
    return answer


def _page(form: PlainForm) -> ResponseReturnValue:
    page = render_template(
        "signing/finished.html", form=form, open=form.unproven or remembers()
    )
    return page, form.status

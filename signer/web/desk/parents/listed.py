"""The register in pages, searched and filtered.

What somebody searches for is the name of a parent, so that it does not stand in the
address: it travels there unreadable.
"""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.web.desk.parents.room import blueprint
from signer.web.desk.parents.wording import STATES
from signer.web.forms.numbers import number_in
from signer.web.session import context, settings
from signer.workflows.parents.browse import Wanted, browse_register
from signer.workflows.requests.private_text import PrivateText

MOST_WORDS = 120
"""Bytes of what is searched for."""


@blueprint.get("", strict_slashes=False)
def listed() -> ResponseReturnValue:
    """A page of the parents."""
    given = request.args
    words = given.get("words", "")
    wanted = Wanted(
        words=_box().decrypt(words.encode()) or "" if words else "",
        year_group=given.get("year_group", "")[:MOST_WORDS].replace("\0", ""),
        state=given.get("state", "") if given.get("state", "") in STATES else "",
    )
    number = number_in(given.get("page", "")) or 1
    page = browse_register(context(), wanted, page=number)
    return render_template(
        "desk/parents/list.html",
        page=page,
        wanted=wanted,
        states=STATES,
        turn=lambda to: url_for(
            "desk.parents.listed",
            words=words or None,
            year_group=wanted.year_group or None,
            state=wanted.state or None,
            page=to,
        ),
    )


@blueprint.post("/search")
def search() -> ResponseReturnValue:
    """Go to the page of those who are meant; nothing is changed by it."""
    given = request.form
    words = " ".join(given.get("words", "").replace("\0", "").split())
    address = url_for(
        "desk.parents.listed",
        words=_box().encrypt(words).decode() if words else None,
        year_group=given.get("year_group") or None,
        state=given.get("state") or None,
    )
    return redirect(address, 303)


def _box() -> PrivateText:
    keys = settings().secret_keys
    return PrivateText(keys, purpose="desk search", longest=MOST_WORDS)

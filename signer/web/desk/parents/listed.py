"""The register in pages, searched and filtered."""

from __future__ import annotations

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from signer.web.desk.parents.room import blueprint
from signer.web.desk.parents.wording import STATES
from signer.web.desk.search_words import MOST_WORDS, hidden, revealed
from signer.web.forms.numbers import number_in
from signer.web.session import context
from signer.workflows.parents.browse import Wanted, browse_register


@blueprint.get("", strict_slashes=False)
def listed() -> ResponseReturnValue:
    """A page of the parents."""
    given = request.args
    words = given.get("words", "")
    wanted = Wanted(
        words=revealed(words),
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
    address = url_for(
        "desk.parents.listed",
        words=hidden(given.get("words", "")),
        year_group=given.get("year_group") or None,
        state=given.get("state") or None,
    )
    return redirect(address, 303)

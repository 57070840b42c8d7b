"""Any two released versions compared, for anybody; the site holds the usual pairs."""

from __future__ import annotations

import hashlib

from flask import Blueprint, make_response, redirect, render_template, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from signer.policy.comparison import Comparison, compare
from signer.redline.html import redline_key, redline_switch
from signer.web.assets import stylesheet
from signer.web.language import as_english, gettext
from signer.web.session import context
from signer.web.signing.policy_text import marked_up
from signer.workflows.campaigns.released_version import released_version

blueprint = Blueprint("compare", __name__)

HOUR = 60 * 60
_ADDRESS = "/compare/{}/{}"


@blueprint.get("/compare/<int:one>/<int:other>")
@blueprint.get("/compare/<int:one>/<int:other>/")
def versions(one: int, other: int) -> ResponseReturnValue:
    """The newer of two versions, with every change since the older one marked."""
    if one > other or request.path.endswith("/"):
        # One address for a pair: what is kept of it is kept once.
        one, other = sorted((one, other))
        return redirect(_ADDRESS.format(one, other), 301)
    older, newer = released_version(context(), one), released_version(context(), other)
    if older is None or newer is None:
        raise NotFound
    compared = compare(older, newer)
    page = render_template(
        "compare/versions.html",
        compared=compared,
        key=marked_up(redline_key()),
        whole=marked_up(_whole(compared)),
    )
    answer = make_response(page)
    # Both texts are for ever; the look may change with a release of the program.
    answer.headers["Cache-Control"] = f"public, max-age={HOUR}"
    mark = older.sha256 + newer.sha256 + stylesheet()[1] + page
    answer.set_etag(hashlib.sha256(mark.encode()).hexdigest()[:16])
    return answer.make_conditional(request.environ)


def _whole(compared: Comparison) -> str:
    """The newer text, with a switch for the changes in it where there are any."""
    whole = f'<div class="redline"{as_english()}>\n{compared.whole}\n</div>'
    if not compared.redline.changed:
        return whole
    return redline_switch(whole, words=gettext("Show the changes"))

"""Each released version as a sealed PDF, for anybody."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from werkzeug.exceptions import NotFound

from signer.web.session import context
from signer.workflows.declarations.seal_version import version_pdf, version_pdf_sha256

blueprint = Blueprint("version_pdf", __name__)

DAY = 24 * 60 * 60
MINUTES_TO_WAIT = 2


@blueprint.get("/pdf/<int:number>")
def pdf(number: int) -> ResponseReturnValue:
    """The text of a version, typeset and sealed; while it is being made, a page."""
    try:
        sha256 = version_pdf_sha256(context(), number)
    except LookupError:
        raise NotFound from None
    if sha256 is None:
        return _not_yet()
    answer = Response(content_type="application/pdf")
    # Once sealed it stays as it is.
    answer.headers["Cache-Control"] = f"public, max-age={DAY}"
    answer.set_etag(sha256)
    answer.headers.set(
        "Content-Disposition",
        "inline",
        filename=f"code-of-conduct-version-{number}.pdf",
    )
    answer.make_conditional(request.environ)
    if answer.status_code == 304:  # noqa: PLR2004 - Not Modified
        return answer
    answer.set_data(version_pdf(context(), sha256))
    return answer


def _not_yet() -> ResponseReturnValue:
    page = render_template(
        "errors/error.html",
        heading=gettext("This PDF is still being made"),
        remedy=gettext(
            "It takes a minute or two. Open this page again then. The text itself is "
            "on our website already."
        ),
    )
    return page, 503, {"Retry-After": str(MINUTES_TO_WAIT * 60)}

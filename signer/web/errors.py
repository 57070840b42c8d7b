"""Errors as pages: what went wrong and what to do next."""

from __future__ import annotations

from flask import Flask, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from werkzeug.exceptions import (
    HTTPException,
    InternalServerError,
    ServiceUnavailable,
    TooManyRequests,
)

from signer.errors import RequestClosed, RequestUnknown, VersionTampered
from signer.web import access_log
from signer.web.overload import unavailable
from signer.web.session import closed, link_needed, settings

WORDS = {
    "host": (
        lazy_gettext("This is not our address"),
        lazy_gettext(
            "The address you used does not lead to our pages. Open the link in the "
            "email from the school once more."
        ),
    ),
    "door": (
        lazy_gettext("This is not the way in"),
        lazy_gettext(
            "These pages are reached through the school's website. Open the link in "
            "the email from the school once more."
        ),
    ),
    "role": (
        "This page is for others at the school",
        "Your role does not have it. Ask the headteacher if you need it.",
    ),
    "file": (
        "This file is too large",
        "Nothing was done. Check that it is the right file, without pictures.",
    ),
    400: (
        lazy_gettext("We could not read that"),
        lazy_gettext(
            "What your browser sent did not arrive whole. Go back and try again."
        ),
    ),
    403: (
        lazy_gettext("This page is not open to you"),
        lazy_gettext("Open the link in the email from the school once more."),
    ),
    404: (
        lazy_gettext("There is no page here"),
        lazy_gettext(
            "If you typed the address, check it. If you followed a link from an email, "
            "open it once more: some email programs cut long links short."
        ),
    ),
    405: (
        lazy_gettext("This page cannot be opened like that"),
        lazy_gettext("Go back, and use the buttons on the page."),
    ),
    413: (
        lazy_gettext("That is too much text"),
        lazy_gettext("Nothing was sent. Go back and make your text shorter."),
    ),
    429: (
        lazy_gettext("That was a lot of tries in a short time"),
        lazy_gettext("Wait a few minutes, then try again."),
    ),
    500: (
        lazy_gettext("Something went wrong on our side"),
        lazy_gettext(
            "It is not your fault. What you had signed before is safe. Wait a few "
            "minutes, then open the link in the email from the school once more."
        ),
    ),
    503: (
        lazy_gettext("We cannot answer just now"),
        lazy_gettext(
            "What you had signed before is safe. Wait a few minutes, then try again."
        ),
    ),
}
"""Heading and what to do, by HTTP status."""

NAMED = frozenset(key for key in WORDS if isinstance(key, str))
"""What a refusal may be named by, in place of its status."""

TRY_AGAIN = frozenset({TooManyRequests.code, ServiceUnavailable.code})
"""Statuses of answers to what may be sent once more as it is."""


def install(app: Flask) -> None:
    """Give every error its page."""
    unavailable.install(app)

    @app.errorhandler(HTTPException)
    def explain(error: HTTPException) -> ResponseReturnValue:
        status = error.code or 500
        key = error.description if error.description in NAMED else status
        kept = unavailable.kept_input() if status in TRY_AGAIN else None
        heading, remedy = WORDS.get(key) or WORDS[400 if status < 500 else 500]  # noqa: PLR2004 - the class of a status
        if kept and status == ServiceUnavailable.code:
            heading, remedy = unavailable.HEADING, unavailable.kept_words(kept)
        page = render_template(
            "errors/error.html",
            kept=kept,
            heading=heading,
            remedy=remedy,
            reference=access_log.reference(),
            # Links of a page at another address must lead to ours.
            root=settings().base_url if key in {"host", "door"} else "",
            wrong_host=g.get("wrong_host"),
        )
        answer = app.make_response((page, status))
        # Such as Allow with 405 and Retry-After with 429.
        for name, value in error.get_headers():
            answer.headers.setdefault(name, value)
        return answer

    @app.errorhandler(InternalServerError)
    def explain_fault(error: InternalServerError) -> ResponseReturnValue:
        return explain(error)

    @app.errorhandler(VersionTampered)
    def wait(error: VersionTampered) -> ResponseReturnValue:
        # Better no text than another one than was asked for.
        app.logger.critical("a released version cannot be shown: %s", error)
        return explain(ServiceUnavailable())

    @app.errorhandler(RequestUnknown)
    def unknown(error: RequestUnknown) -> ResponseReturnValue:
        del error
        return link_needed()

    @app.errorhandler(RequestClosed)
    def shut(error: RequestClosed) -> ResponseReturnValue:
        """It closed between the page and the button."""
        if error.status == "signed":
            ref = (request.view_args or {})["ref"]
            return redirect(url_for("signing.signed", ref=ref), 303)
        return closed(error.status)

"""The answer while the database cannot be used: try again soon, with the input kept."""

from __future__ import annotations

import logging

from flask import Flask, current_app, g, request
from flask.typing import ResponseReturnValue
from flask_babel import lazy_gettext
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoConnection
from werkzeug.exceptions import RequestEntityTooLarge, ServiceUnavailable

from signer.errors import DatabaseReplaced, DatabaseUnusable
from signer.store.write_health import WriteProblem, write_problem
from signer.web import access_log
from signer.web.csrf import csrf_ok
from signer.web.session import context

RETRY_SECONDS = 30
"""After how many seconds to try again."""

HEADING = lazy_gettext("We cannot answer just now")
_BUSY = lazy_gettext("Our records are busy.")
_NOT_WRITTEN = lazy_gettext("Our records cannot take anything new just now.")
_NOT_READY = lazy_gettext("Something is not ready on our side.")
_TYPED = lazy_gettext(
    "We could not confirm what you sent, so count it as not signed and not sent. What "
    "you typed is kept on this page. Wait a minute, then press “Try again”."
)
_PRESSED = lazy_gettext(
    "What you had signed before is safe. Wait a minute, then press “Try again”."
)
_NOT_TYPED = frozenset({"csrf_token", "receipt"})
"""Fields that hold a token, or which button was pressed."""

_log = logging.getLogger(__name__)


def kept_input() -> list[tuple[str, str]] | None:
    """Return what a form of ours has sent, to be sent again; None for other requests.

    A form that is not proven to be ours is not handed back, whatever it holds.
    """
    if request.method != "POST" or not csrf_ok():
        return None
    try:
        return list(request.form.items(multi=True))
    except RequestEntityTooLarge:
        return None


def kept_words(kept: list[tuple[str, str]]) -> str:
    """Return what to tell of a form that is kept, by why, and by what is in it."""
    why = {None: _NOT_READY, WriteProblem.BUSY: _BUSY}
    reason = why.get(g.get("write_problem"), _NOT_WRITTEN)
    typed = any(value.strip() for name, value in kept if name not in _NOT_TYPED)
    return f"{reason} {_TYPED if typed else _PRESSED}"


def install(app: Flask) -> None:
    """Tell a database that cannot be used from a fault, and one that was replaced."""

    @app.before_request
    def check_identity() -> None:
        # A look at three names. Nothing may be confirmed to anybody that goes into
        # files which nobody will find again.
        context().sessions.check_identity()

    @app.errorhandler(DatabaseReplaced)
    def stop(error: DatabaseReplaced) -> ResponseReturnValue:
        _log.critical("the service stops, and writes nothing more: %s", error)
        request.environ.get("signer.halt", lambda: None)()
        return _later()

    @app.errorhandler(DatabaseUnusable)
    def refuse(error: DatabaseUnusable) -> ResponseReturnValue:
        _tell(error, str(error))
        return _later()

    @app.errorhandler(NoConnection)
    @app.errorhandler(InterfaceError)
    @app.errorhandler(OperationalError)
    def wait(error: Exception) -> ResponseReturnValue:
        _tell(error, str(getattr(error, "orig", None) or type(error).__name__))
        return _later()

    @app.errorhandler(DatabaseError)
    def wait_or_fail(error: DatabaseError) -> ResponseReturnValue:
        # The plain one is SQLite's word for a file that is damaged or no database. Of
        # the more special ones, some tell of a connection that ended or of a database
        # that takes nothing; all others are faults of ours.
        if (
            type(error) is not DatabaseError
            and not error.connection_invalidated
            and write_problem(error) is None
        ):
            raise error
        return wait(error)


def _tell(error: Exception, problem: str) -> None:
    g.write_problem = write_problem(error)
    if not context().sessions.writes.explains(error):
        _log.error("the database cannot be used [%s]: %s", access_log.route(), problem)


def _later() -> ResponseReturnValue:
    unavailable = ServiceUnavailable(retry_after=RETRY_SECONDS)
    # As if a view had raised it: its page is the one of every error.
    answer: ResponseReturnValue = current_app.handle_http_exception(unavailable)
    return answer

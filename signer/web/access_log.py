"""Access logs that tell routes, never paths: a path may hold a link's token."""

from __future__ import annotations

import logging
import re
from time import perf_counter

from flask import Flask, Response, g, request

from signer.correlation import correlated, new_id

log = logging.getLogger("signer.access")

ID_HEADER = "X-Request-ID"

_TOKEN = re.compile(r"((?:/s|/desk/in)/)[^\s\"'?#]+")
_SERVERS = ("gunicorn.error", "gunicorn.access", "werkzeug")


class WithoutTokens(logging.Filter):
    """Takes the tokens out of what the server underneath says by itself."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record through, its tokens replaced by an ellipsis."""
        message = record.getMessage()
        if _TOKEN.search(message):
            record.msg, record.args = _TOKEN.sub(r"\1…", message), None
        return True


def route() -> str:
    """The present request's route, such as ``/s/<path:token>``."""
    return request.url_rule.rule if request.url_rule else "(no such page)"


def reference() -> str:
    """The present request's correlation id, as an error page shows it."""
    if "correlation_id" not in g:
        g.correlation_id = new_id()
    return str(g.correlation_id)


def install(app: Flask) -> None:
    """Log each request: method, route, status and milliseconds, and no more.

    The request's correlation id is bound for as long as it runs.
    """

    @app.before_request
    def start() -> None:
        g.started = perf_counter()
        g.binding = correlated(reference())
        g.binding.__enter__()

    @app.after_request
    def finish(response: Response) -> Response:
        milliseconds = (perf_counter() - g.get("started", perf_counter())) * 1000
        log.info(
            "%s %s %s %.0fms",
            request.method,
            route(),
            response.status_code,
            milliseconds,
            extra={
                "method": request.method,
                "route": route(),
                "status": response.status_code,
                "duration_ms": round(milliseconds),
            },
        )
        if not response.cache_control.public:
            # What others may keep is not of this request alone.
            response.headers[ID_HEADER] = reference()
        return response

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        binding = g.pop("binding", None)
        if binding is not None:
            binding.__exit__(None, None, None)

    for name in _SERVERS:
        server = logging.getLogger(name)
        if not any(isinstance(known, WithoutTokens) for known in server.filters):
            server.addFilter(WithoutTokens())

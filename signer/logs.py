"""Structured logs: every line with its time, level, logger and correlation id.

The standard library's loggers, ours and those of the libraries, all go through the
same processors of structlog, so that no line escapes the redaction.
"""

from __future__ import annotations

import logging
import re
import sys
from enum import StrEnum
from typing import TYPE_CHECKING, TextIO

from signer.correlation import KEY

if TYPE_CHECKING:
    from structlog.typing import EventDict, Processor, WrappedLogger


class LogFormat(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"


FIELDS = ("method", "route", "status", "duration_ms")
"""What a log record may carry beside its message; anything else is left out."""

REDACTED = "[redacted]"

QUIET = ("alembic", "huey")
"""Loggers that tell of each look at the schema and at the queue."""

# Addresses, and what stands before the @ of a URL; links' tokens in a path; whatever
# looks like a token of itsdangerous by itself; and the values that PostgreSQL repeats
# of the row it refused.
_PERSONAL = (
    (re.compile(r"(/s/)[^\s\"'?#<>]+"), r"\1…"),
    (re.compile(r"[^\s@<>\"(),;:=\[\]]+@[^\s@<>\"'(),;:\[\]]+"), REDACTED),
    (re.compile(r"\b[\w-]{16,}\.[\w-]{4,}\.[\w-]{16,}"), REDACTED),
    (re.compile(r"(DETAIL:).*"), rf"\1 {REDACTED}"),
)


def configure(log_format: LogFormat, stream: TextIO | None = None) -> None:
    """Send every log line of this process to one stream, in one format.

    Args:
        log_format: for people, or one JSON document a line for programs.
        stream: where to; standard error by default.
    """
    # It loads what colours tracebacks in terminals, for which the build of the site,
    # that knows the settings and logs nothing, would wait a tenth of its time.
    import structlog  # noqa: PLC0415

    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.ExtraAdder(allow=FIELDS),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    renderer: Processor = (
        structlog.processors.JSONRenderer(ensure_ascii=False)
        if log_format is LogFormat.JSON
        else _as_text
    )
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                redact,
                renderer,
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def redact(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take out what looks like an address or a token: the second line of defence.

    The first is that nobody writes such things into a log.
    """
    for key, value in event.items():
        if isinstance(value, str) and key != "timestamp":
            event[key] = without_personal_data(value)
    return event


def without_personal_data(text: str) -> str:
    """A text without what looks like an email address, a link's token or a secret."""
    for pattern, replacement in _PERSONAL:
        text = pattern.sub(replacement, text)
    return text


def _as_text(_logger: WrappedLogger, _method: str, event: EventDict) -> str:
    """One line for people: time, level, logger, message, and the id in brackets."""
    line = "{timestamp} {level} {logger} {event}".format(
        **{**event, "level": event["level"].upper()}
    )
    if KEY in event:
        line += f" [{event[KEY]}]"
    if "exception" in event:
        line += f"\n{event['exception']}"
    return line

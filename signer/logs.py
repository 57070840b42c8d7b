"""Structured logs: every line with its time, level, logger and correlation id.

The standard library's loggers, ours and those of the libraries, all go through one
formatter, so that no line escapes the redaction.
"""

from __future__ import annotations

import json
import logging
import re
import sys
from datetime import UTC, datetime
from enum import StrEnum
from typing import TextIO

from signer.correlation import KEY, current_id


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
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(_Formatter(log_format))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class _Formatter(logging.Formatter):
    """Lines of one format, without what looks personal: the second line of defence.

    The first is that nobody writes such things into a log.
    """

    def __init__(self, log_format: LogFormat) -> None:
        super().__init__()
        self._written = _as_json if log_format is LogFormat.JSON else _as_text

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).replace(tzinfo=None)
        line: dict[str, object] = {
            "timestamp": f"{at.isoformat(timespec='microseconds')}Z",
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": without_personal_data(record.getMessage()),
        }
        known = {KEY: current_id()} | {key: vars(record).get(key) for key in FIELDS}
        for key, value in known.items():
            if value is not None:
                line[key] = _redacted(value)
        if record.exc_info:
            traceback = self.formatException(record.exc_info)
            line["exception"] = without_personal_data(traceback)
        return self._written(line)


def _redacted(value: object) -> object:
    return without_personal_data(value) if isinstance(value, str) else value


def without_personal_data(text: str) -> str:
    """A text without what looks like an email address, a link's token or a secret."""
    for pattern, replacement in _PERSONAL:
        text = pattern.sub(replacement, text)
    return text


def _as_json(line: dict[str, object]) -> str:
    return json.dumps(line, ensure_ascii=False, default=repr)


def _as_text(line: dict[str, object]) -> str:
    """One line for people: time, level, logger, message, and the id in brackets."""
    level = str(line["level"]).upper()
    text = f"{line['timestamp']} {level} {line['logger']} {line['event']}"
    if KEY in line:
        text += f" [{line[KEY]}]"
    if "exception" in line:
        text += f"\n{line['exception']}"
    return text

"""Log lines: one format for all loggers, and no personal data in any."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import TYPE_CHECKING

import pytest

from signer import logs
from signer.correlation import LENGTH, correlated, current_id, new_id
from signer.logs import LogFormat, without_personal_data

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    """Where the log goes; afterwards the root logger is as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield io.StringIO()
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def test_a_json_line_has_the_fields_of_the_guide(stream: io.StringIO) -> None:
    """Time in UTC, level, logger, event, correlation id, and known extras alone."""
    logs.configure(LogFormat.JSON, stream)
    with correlated() as correlation_id:
        logging.getLogger("signer.access").info(
            "%s %s", "GET", "/s/<path:token>", extra={"status": 200, "path": "/s/x"}
        )
    line = json.loads(stream.getvalue())
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+Z", line.pop("timestamp"))
    assert line == {
        "level": "info",
        "logger": "signer.access",
        "event": "GET /s/<path:token>",
        "status": 200,
        "correlation_id": correlation_id,
    }


def test_a_line_of_text_is_for_people(stream: io.StringIO) -> None:
    """The id stands behind the message, and nothing where there is none."""
    logs.configure(LogFormat.TEXT, stream)
    logging.getLogger("signer.worker_queue").warning("ready")
    with correlated("3f9a-12bc-77e0"):
        logging.getLogger("huey").error("went wrong")
    first, second = stream.getvalue().splitlines()
    assert re.fullmatch(r"\S+Z WARNING signer\.worker_queue ready", first)
    assert second.endswith("Z ERROR huey went wrong [3f9a-12bc-77e0]")


@pytest.mark.parametrize("log_format", LogFormat)
def test_an_exception_is_written_without_what_its_message_may_hold(
    stream: io.StringIO, log_format: LogFormat
) -> None:
    """The traceback stands in the line, addresses in it do not."""
    logs.configure(log_format, stream)
    try:
        int("550 <amira@example.org> unknown")
    except ValueError:
        logging.getLogger("somebody.else").exception("no luck")
    assert "ValueError" in stream.getvalue()
    assert "Traceback" in stream.getvalue()
    assert "amira" not in stream.getvalue()


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("to amira@example.org.", "to [redacted]"),
        ("<o'brien+school@bücher.example>", "<[redacted]>"),
        ("smtp://user:hush@mail.example:587", "smtp://user:[redacted]:587"),
        ("GET /s/ImFi.aBc.dEf?x", "GET /s/…?x"),
        (
            "link IjEyMzQ1Njc4OTAxMjM0NTY3.aSm1Xw.qwertyuiopasdfghjkl-_1",
            "link [redacted]",
        ),
        (
            "x\nDETAIL:  Key (name_key)=(amira khan) already exists.\ny",
            "x\nDETAIL: [redacted]\ny",
        ),
        ("signer.workflows.mailing.send took 3.5 ms", None),
        ("2026-11-28T22:32:14.123456Z [3f9a-12bc-77e0]", None),
        ("POST /sign/<ref>/check 303 12ms", None),
    ],
)
def test_what_looks_personal_is_taken_out(text: str, written: str | None) -> None:
    """Addresses, passwords in URLs, tokens, and values that PostgreSQL repeats."""
    assert without_personal_data(text) == (text if written is None else written)


def test_an_id_is_bound_for_a_block_and_no_longer() -> None:
    """Blocks nest; what was bound before is bound again."""
    assert current_id() is None
    with correlated() as outer:
        assert current_id() == outer
        with correlated("3f9a-12bc-77e0"):
            assert current_id() == "3f9a-12bc-77e0"
        assert current_id() == outer
    assert current_id() is None


def test_ids_are_random_and_can_be_read_out() -> None:
    """Twelve digits in three groups, as long as the column is."""
    ids = {new_id() for _ in range(1000)}
    assert len(ids) == 1000
    assert all(re.fullmatch(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", one) for one in ids)
    assert {len(one) for one in ids} == {LENGTH}

"""One id from the click to the mail, and no personal data in any line on the way."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import TYPE_CHECKING, Any

import pytest

from signer import logs
from signer.correlation import correlated
from signer.logs import LogFormat
from signer.store.tables import Declaration, Outbox
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.declarations.seal import seal_outstanding
from tests.conftest import PASSPHRASE, PEOPLE
from tests.web.browsing import Browser
from tests.workflows.conftest import Post, link_in

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from flask import Flask

    from signer.workflows.context import AppContext
    from tests.web.browsing import Page


@pytest.fixture
def lines() -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """Everything that is logged, down to DEBUG, as JSON."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = io.StringIO()
    logs.configure(LogFormat.JSON, stream)
    root.setLevel(logging.DEBUG)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.captureWarnings(False)


def ids(lines: list[dict[str, Any]], event: str) -> list[str]:
    """The ids of the lines that begin so."""
    return [line["correlation_id"] for line in lines if line["event"].startswith(event)]


@pytest.mark.parametrize("inline", [True, False], ids=["at once", "by the worker"])
def test_a_signature_has_one_id_from_click_to_mail(
    app_context: AppContext,
    lines: Callable[[], list[dict[str, Any]]],
    sign: Callable[[str], Page],
    monkeypatch: pytest.MonkeyPatch,
    *,
    inline: bool,
) -> None:
    """In the answer, the access log, the line of the seal and that of the mail."""
    if not inline:
        place = "signer.workflows.requests.sign._seal_now"
        monkeypatch.setattr(place, lambda *_: None)
    sign("Amira Khan")
    with correlated("a worker's own"):
        seal_outstanding(app_context)
        Post(app_context).send()
    written = lines()
    (clicked,) = [
        line["correlation_id"]
        for line in written
        if line.get("route", "").endswith("/signed") and line["method"] == "POST"
    ]
    assert re.fullmatch(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", clicked)
    assert ids(written, "declaration sealed") == [clicked]
    (mail,) = [line for line in written if "(receipt) accepted" in line["event"]]
    assert mail["correlation_id"] == clicked
    with app_context.sessions.reading() as session:
        assert session.query(Declaration.correlation_id).all() == [(clicked,)]


def test_each_request_has_an_id_of_its_own(visitor: Browser) -> None:
    """In a header, and on an error page as what a parent can quote."""
    first, second = visitor.open("/link"), visitor.open("/no/such/page")
    ids = [page.headers["X-Request-ID"] for page in (first, second)]
    assert ids[0] != ids[1]
    assert second.status == 404
    assert f"add this reference: {ids[1]}" in second.text


def test_a_command_has_an_id_for_all_its_mail(app_context: AppContext) -> None:
    """Every row that is put into the outbox bears it."""
    with correlated("3f9a-12bc-77e0"):
        ask_parents(app_context)
    with app_context.sessions.reading() as session:
        stored = session.query(Outbox.correlation_id).distinct().all()
    assert stored == [("3f9a-12bc-77e0",)]


def test_no_line_of_a_whole_journey_holds_personal_data(
    app: Flask,
    app_context: AppContext,
    post: Post,
    lines: Callable[[], list[dict[str, Any]]],
    sign: Callable[[str], Page],
) -> None:
    """Names, addresses, tokens and references of the journey are in no line."""
    page = sign("Amira Khan")
    other = Browser(app)
    other.open(f"/s/{post.token('王小明')}")
    other.open("/link?email=amira@example.org")
    asking = other.open("/link")
    other.press(asking, asking.buttons[0], email="family@example.org")
    post.send()
    written = json.dumps(lines(), ensure_ascii=False)
    assert len(lines()) > 10
    tokens = [found[1] for mail in post.mails() if (found := link_in(mail))]
    people = {cell for line in PEOPLE.splitlines()[1:] for cell in line.split(",")}
    personal = {cell for cell in people if "Year" not in cell and " " in cell}
    personal |= {cell for cell in people if "@" in cell}
    assert len(tokens) > 4
    for secret in (*personal, *tokens, page.path.split("/")[2], PASSPHRASE):
        assert secret not in written

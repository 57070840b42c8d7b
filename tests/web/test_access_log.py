"""Logs that tell routes, never paths."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING

from signer.web.access_log import WithoutTokens

if TYPE_CHECKING:
    from collections.abc import Callable

    import pytest

    from tests.web.browsing import Browser, Page
    from tests.workflows.conftest import Post


def test_a_request_is_logged_by_its_route(
    visitor: Browser,
    post: Post,
    check: Callable[[str], Page],
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Method, route, status and milliseconds; no token, reference or name."""
    token = post.token("Amira Khan")
    with caplog.at_level(logging.DEBUG):
        page = check("Amira Khan")
        visitor.open("/nowhere/amira@example.org")
    lines = [one.message for one in caplog.records if one.name == "signer.access"]
    assert len(lines) == 6
    for line in lines:
        assert re.fullmatch(r"[A-Z]+ (/[^ ]*|\(no such page\)) \d{3} \d+ms", line)
    assert lines[0].startswith("GET /s/<path:token> 200 ")
    assert lines[-1].startswith("GET (no such page) 404 ")
    for secret in (token, page.path.split("/")[2], "Amira", "amira@example.org"):
        assert secret not in caplog.text


def test_what_the_server_says_loses_its_tokens(
    visitor: Browser, caplog: pytest.LogCaptureFixture
) -> None:
    """A path in the server's own messages is cut after /s/."""
    assert visitor.open("/healthz").status == 200
    with caplog.at_level(logging.DEBUG, logger="gunicorn.error"):
        log = logging.getLogger("gunicorn.error")
        log.error("Error handling request %s", "/s/SECRET.token_x-y?z")
        log.error("Worker timeout (pid:%s)", 7)
    said = [one.getMessage() for one in caplog.records if one.name == log.name]
    assert said == ["Error handling request /s/…?z", "Worker timeout (pid:7)"]


def test_the_filter_is_set_once(visitor: Browser) -> None:
    """However many services one process makes."""
    assert visitor.open("/healthz").status == 200
    filters = logging.getLogger("gunicorn.error").filters
    assert len([one for one in filters if isinstance(one, WithoutTokens)]) == 1

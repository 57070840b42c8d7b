"""What the signing pages weigh on the line, and from where they come."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from tests.browser.walks.walking import walk

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page, Request

    from tests.browser.conftest import Demo

pytestmark = pytest.mark.browser

HEAVIEST = 60 * 1024
"""Bytes that a page may take with everything that it loads, as a phone pays them."""
NAME = "王秀英"


@dataclass
class Scales:
    """Weighs each page that a browser comes to, as if it had never been there.

    Attributes:
        hosts: every host that anything was asked of.
        weights: the bytes of each page, by its name.
        shared: the bytes of each style and font that any page so far has asked for.
    """

    hosts: set[str] = field(default_factory=set)
    weights: dict[str, int] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)
    _since: list[Request] = field(default_factory=list)

    def watch(self, page: Page) -> None:
        """Note all that a page asks for."""

        def note(asked: Request) -> None:
            self._since.append(asked)

        page.on("request", lambda asked: self.hosts.add(urlsplit(asked.url).netloc))
        page.on("requestfinished", note)

    def weigh(self, page: Page, name: str) -> None:
        """Note what came since the page before: in the place of a picture of it."""
        page.wait_for_load_state("networkidle")
        own = 0
        for asked in self._since:
            size = sum(
                asked.sizes()[part]
                for part in ("responseHeadersSize", "responseBodySize")
            )
            if asked.resource_type == "document":
                # What led here by a redirect belongs to this page.
                own = size + (own if asked.redirected_from else 0)
            else:
                self.shared[asked.url] = max(size, self.shared.get(asked.url, 0))
        self._since.clear()
        self.weights[name] = own + sum(self.shared.values())


def test_each_signing_page_is_light_and_comes_from_here_alone(
    demo: Demo, browser: Browser
) -> None:
    """Text, style and fonts of each page take less than 60 KiB, from one host."""
    context = browser.new_context(viewport={"width": 390, "height": 800})
    page = context.new_page()
    scales = Scales()
    scales.watch(page)
    walk(page, demo.link(NAME), NAME, scales.weigh)
    assert {"landing", "read", "declare-errors", "check", "signed"} <= set(
        scales.weights
    )
    for name, weight in scales.weights.items():
        assert 20_000 < weight < HEAVIEST, f"{name} takes {weight} bytes"
    own = {host for host in scales.hosts if host}
    assert own == {urlsplit(demo.url).netloc}
    context.close()

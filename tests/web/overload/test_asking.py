"""Asking for links at the two doors: parents' own, and that of the desk."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.workflows.requests import link_asks
from tests.web.browsing import Browser

if TYPE_CHECKING:
    from flask import Flask

DOORS = {
    "/link": ("Send me a new link", "/link/sent"),
    "/desk/sign-in": ("Email me a link", "/desk/sign-in/sent"),
}


@pytest.mark.parametrize("full", DOORS)
def test_each_door_has_limits_of_its_own(
    app: Flask, full: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever fills one keeps nobody from asking at the other."""
    monkeypatch.setattr(link_asks, "MOST_WAITING", 2)
    visitor = Browser(app)

    def ask(door: str) -> tuple[int, str]:
        page = visitor.press(
            visitor.open(door), DOORS[door][0], email="ada@school.example"
        )
        return page.status, page.path

    for _ in range(2):
        assert ask(full) == (200, DOORS[full][1])
    assert ask(full) == (503, full)
    (other,) = set(DOORS) - {full}
    assert ask(other) == (200, DOORS[other][1])

"""The service over a context whose parents have been asked."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest

from signer.web import create_app
from signer.web.operations import health
from signer.web.operations import metrics as prometheus
from tests.web.browsing import GIVEN, Browser
from tests.workflows.conftest import Post, ask_and_send

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.sharing.states import Memory
    from tests.web.browsing import Page


@pytest.fixture
def database(migrated: Path, tmp_path: Path) -> str:
    """SQLite alone: the pages are the same on every database."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture
def post(app_context: AppContext, memory: Memory) -> Post:
    """Everybody has been asked, and the mail is out."""
    memory.bring_about(app_context, ask_and_send)
    return Post(app_context)


@pytest.fixture
def app(settings: Settings, app_context: AppContext, post: Post) -> Flask:
    """The service."""
    return create_app(settings, app_context)


@pytest.fixture(autouse=True)
def _patient_probes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A probe gives up only where a test says when, however busy the machine is."""
    for probe in (health, prometheus):
        monkeypatch.setattr(probe, "PATIENCE", 60.0)


@pytest.fixture
def visitor(app: Flask) -> Browser:
    """A parent's browser."""
    return Browser(app)


@pytest.fixture
def enter(visitor: Browser, post: Post) -> Callable[[str], Page]:
    """Follows the newest link of a person into the journey; gives the page there."""

    def enter(name: str) -> Page:
        page = visitor.open(f"/s/{post.token(name)}")
        return visitor.press(page, page.buttons[0])

    return enter


@pytest.fixture
def declare(visitor: Browser, enter: Callable[[str], Page]) -> Callable[[str], Page]:
    """Goes on to the form, empty."""
    return lambda name: visitor.press(enter(name), "Continue to the declaration")


@pytest.fixture
def check(visitor: Browser, declare: Callable[[str], Page]) -> Callable[[str], Page]:
    """Goes on to the page before signing, with everything filled in well."""
    return lambda name: visitor.press(declare(name), "Check your answers", **GIVEN)


@pytest.fixture
def sign(visitor: Browser, check: Callable[[str], Page]) -> Callable[[str], Page]:
    """Goes all the way to the receipt."""
    return lambda name: visitor.press(check(name), "Sign the code of conduct")

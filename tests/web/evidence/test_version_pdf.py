"""Each released version as a sealed PDF, for anybody."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from signer.workflows.declarations.seal_version import seal_versions, version_pdf_sha256
from tests.web.browsing import ADDRESS, Browser
from tests.web.releases import ask_for_newest, release_edit
from tests.workflows.conftest import snapshot

if TYPE_CHECKING:
    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post


@pytest.fixture
def sealed(app_context: AppContext, post: Post) -> str:
    """The worker has made the PDF; its SHA-256."""
    seal_versions(app_context)
    sha256 = version_pdf_sha256(app_context, 2)
    assert sha256
    return sha256


def test_anybody_may_fetch_it(app: Flask, app_context: AppContext, sealed: str) -> None:
    """It opens in the browser, under a name that says what it is; nothing changes."""
    before = snapshot(app_context)
    answer = app.test_client().get("/pdf/2", base_url=ADDRESS)
    assert answer.status_code == 200
    assert answer.data.startswith(b"%PDF-")
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"] == (
        "inline; filename=code-of-conduct-version-2.pdf"
    )
    assert answer.headers["Cache-Control"] == "public, max-age=86400"
    assert answer.headers["ETag"] == f'"{sealed}"'
    assert "Set-Cookie" not in answer.headers
    assert snapshot(app_context) == before


def test_its_mark_spares_a_second_way(app: Flask, sealed: str) -> None:
    """Whoever has it already is told so, without the bytes."""
    answer = app.test_client().get(
        "/pdf/2", base_url=ADDRESS, headers={"If-None-Match": f'"{sealed}"'}
    )
    assert (answer.status_code, answer.data) == (304, b"")
    assert answer.headers["ETag"] == f'"{sealed}"'


def test_its_size_can_be_asked(app: Flask, sealed: str) -> None:
    """HEAD tells what GET would give, and gives no bytes."""
    client = app.test_client()
    whole = client.get("/pdf/2", base_url=ADDRESS)
    asked = client.head("/pdf/2", base_url=ADDRESS)
    assert (asked.status_code, asked.data) == (200, b"")
    for name in ("Content-Length", "Content-Type", "ETag", "Content-Disposition"):
        assert asked.headers[name] == whole.headers[name]


@pytest.mark.parametrize("number", ["3", "0", "99999999999999999999", "x", "-1", ""])
def test_an_unknown_version_has_none(
    visitor: Browser, sealed: str, number: str
) -> None:
    """Whatever the number is, the answer is a page that says there is none."""
    page = visitor.open(f"/pdf/{number}")
    assert (page.status, page.heading) == (404, "There is no page here")


def test_what_nobody_was_asked_to_sign_has_none(
    visitor: Browser, app_context: AppContext, sealed: str, settings: Settings
) -> None:
    """Released and not yet published, it is not handed out here either."""
    release_edit(settings.versions_dir, "must not take", "must never take", "One.")
    seal_versions(app_context)
    assert visitor.open("/pdf/3").status == 404


def test_while_it_is_being_made_a_page_says_so(
    visitor: Browser, app_context: AppContext, sealed: str, settings: Settings
) -> None:
    """The page says when to come back, and nobody keeps it."""
    release_edit(settings.versions_dir, "must not take", "must never take", "One.")
    ask_for_newest(settings)
    page = visitor.open("/pdf/3")
    assert (page.status, page.heading) == (503, "This PDF is still being made")
    assert page.headers["Retry-After"] == "120"
    assert "public" not in page.headers.get("Cache-Control", "")
    seal_versions(app_context)
    assert visitor.open("/pdf/3").status == 200


def test_only_looking_is_allowed(app: Flask, sealed: str) -> None:
    """There is nothing to post to it."""
    answer = app.test_client().post("/pdf/2", base_url=ADDRESS)
    assert answer.status_code in {400, 405}

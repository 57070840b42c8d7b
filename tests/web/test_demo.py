"""The demonstration's mail."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from signer.web import create_app
from tests.html_trees import first
from tests.web.browsing import GIVEN, Browser

if TYPE_CHECKING:
    from pathlib import Path

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.web.browsing import Page
    from tests.workflows.conftest import Post


@pytest.fixture
def watcher(settings: Settings, app_context: AppContext, post: Post) -> Browser:
    """Somebody who looks at the demonstration."""
    del post
    return Browser(create_app(replace(settings, demo=True), app_context))


def newest(watcher: Browser) -> Page:
    """The page of the newest mail."""
    page = watcher.open("/demo/")
    return watcher.open(page.tree.xpath("//ul[@class='mails']//a/@href")[0])


def test_the_mail_is_listed_newest_first(watcher: Browser, post: Post) -> None:
    """Each with its subject, to whom, and when."""
    page = watcher.open("/demo/")
    assert len(page.tree.xpath("//ul[@class='mails']/li")) == len(post.mails()) == 4
    assert "Amira Khan <amira@example.org>" in page.text
    assert "王小明 <wang@example.org>" in page.text


def test_the_link_in_a_mail_can_be_pressed(watcher: Browser) -> None:
    """From the text straight into the journey."""
    mail = newest(watcher)
    (link,) = {href for href in mail.links.values() if "/s/" in href}
    page = watcher.open(link.removeprefix("http://127.0.0.1:8000"))
    assert page.buttons == ["Continue to the code of conduct"]


def test_a_mail_is_shown_as_html_in_a_frame_that_can_do_nothing(
    watcher: Browser,
) -> None:
    """Its page frames it; its own policy leaves it looks and links."""
    mail = newest(watcher)
    assert "frame-src 'self'" in mail.headers["Content-Security-Policy"]
    (frame,) = mail.tree.iter("iframe")
    inside = watcher.open(frame.attrib["src"])
    policy = inside.headers["Content-Security-Policy"]
    assert "sandbox" in policy
    assert "script-src" not in policy
    assert "frame-ancestors 'self'" in policy
    assert first(inside.tree, ".//base").get("target") == "_top"


def test_an_attachment_can_be_saved(watcher: Browser, post: Post) -> None:
    """The receipt's PDF is the one that the last page gives; its proof comes along."""
    page = watcher.open(f"/s/{post.token('Amira Khan')}")
    page = watcher.press(page, "Continue to the code of conduct")
    page = watcher.press(page, "Continue to the declaration")
    page = watcher.press(page, "Check your answers", **GIVEN)
    page = watcher.press(page, "Sign the code of conduct")
    pdf = watcher.client.get(
        page.links["Download your declaration (PDF)"], base_url=watcher.address
    ).data
    post.send()
    mail = newest(watcher)
    path, proof = (href for href in mail.links.values() if "/attachment/" in href)
    answer = watcher.client.get(path, base_url=watcher.address)
    assert answer.mimetype == "application/pdf"
    assert answer.data == pdf
    answer = watcher.client.get(proof, base_url=watcher.address)
    assert answer.data.startswith(b"c2sp.org/tlog-proof@v1\n")
    assert watcher.open(proof.replace("/1", "/2")).status == 404


def test_the_whole_mail_can_be_saved(watcher: Browser, post: Post) -> None:
    """As a file that mail programs open."""
    path = newest(watcher).links["Download the whole email (.eml)"]
    answer = watcher.client.get(path, base_url=watcher.address)
    assert answer.mimetype == "message/rfc822"
    assert answer.data.startswith(b"From: ") or b"\nFrom: " in answer.data
    assert len(post.mails()) == 4


@pytest.mark.parametrize("name", ["nothing", "..%2Fsigner", "../../etc/passwd"])
def test_only_listed_mail_is_shown(watcher: Browser, name: str) -> None:
    """No other file is ever opened."""
    for path in (f"/demo/{name}/", f"/demo/{name}/html", f"/demo/{name}/file"):
        assert watcher.open(path).status == 404


def test_an_empty_mailbox_is_said(
    settings: Settings, app_context: AppContext, tmp_path: Path
) -> None:
    """Also where mail goes by SMTP, so that there is nothing to show."""
    for url in (f"folder:{tmp_path / 'nothing'}", "smtp://127.0.0.1:9"):
        watcher = Browser(
            create_app(replace(settings, demo=True, mail_url=url), app_context)
        )
        assert "Nothing has been sent yet" in watcher.open("/demo/").text


def test_there_is_no_such_page_where_parents_are_real(visitor: Browser) -> None:
    """Without the setting its addresses do not exist."""
    assert visitor.open("/demo/").status == 404
    assert "demonstration" not in visitor.open("/link").answer.text

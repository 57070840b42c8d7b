"""Behind a proxy that rewrites Host, over HTTPS, as Netlify's does."""

from __future__ import annotations

import ssl
from typing import TYPE_CHECKING, Any

import pytest

from signer import clock
from signer.config import Settings, environment
from signer.pki.make_keys import make_keys
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import open_context
from signer.workflows.register.import_register import import_register
from tests.browser.conftest import BASE, Demo, running
from tests.browser.walks.walking import walk
from tests.conftest import PASSPHRASE, PEOPLE, REPOSITORY
from tests.ports import free_port
from tests.production.harness.proxy import Manner, certificate, proxy, silent, telling

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


pytestmark = pytest.mark.browser

ORIGIN = "signer.school.example"


@pytest.fixture(params=[silent, telling], ids=["silent", "telling"])
def public(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Demo]:
    """A service and a worker in production's settings, behind an HTTPS proxy."""
    own, outer = free_port(), free_port()
    settings = Settings(
        instance=tmp_path,
        base_url=f"https://localhost:{outer}",
        origin=f"https://{ORIGIN}",
        mail_url=f"folder:{tmp_path / 'mail'}",
        secret_keys=("a secret of the tests that is long enough to be one",),
        versions_dir=REPOSITORY / "versions",
        seal_passphrase=PASSPHRASE,
        proxy_hops=1,
    )
    make_keys(tmp_path / "keys", school="School", passphrase=PASSPHRASE, at=clock.now())
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    sessions.close()
    app_context = open_context(settings)
    import_register(app_context, read_register(PEOPLE.encode()))
    ask_parents(app_context)
    app_context.sessions.close()

    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(*certificate(tmp_path))
    variables = {**BASE, **environment(settings)}
    with (
        proxy(Manner(ORIGIN, request.param), own, port=outer, tls=tls),
        running(
            "serve",
            "--bind",
            f"127.0.0.1:{own}",
            until="Listening at",
            environment=variables,
        ),
        running("worker", until="worker ready", environment=variables),
    ):
        yield Demo(settings.base_url, tmp_path)


def test_the_whole_journey_works_behind_a_proxy(
    public: Demo, browser: Browser, picture: Any
) -> None:
    """Links, forms, secure cookies and the download work under the public name."""
    browser_context = browser.new_context(
        ignore_https_errors=True, viewport={"width": 390, "height": 800}
    )
    page = browser_context.new_page()
    kept = walk(page, public.link("Amira Khan"), "Amira Khan", picture)
    assert kept.read_bytes().startswith(b"%PDF-")
    cookies = browser_context.cookies()
    assert {
        (one["name"].startswith("__Host-"), one["secure"], one["httpOnly"])
        for one in cookies
    } == {(True, True, True)}
    page.goto(f"{public.url}/link")
    page.get_by_label("email").fill("nobody@example.org")
    page.get_by_role("button").click()
    picture(page, "new-link")
    browser_context.close()

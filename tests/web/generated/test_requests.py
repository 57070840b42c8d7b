"""Whatever is sent to any address, by any method, it answers in words."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import pytest
from werkzeug.test import run_wsgi_app

from signer.site.host_files import headers_file
from signer.web import create_app
from tests.conftest import new_database
from tests.locale import pseudo
from tests.web.browsing import ADDRESS, NEXT, Browser
from tests.web.generated.requests import Known, Requests
from tests.web.operations.test_mail_webhook import SECRETS

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from flask import Flask

    from signer.config import Settings
    from signer.workflows.context import AppContext
    from tests.workflows.conftest import Post

REQUESTS = int(os.environ.get("GENERATED_REQUESTS", "1000"))
"""How many are sent to the service on each database; `make fuzz` sends more."""

ON_EVERY_ANSWER = (
    "Cache-Control",
    "Content-Security-Policy",
    "Cross-Origin-Opener-Policy",
    "Permissions-Policy",
    "Referrer-Policy",
    "X-Content-Type-Options",
)
PEOPLE = ("Amira Khan", "Tom O'Brien", "王小明")
ENTER = "Continue to the code of conduct"


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Each system in turn: there are words that one of them alone cannot hold."""
    return new_database(request, tmp_path)


@pytest.fixture
def service(
    settings: Settings, app_context: AppContext, post: Post, tmp_path: Path
) -> Iterator[Flask]:
    """The service with every address that it can have."""
    del post
    site = tmp_path / "site"
    (site / "policy").mkdir(parents=True)
    for name in ("index.html", "policy/index.html", "404.html", "_redirects"):
        (site / name).write_text(f"<h1>{name}</h1>", encoding="utf-8")
    (site / "_headers").write_text(headers_file("default-src 'none'"), encoding="utf-8")
    app = create_app(
        replace(
            settings,
            demo=True,
            site_dir=site,
            mail_events_secrets=SECRETS,
            languages_dir=pseudo.write(tmp_path / "languages").parent,
        ),
        app_context,
    )
    yield app
    app.extensions["verification_pool"].close()


@pytest.fixture
def known(service: Flask, post: Post) -> Known:
    """What somebody knows who has opened the links of three people."""
    browser = Browser(service)
    tokens = tuple(post.token(name) for name in PEOPLE)
    refs = []
    for token in tokens:
        page = browser.press(browser.open(f"/s/{token}"), ENTER)
        refs.append(page.path.split("/")[2])
    page = browser.press(page, NEXT)
    mails = [link for link in browser.open("/demo/").links.values() if "2026" in link]
    return Known(
        cookie=f"signer={browser.cookie()}",
        csrf_token=str(page.value("csrf_token")),
        words={
            "capacity": ("Mother", "Carer"),
            "confirmed": ("0", "1", "2"),
            "email": ("amira@example.org", "nobody@example.org"),
            "filename": ("fonts/atkinson-regular.woff2", "tokens.css"),
            "here": ("/policy/", "/link"),
            "language": ("ar-XB", "en-GB"),
            "mark": ("0",),
            "name": (*(link.strip("/").split("/")[-1] for link in mails), "ca.pem"),
            "number": ("1", "2"),
            "one": ("1", "2"),
            "other": ("2", "3"),
            "path": ("tile/0/000", "policy/", "policy", "_redirects"),
            "pdf": ("%PDF-1.7\n",),
            "place": ("0", "1"),
            "record": (str(page.value("record")),),
            "ref": tuple(refs),
            "text": (str(page.value("text")),),
            "token": tokens,
            "typed_name": PEOPLE,
            "way": ("question", "decline", "not-me", "paper"),
        },
    )


@pytest.mark.timeout(3600)
def test_any_request_is_answered_in_words(service: Flask, known: Known) -> None:
    """No fault of ours, no header left out, and nobody is sent elsewhere."""
    requests = Requests(service.url_map, known)
    kinds = Counter[str]()
    for number in range(REQUESTS):
        environ = requests.environ(number)
        body, status, headers = run_wsgi_app(service, environ, buffered=True)
        b"".join(body)
        kinds[status[0] if status[:3] != "503" else "later"] += 1
        # "Not yet" is what it says of a PDF that is being made, for one.
        assert status < "500" or status[:3] == "503", number
        assert [name for name in ON_EVERY_ANSWER if name not in headers] == [], number
        target = urljoin(ADDRESS, headers.get("Location", ""))
        assert urlsplit(target).netloc == urlsplit(ADDRESS).netloc, number
    # Pages are seen and forms accepted: not all are refused, or told to come again.
    # The addresses of the desk, half of them all, lead a stranger to its way in.
    assert kinds["2"] > REQUESTS / 10
    assert kinds["3"] > REQUESTS / 100
    assert kinds["later"] < REQUESTS / 25

"""From the site to the sealed PDF, as a parent walks it."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from typing import TYPE_CHECKING, Any

import pytest

from signer.markdown.blocks import plain_text
from signer.markdown.rendering import to_html
from tests.browser.conftest import BASE, Demo
from tests.browser.walks.walking import VERSION, squeezed, walk
from tests.conftest import REPOSITORY, run

if TYPE_CHECKING:
    from pathlib import Path

    from playwright.sync_api import Browser, ConsoleMessage

pytestmark = pytest.mark.browser

WALKS = {
    # Everyone in the example register has a link of their own.
    "Anna Bell": (320, True),
    "Daniel Bell": (320, False),
    "Grace Okafor": (1280, True),
    "Margaret Hughes": (1280, False),
}


@pytest.mark.tool("pdfsig")
@pytest.mark.tool("qpdf")
@pytest.mark.parametrize("name", WALKS)
def test_a_parent_reads_signs_and_keeps_a_valid_pdf(
    demo: Demo, browser: Browser, picture: Any, name: str, tmp_path: Path
) -> None:
    """With and without JavaScript, on a phone and a desk, it ends with a valid PDF."""
    width, scripts = WALKS[name]
    context = browser.new_context(
        viewport={"width": width, "height": 800}, java_script_enabled=scripts
    )
    page = context.new_page()
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    complaints: list[str] = []
    page.on("console", lambda message: _note_error(message, complaints))
    page.goto(demo.url + "/")
    picture(page, "home")
    page.get_by_role("link", name="Read the code of conduct").click()
    picture(page, "policy")
    page.goto(demo.url + "/demo/")
    picture(page, "mail")
    kept = walk(page, demo.link(name), name, picture)
    pdf = tmp_path / "declaration.pdf"
    pdf.write_bytes(kept.read_bytes())
    context.close()
    assert {urllib.parse.urlsplit(url).netloc for url in requested} <= {
        urllib.parse.urlsplit(demo.url).netloc,
        "",
    }
    assert complaints == []
    _check(pdf, name, demo)
    mailed, proof = demo.attachments(name)
    assert mailed == pdf.read_bytes()
    assert proof.startswith(b"c2sp.org/tlog-proof@v1\n")


def _note_error(message: ConsoleMessage, complaints: list[str]) -> None:
    # The form with mistakes answers 422, which the browser reports as well.
    if message.type == "error" and "422" not in message.text:
        complaints.append(f"{message.text} {message.location}")


def _check(pdf: Path, name: str, demo: Demo) -> None:
    """Programs that know nothing of us have the last word."""
    said = run("pdfsig", pdf, check=False)
    assert "Signature is Valid" in said
    assert "Total document signed" in said
    assert said.count("Signature #") == 1
    assert "No syntax or stream encoding errors" in run("qpdf", "--check", pdf)
    text = squeezed(run("pdftotext", "-layout", pdf, "-"))
    flowing = squeezed(run("pdftotext", "-raw", pdf, "-"))
    assert name in text
    for paragraph in plain_text(to_html(VERSION.body)).splitlines():
        for sentence in re.split(r"(?<=[.;:]) ", squeezed(paragraph)):
            assert _without_footers(sentence) in _without_footers(flowing), sentence
    attached = run("pdfdetach", "-list", pdf)
    assert "2 embedded files" in attached
    assert "declaration.json" in attached
    assert "2.md" in attached
    own = run(
        sys.executable,
        "-m",
        "signer",
        "verify",
        "--trust",
        demo.instance / "keys" / "ca.pem",
        "--versions",
        REPOSITORY / "versions",
        pdf,
        cwd=demo.instance,
        env=BASE,
    )
    assert "GENUINE" in own


def _without_footers(text: str) -> str:
    """Words alone: a page's foot may stand in the middle of a paragraph."""
    text = re.sub(
        r"D-[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}[^\n]{0,120}?Page \d+ of \d+", " ", text
    )
    return re.sub(r"[^\w]+", "", text)


def rows(demo: Demo) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table of the demo's database."""
    path = f"file:{demo.instance / 'signer.sqlite3'}?mode=ro"
    connection = sqlite3.connect(path, uri=True)
    try:
        names = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        return {
            name: connection.execute(f'SELECT * FROM "{name}" ORDER BY 1').fetchall()  # noqa: S608 - names of our own tables
            for (name,) in names
        }
    finally:
        connection.close()


def test_looking_at_a_link_leaves_every_table_as_it_was(
    demo: Demo, browser: Browser
) -> None:
    """50 GETs and HEADs, and a browser that runs the page's scripts, change nothing."""
    link = demo.link("Patrick O'Brien")
    before = rows(demo)
    for count in range(50):
        method = "HEAD" if count % 2 else "GET"
        with urllib.request.urlopen(
            urllib.request.Request(link, method=method)
        ) as answer:
            assert answer.status == 200
    page = browser.new_page()
    page.goto(link, wait_until="networkidle")
    page.close()
    assert rows(demo) == before


def test_twenty_confirmations_over_http_sign_once(demo: Demo) -> None:
    """Twenty posts of one form give one declaration, one PDF, one leaf, one receipt."""
    opener = urllib.request.build_opener(
        urllib.request.HTTPCookieProcessor(CookieJar())
    )

    def post(url: str, fields: list[tuple[str, str]]) -> tuple[str, str]:
        body = urllib.parse.urlencode(fields).encode()
        with opener.open(urllib.request.Request(url, body)) as answer:
            return answer.url, answer.read().decode()

    link = demo.link("Siobhán")
    with opener.open(link) as answer:
        fields = _hidden(answer.read().decode())
    url, _ = post(link, fields)
    base = url.removesuffix("/read")
    with opener.open(f"{base}/declare?text={VERSION.sha256}") as answer:
        page = answer.read().decode()
    given = [
        *_hidden(page),
        ("capacity", "Parent"),
        ("typed_name", "Siobhán O'Brien"),
        *(("confirmed", str(place)) for place in range(len(VERSION.declaration))),
    ]
    _, page = post(f"{base}/check", given)
    fields = _hidden(page)
    before = {name: len(found) for name, found in rows(demo).items()}
    ended: list[str] = []
    threads = [
        threading.Thread(target=lambda: ended.append(post(f"{base}/signed", fields)[0]))
        for _ in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ended == [f"{base}/signed"] * 20
    after = {name: len(found) for name, found in rows(demo).items()}
    grown = {name: after[name] - before[name] for name in after}
    assert grown.pop("tree_node") >= 2, "each leaf is a node, and may complete more"
    assert grown.pop("checkpoint") <= 2, "the worker may have signed the head by now"
    assert {name: count for name, count in grown.items() if count} == {
        "declaration": 1,
        "pdf": 1,
        "leaf": 2,
        "opening": 2,
        "outbox": 1,
    }


def _hidden(page: str) -> list[tuple[str, str]]:
    """The hidden fields of a page's main form."""
    from lxml import html

    main = html.fromstring(page).get_element_by_id("main")
    return [
        (field.get("name"), field.get("value") or "")
        for field in main.xpath(".//input[@type='hidden']")
    ]


def test_the_demo_says_when_its_port_is_taken(demo: Demo, tmp_path: Path) -> None:
    """A second demo on the same port ends with what to do."""
    port = demo.url.rsplit(":", 1)[1]
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "signer",
            "demo",
            "--port",
            port,
            "--instance",
            str(tmp_path / "instance"),
        ],
        cwd=REPOSITORY,
        env=BASE,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert f"--port {int(port) + 1}" in done.stderr

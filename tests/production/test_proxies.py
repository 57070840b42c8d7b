"""The whole journey through the proxies that schools have in front."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import urllib.request
from contextlib import contextmanager, suppress
from dataclasses import replace
from http.client import HTTPConnection
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.parse import urlsplit

import pytest

from signer.site.host_files import redirects_file
from tests.ports import free_port
from tests.production.harness.launching import until
from tests.production.harness.proxy import (
    Manner,
    lying,
    proxy,
    signing,
    silent,
    telling,
)
from tests.production.harness.rehearsal import Rehearsal, name_of, rehearsal
from tests.production.harness.visitor import Answer, Client, Visitor

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

PUBLIC = "https://policies.school.example"
ORIGIN = "https://signer.school.example"
SECRET = "a secret of the proxy that is long enough to be one"
NETLIFY = shutil.which("netlify") or ""


class BrowserClient(Client):
    """Says with each form where it was, as browsers do."""

    def __init__(self, base_url: str, port: int) -> None:
        super().__init__(base_url, [port])
        self._origin = base_url

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> Answer:
        if method == "POST":
            headers = {**headers, "Origin": self._origin}
        answer = super()._exchange(method, path, body, headers)
        location = answer.headers.get("Location", "")
        assert location == "" or location.startswith(("/", f"{self._origin}/"))
        return answer


class OutsideVisitor(Visitor):
    """A parent who comes through a proxy."""

    def __init__(self, base_url: str, port: int) -> None:
        super().__init__(base_url, [])
        self.client = BrowserClient(base_url, port)


@contextmanager
def school_behind(folder: Path, keys: KeyFiles, **changed: Any) -> Iterator[Rehearsal]:
    """A school whose service stands at its own address, and whose parents are asked.

    With an empty ``origin`` that is the address at which it really listens.
    """
    given: dict[str, Any] = {
        "base_url": PUBLIC,
        "origin": ORIGIN,
        "proxy_hops": 1,
        **changed,
    }
    with rehearsal(folder / "school", **given) as school:
        if not given["origin"]:
            origin = f"http://127.0.0.1:{school.ports[0]}"
            school.settings = replace(school.settings, origin=origin)
        school.furnish(keys.seal_key.parent)
        assert school.import_register(range(4)).exit_code == 0
        school.open(workers=1)
        school.well("ask", "--yes")
        yield school


def sign_through(school: Rehearsal, port: int, number: int) -> None:
    """A parent signs through a proxy, and has the PDF."""
    link = school.link(number)
    base_url = school.settings.base_url
    assert link.startswith(f"{base_url}/s/")
    parent = OutsideVisitor(base_url, port)
    try:
        assert parent.sign(link, name_of(number)).reference
        # The same link leads to the receipt, and to the PDF once it is sealed.
        until(lambda: parent.sign(link, name_of(number)).pdf, what="the PDF")
        assert str(parent.sign(link, name_of(number)).pdf)[2:7] == "%PDF-"
    finally:
        parent.close()
    # Each name of the cookie binds it to the public address.
    names = set(parent.client._cookies)  # noqa: SLF001 - what a browser would show
    assert all(name.startswith("__Host-") for name in names) == base_url.startswith(
        "https"
    )


def get(port: int, path: str, **headers: str) -> tuple[int, str]:
    """The status and the words of an answer; headers are named with underscores."""
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    connection.request("GET", path, headers=given)
    answer = connection.getresponse()
    body = answer.read().decode()
    connection.close()
    return answer.status, body


def test_parents_sign_whatever_the_proxy_tells(
    tmp_path: Path, key_files_of_today: KeyFiles
) -> None:
    """Without a forwarded header, with all of them, and never by a foreign host."""
    own = Manner(urlsplit(ORIGIN).netloc)
    ways: list[Callable[[str], dict[str, str]]] = [silent, telling]
    with school_behind(tmp_path, key_files_of_today) as school:
        (upstream,) = school.ports
        for number, added in enumerate(ways):
            with proxy(Manner(own.host, added), upstream) as port:
                sign_through(school, port, number)
        with proxy(Manner(own.host, lying), upstream) as port:
            status, page = get(port, "/link", Host="policies.school.example")
            assert status == 400
            assert "The address you used is evil.example" in page
        # A proxy that was set up wrongly is told so in the log.
        with proxy(Manner(f"127.0.0.1:{upstream}"), upstream) as port:
            status, page = get(port, "/link", Host="policies.school.example")
            assert status == 400
            assert f"you used is 127.0.0.1:{upstream}. Ours is {PUBLIC}." in page
        log = school.log_of("serve-0").read_text("utf-8")
        assert f"for the host 127.0.0.1:{upstream}: expected policies.school" in log
        assert school.document("status")["versions"][-1]["signed_by_link"] == len(ways)


def test_with_netlifys_secret_only_what_it_signed_comes_in(
    tmp_path: Path, key_files_of_today: KeyFiles
) -> None:
    """A journey that is signed ends well; every other way in is shut."""
    host = urlsplit(ORIGIN).netloc
    with school_behind(tmp_path, key_files_of_today, proxy_secret=SECRET) as school:
        (upstream,) = school.ports
        with proxy(Manner(host, signing(SECRET)), upstream) as port:
            sign_through(school, port, 0)
        for added in (
            silent,
            telling,
            signing("another secret of the same length and more of it"),
            signing(SECRET, exp=1_700_000_000),
            signing(SECRET, iss="somebody"),
            signing(SECRET, deploy_context="deploy-preview"),
        ):
            with proxy(Manner(host, added), upstream) as port:
                status, page = get(port, "/link", Host="policies.school.example")
                assert (status, "This is not the way in" in page) == (403, True)
        # Straight to the service, with the public name or its own.
        for name in ("policies.school.example", host):
            assert get(upstream, "/link", Host=name)[0] == 403
        assert get(upstream, "/healthz", Host="10.1.2.3")[0] == 200


@pytest.mark.skipif(
    not NETLIFY,
    reason="not installed: netlify (where npm is at hand: tests/install-tools netlify)",
)
@pytest.mark.parametrize("secret", ["", SECRET], ids=["unsigned", "signed"])
def test_parents_sign_through_netlify_dev(
    tmp_path: Path, key_files_of_today: KeyFiles, secret: str
) -> None:
    """Netlify's own program passes the paths of ``_redirects`` on, and they sign."""
    public = free_port()
    with school_behind(
        tmp_path,
        key_files_of_today,
        base_url=f"http://localhost:{public}",
        origin="",
        proxy_secret=secret,
    ) as school:
        site = tmp_path / "published"
        site.mkdir()
        (site / "index.html").write_text("<h1>The site</h1>", encoding="utf-8")
        (site / "_redirects").write_text(
            redirects_file(school.settings.origin, signed=bool(secret)),
            encoding="utf-8",
        )
        with netlify_dev(tmp_path, site, public, secret):
            sign_through(school, public, 0)
            status, _ = get(public, "/link", Host=f"localhost:{public}")
            assert status == 200


@contextmanager
def netlify_dev(folder: Path, site: Path, port: int, secret: str) -> Iterator[None]:
    """``netlify dev`` on a folder, asking nobody else for anything."""
    (folder / "netlify.toml").write_text(
        f'[dev]\npublish = "{site.name}"\nframework = "#static"\n', encoding="utf-8"
    )
    if secret:
        (folder / ".env").write_text(f"SIGNER_PROXY_SECRET={secret}\n")
    with (folder / "netlify.log").open("wb") as log:
        process = subprocess.Popen(
            [
                NETLIFY,
                "dev",
                "--offline",
                "--no-open",
                # They would be run by a program that is fetched first.
                "--internal-disable-edge-functions",
                "--port",
                str(port),
            ],
            cwd=folder,
            env={
                **os.environ,
                "HOME": str(folder),
                "CI": "1",
                "NETLIFY_TELEMETRY_DISABLED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
        )
    try:
        until(lambda: _answers(process, folder, port), what="netlify dev")
        yield
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(30)


def _answers(process: subprocess.Popen[bytes], folder: Path, port: int) -> bool:
    log = (folder / "netlify.log").read_text(errors="replace")
    assert process.poll() is None, log
    address = f"http://localhost:{port}/"
    with (
        suppress(URLError, OSError),
        urllib.request.urlopen(address, timeout=5) as answer,
    ):
        return b"The site" in answer.read()
    return False

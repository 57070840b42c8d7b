"""Behind a proxy that rewrites Host, over HTTPS, as Netlify's does."""

from __future__ import annotations

import http.client
import ssl
import threading
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from signer import clock
from signer.config import Settings, environment
from signer.declaration.keys import make_keys
from signer.register.rows import read_register
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.ask_parents import ask_parents
from signer.workflows.house import open_house
from signer.workflows.import_register import import_register
from tests.browser.conftest import BASE, Demo, free_port, running
from tests.browser.walking import walk
from tests.conftest import PASSPHRASE, PEOPLE, REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Browser


pytestmark = pytest.mark.browser


class Proxy(BaseHTTPRequestHandler):
    """Passes everything on, with the service's own host as Host."""

    upstream: str
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Pass on."""
        self._pass_on()

    def do_POST(self) -> None:
        """Pass on."""
        self._pass_on()

    def _pass_on(self) -> None:
        size = int(self.headers.get("Content-Length") or 0)
        headers = {
            key: value
            for key, value in self.headers.items()
            if key.lower() not in {"host", "connection", "accept-encoding"}
        }
        headers["Host"] = self.upstream
        headers["X-Forwarded-Host"] = self.headers["Host"]
        headers["X-Forwarded-Proto"] = "https"
        headers["X-Forwarded-For"] = self.client_address[0]
        connection = http.client.HTTPConnection(self.upstream, timeout=30)
        connection.request(self.command, self.path, self.rfile.read(size), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in {"connection", "transfer-encoding", "content-length"}:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, SHA256())
    )
    certificate_file, key_file = folder / "proxy.pem", folder / "proxy.key"
    certificate_file.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return certificate_file, key_file


@pytest.fixture
def public(tmp_path: Path) -> Iterator[Demo]:
    """A service and a worker in production's settings, behind an HTTPS proxy."""
    own, outer = free_port(), free_port()
    settings = Settings(
        instance=tmp_path,
        base_url=f"https://localhost:{outer}",
        secret_keys=("a secret of the tests that is long enough to be one",),
        versions_dir=REPOSITORY / "versions",
        seal_passphrase=PASSPHRASE,
        proxy_hops=1,
    )
    make_keys(tmp_path / "keys", school="School", passphrase=PASSPHRASE, at=clock.now())
    sessions = connect(settings.database)
    schema.upgrade(sessions.engine)
    sessions.close()
    house = open_house(settings)
    import_register(house, read_register(PEOPLE.encode()))
    ask_parents(house)
    house.sessions.close()

    server = ThreadingHTTPServer(("127.0.0.1", outer), Proxy)
    Proxy.upstream = f"127.0.0.1:{own}"
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate(tmp_path))
    server.socket = context.wrap_socket(server.socket, server_side=True)
    serving = threading.Thread(target=server.serve_forever)
    serving.start()
    variables = {**BASE, **environment(settings)}
    with (
        running(
            "serve",
            "--bind",
            Proxy.upstream,
            until="Listening at",
            environment=variables,
        ),
        running("worker", until="worker ready", environment=variables),
    ):
        yield Demo(settings.base_url, tmp_path)
    server.shutdown()
    serving.join()
    server.server_close()


def test_the_whole_journey_works_behind_a_proxy(
    public: Demo, browser: Browser, picture: Any
) -> None:
    """Links, forms, secure cookies and the download work under the public name."""
    context = browser.new_context(
        ignore_https_errors=True, viewport={"width": 390, "height": 800}
    )
    page = context.new_page()
    kept = walk(page, public.link("Amira Khan"), "Amira Khan", picture)
    assert kept.read_bytes().startswith(b"%PDF-")
    cookies = context.cookies()
    assert {
        (one["name"].startswith("__Host-"), one["secure"], one["httpOnly"])
        for one in cookies
    } == {(True, True, True)}
    page.goto(f"{public.url}/link")
    page.get_by_label("email").fill("nobody@example.org")
    page.get_by_role("button").click()
    picture(page, "new-link")
    context.close()


def test_a_service_behind_a_proxy_answers_to_its_public_name_alone(
    public: Demo,
) -> None:
    """A forged forwarded host is refused, and makes no link."""
    for host in ("evil.example", "localhost", ""):
        connection = http.client.HTTPConnection(Proxy.upstream, timeout=10)
        headers = {"X-Forwarded-Host": host, "X-Forwarded-Proto": "https"}
        connection.request("GET", "/link", headers=headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        assert answer.status == 400
        assert "evil.example" not in body

"""A proxy in front of the service, as hosts of static sites are: small and real."""

from __future__ import annotations

import http.client
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import jwt
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

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator
    from pathlib import Path

HOP_BY_HOP = {"connection", "transfer-encoding", "content-length"}
TIMEOUT = 60.0


@dataclass(frozen=True)
class Manner:
    """How a proxy passes requests on.

    Attributes:
        host: the Host header that the service sees: its own name.
        added: the headers added to a request, from the host that the browser named.
    """

    host: str
    added: Callable[[str], dict[str, str]] = field(default=lambda _: {})


def silent(_: str) -> dict[str, str]:
    """Nothing is told of the public address, as by ``netlify dev``."""
    return {}


def telling(host: str) -> dict[str, str]:
    """All is told, as by most reverse proxies."""
    return {
        "X-Forwarded-Host": host,
        "X-Forwarded-Proto": "https",
        "X-Forwarded-For": "203.0.113.7",
    }


def lying(_: str) -> dict[str, str]:
    """Somebody else's address is told."""
    return {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "https"}


def signing(secret: str, **changed: object) -> Callable[[str], dict[str, str]]:
    """Each request is signed as Netlify does, and nothing else is told."""

    def signed(host: str) -> dict[str, str]:
        claims = {
            "iss": "netlify",
            "exp": int(time.time()) + 300,
            "iat": int(time.time()),
            "site_url": f"https://{host}",
            "netlify_id": "1234",
            "deploy_context": "production",
            **changed,
        }
        return {"X-Nf-Sign": jwt.encode(claims, secret, algorithm="HS256")}

    return signed


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Server

    def do_GET(self) -> None:
        """Pass on."""
        self._pass_on()

    def do_POST(self) -> None:
        """Pass on."""
        self._pass_on()

    def _pass_on(self) -> None:
        manner = self.server.manner
        size = int(self.headers.get("Content-Length") or 0)
        headers = {
            key: value
            for key, value in self.headers.items()
            if key.lower() not in {"host", "connection", "accept-encoding"}
        }
        headers["Host"] = manner.host
        headers.update(manner.added(self.headers["Host"]))
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.server.upstream, timeout=TIMEOUT
        )
        connection.request(self.command, self.path, self.rfile.read(size), headers)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        self.send_response(answer.status)
        for key, value in answer.getheaders():
            if key.lower() not in HOP_BY_HOP:
                self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    upstream: int
    manner: Manner


@contextmanager
def proxy(
    manner: Manner, upstream: int, *, port: int = 0, tls: ssl.SSLContext | None = None
) -> Iterator[int]:
    """A proxy on this machine, for as long as it is needed; gives its port.

    Args:
        manner: how it passes requests on.
        upstream: the port of the service.
        port: where it is to listen; any by default.
        tls: speaks HTTPS by it, where given.
    """
    server = _Server(("127.0.0.1", port), _Handler)
    server.upstream, server.manner = upstream, manner
    if tls:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for this machine, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    now = clock.now()
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(names, critical=False)
        .sign(key, SHA256())
    )
    certificate_file, key_file = folder / "proxy.pem", folder / "proxy.key"
    certificate_file.write_bytes(made.public_bytes(Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    )
    return certificate_file, key_file

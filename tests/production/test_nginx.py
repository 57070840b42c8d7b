"""The guide's example for nginx, as it stands there, before a real service."""

from __future__ import annotations

import re
import ssl
import subprocess
from contextlib import closing, contextmanager
from datetime import UTC, datetime, timedelta
from http.client import HTTPConnection, HTTPSConnection
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.conftest import REPOSITORY
from tests.ports import free_port
from tests.production.harness.launching import until
from tests.production.harness.rehearsal import Rehearsal, name_of, rehearsal
from tests.production.harness.visitor import Client, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles
    from tests.production.harness.visitor import Answer

GUIDE = REPOSITORY / "docs" / "guides" / "operators" / "proxies.md"
NAME = "policies.school.example"

pytestmark = pytest.mark.tool("nginx")


@pytest.fixture
def school(tmp_path: Path, key_files_of_today: KeyFiles) -> Iterator[Rehearsal]:
    """A school with the settings that the guide names."""
    with rehearsal(
        tmp_path / "school", base_url=f"https://{NAME}", proxy_hops=1
    ) as school:
        school.furnish(key_files_of_today.seal_key.parent)
        yield school


class ClientOfNginx(Client):
    """Sends everything over HTTPS, to whoever listens there."""

    def __init__(self, port: int) -> None:
        super().__init__(f"https://{NAME}", [port])
        self._port = port

    def _exchange(
        self, method: str, path: str, body: str | None, headers: dict[str, str]
    ) -> Answer:
        if self._connection is None:
            self._connection = over_tls(self._port)
        return super()._exchange(method, path, body, headers)


def over_tls(port: int) -> HTTPSConnection:
    """A connection that takes any certificate: the test has made it."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return HTTPSConnection("127.0.0.1", port, timeout=60, context=context)


def example() -> str:
    """The block in the guide."""
    section = GUIDE.read_text("utf-8").partition("\n## Behind nginx\n")[2]
    (block,) = re.findall(r"^```nginx\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    return str(block)


@contextmanager
def nginx(folder: Path, service: int, plain: int, secure: int) -> Iterator[None]:
    """Nginx with the guide's block; only paths and ports are others."""
    folder.mkdir()
    certificate, key = write_certificate(folder)
    block = example()
    for theirs, ours in (
        ("server 127.0.0.1:8000;", f"server 127.0.0.1:{service};"),
        ("listen 80;", f"listen 127.0.0.1:{plain};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{secure} ssl;"),
        (f"/etc/ssl/certs/{NAME}.pem", str(certificate)),
        (f"/etc/ssl/private/{NAME}.key", str(key)),
    ):
        assert block.count(theirs) == 1, theirs
        block = block.replace(theirs, ours)
    places = "".join(
        f"{kind}_temp_path {folder}/{kind};\n"
        for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (folder / "nginx.conf").write_text(
        f"daemon off;\nuser root;\npid {folder}/pid;\nerror_log {folder}/error.log;\n"
        f"events {{}}\nhttp {{\n{places}{block}\n}}\n",
        "utf-8",
    )
    command: list[str | Path] = ["nginx", "-p", folder, "-c", folder / "nginx.conf"]
    command += ["-e", folder / "error.log"]
    process = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    log = folder / "error.log"

    def listens() -> bool:
        assert process.poll() is None, log.read_text("utf-8")
        try:
            with closing(over_tls(secure)) as connection:
                connection.connect()
        except OSError:
            return False
        return True

    try:
        until(listens, what="nginx")
        yield
    finally:
        process.terminate()
        process.wait(60)


def write_certificate(folder: Path) -> tuple[Path, Path]:
    """A certificate for the public name, signed by itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return paths


def test_a_parent_signs_through_it(school: Rehearsal) -> None:
    """From the mailed link to the sealed PDF; and what else the guide promises."""
    plain, secure = free_port(), free_port()
    with nginx(school.folder / "nginx", school.ports[0], plain, secure):
        school.import_register(range(1))
        school.open(workers=1)
        school.well("ask", "--yes")
        link = school.link(0)
        assert link.startswith(f"https://{NAME}/s/")
        visitor = Visitor(school.settings.base_url, [secure])
        visitor.client = ClientOfNginx(secure)
        signature = visitor.sign(link, name_of(0))
        visitor.close()
        assert signature.pdf
        assert signature.pdf.startswith(b"%PDF-")
        check_redirect(plain, link)
        check_private(secure)
        check_file(secure, signature.pdf)
    written = [
        path.read_bytes()
        for path in (school.folder / "nginx").rglob("*")
        if path.is_file()
    ]
    # Neither the link nor anything else that was asked for stands in its logs.
    assert not any(b"/s/" in content.replace(b"/s/;", b"") for content in written)


def check_redirect(port: int, link: str) -> None:
    """Whoever comes without TLS is sent on."""
    with closing(HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        connection.request("GET", link.partition(NAME)[2], headers={"Host": NAME})
        answer = connection.getresponse()
        assert (answer.status, answer.getheader("Location")) == (301, link)


def check_private(port: int) -> None:
    """What is for the machine's own eyes does not go out."""
    for path in ("/readyz", "/metrics"):
        with closing(over_tls(port)) as connection:
            connection.request("GET", path, headers={"Host": NAME})
            assert connection.getresponse().status == 404


def check_file(port: int, pdf: bytes) -> None:
    """A file of nearly ten megabytes goes through, and gets its answer."""
    boundary = "a-boundary"
    body = (
        f'--{boundary}\r\nContent-Disposition: form-data; name="pdf"; filename="a.pdf"'
        "\r\nContent-Type: application/pdf\r\n\r\n"
    ).encode() + pdf.ljust(9_900_000)
    body += f"\r\n--{boundary}--\r\n".encode()
    kind = f"multipart/form-data; boundary={boundary}"
    with closing(over_tls(port)) as connection:
        connection.request(
            "POST", "/verify", body, {"Host": NAME, "Content-Type": kind}
        )
        answer = connection.getresponse()
        assert answer.status in {200, 503}
        assert b"</html>" in answer.read()

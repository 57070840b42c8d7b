"""Large files come in slowly from one address; another visitor's is checked."""

from __future__ import annotations

import socket
from contextlib import ExitStack, closing
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest

from signer.web.security import BODY_BYTES
from tests.production.harness.launching import until
from tests.production.harness.rehearsal import Rehearsal, rehearsal
from tests.production.harness.visitor import Answer
from tests.web.browsing import Page

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from signer.pki.make_keys import KeyFiles

UPLOADS = 24
SLOW, OTHER = "8.8.8.8", "9.9.9.9"
"""Two addresses that a proxy in front names."""

HEAD = (
    b"POST /verify HTTP/1.1\r\nHost: %b\r\nX-Forwarded-For: %b\r\n"
    b"Content-Type: multipart/form-data; boundary=edge\r\nContent-Length: %d\r\n\r\n"
)


@pytest.fixture
def school(tmp_path: Path, key_files_of_today: KeyFiles) -> Iterator[Rehearsal]:
    """A school behind one proxy that is trusted."""
    with rehearsal(tmp_path / "school", proxy_hops=1) as school:
        school.furnish(key_files_of_today.seal_key.parent)
        yield school


def form(pdf: bytes) -> bytes:
    """What a browser sends for a file."""
    named = b'Content-Disposition: form-data; name="pdf"; filename="a.pdf"'
    return b"--edge\r\n" + named + b"\r\n\r\n" + pdf + b"\r\n--edge--\r\n"


def slow_upload(school: Rehearsal) -> socket.socket:
    """The first bytes of a large file."""
    host = school.settings.base_url.rpartition("/")[2].encode()
    connection = socket.create_connection(("127.0.0.1", school.ports[0]))
    connection.sendall(HEAD % (host, SLOW.encode(), 10 * BODY_BYTES) + b"--edge\r\n")
    return connection


def verified(school: Rehearsal, pdf: bytes, address: str) -> Page:
    """The page that somebody gets who sends a file."""
    with closing(
        HTTPConnection("127.0.0.1", school.ports[0], timeout=60)
    ) as connection:
        headers = {
            "Host": school.settings.base_url.rpartition("/")[2],
            "X-Forwarded-For": address,
            "Content-Type": "multipart/form-data; boundary=edge",
        }
        connection.request("POST", "/verify", form(pdf), headers)
        answer = connection.getresponse()
        return Page("/verify", Answer(answer.status, answer.headers, answer.read()))


def test_another_visitors_file_is_checked(school: Rehearsal) -> None:
    """Nobody has more than a share of the places, and pages come as always."""
    school.import_register(range(1))
    school.open(workers=1, processes=1)
    school.well("ask", "--yes")
    pdf = school.sign(0).pdf
    assert pdf
    # Bytes after the end would be found fault with: a file as large as most scans.
    large = pdf + bytes(max(0, BODY_BYTES - len(pdf)))
    with ExitStack() as uploads:
        for _ in range(UPLOADS):
            uploads.enter_context(slow_upload(school))
        until(lambda: verified(school, large, SLOW).status == 503, what="a full share")
        page = verified(school, large, OTHER)
        assert page.status == 200, page.text
        visitor = school.visitor()
        landing = visitor.open("/s/" + school.link(0).rpartition("/s/")[2])
        assert landing.status == 200
        visitor.close()

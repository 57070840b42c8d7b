"""The demo keeps what its own certificates and pages promise."""

from __future__ import annotations

import time
import urllib.error
import urllib.request
from typing import TYPE_CHECKING

import pytest
from cryptography import x509

from signer.ledger.checkpoints import read_checkpoint
from signer.ledger.notes import NoteVerifier
from tests.browser.conftest import PATIENCE, free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A demo, started as a newcomer starts it; gives its address."""
    instance: Path = tmp_path_factory.mktemp("demo") / "instance"
    port = free_port()
    ready = f"ready http://127.0.0.1:{port}/"
    with running("demo", "--port", str(port), "--instance", instance, until=ready):
        yield f"http://127.0.0.1:{port}"


def fetched(url: str) -> bytes:
    """What stands at an address, once it is there."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            with urllib.request.urlopen(url) as answer:
                return bytes(answer.read())
        except urllib.error.HTTPError as error:
            error.close()
            if error.code != 404 or time.monotonic() > until:
                raise
            time.sleep(0.2)


def test_the_list_stands_where_the_seal_says(address: str) -> None:
    """Whoever reads the address out of the certificate gets the authority's list."""
    (seal,) = x509.load_pem_x509_certificates(fetched(f"{address}/keys/seal.pem"))
    points = seal.extensions.get_extension_for_class(x509.CRLDistributionPoints).value
    names = points[0].full_name
    assert names is not None
    url = names[0].value
    assert url == f"{address}/keys/ca.crl"
    listed = x509.load_der_x509_crl(fetched(url))
    (root,) = x509.load_pem_x509_certificates(fetched(f"{address}/keys/ca.pem"))
    assert listed.issuer == seal.issuer == root.subject
    assert listed.is_signature_valid(root.public_key())
    assert listed.get_revoked_certificate_by_serial_number(seal.serial_number) is None


def test_the_log_is_signed_and_served(address: str) -> None:
    """Under the key and the name that the demo publishes."""
    note = fetched(f"{address}/log/checkpoint").decode()
    (line,) = fetched(f"{address}/keys/log.vkey").decode().splitlines()
    origin = address.removeprefix("http://") + "/log"
    head = read_checkpoint(note, origin, [NoteVerifier.parse(line)])
    assert head.size > 0


@pytest.mark.parametrize("path", ["/keys", "/keys/", "/log", "/log/"])
def test_the_pages_are_the_services_and_not_the_sites(address: str, path: str) -> None:
    """The service answers them although it serves the site as well."""
    page = fetched(address + path).decode()
    assert "<h1>Keys and certificates" in page or "<h1>The public log" in page

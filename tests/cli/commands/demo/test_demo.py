"""The demo keeps what its own certificates and pages promise."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from signer.ledger.checkpoints import read_checkpoint
from signer.ledger.signed_notes import NoteVerifier
from tests.browser.conftest import PATIENCE, running
from tests.ports import free_port
from tests.production.harness.launching import children_of

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo's folder."""
    return tmp_path_factory.mktemp("demo") / "instance"


@pytest.fixture(scope="module")
def address(instance: Path) -> Iterator[str]:
    """A demo, started as a newcomer starts it; gives its address."""
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
    authority = root.public_key()
    assert isinstance(authority, RSAPublicKey)
    assert listed.is_signature_valid(authority)
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


def files_open_in(pid: int) -> list[Path]:
    """Every file that a process holds open."""
    found = []
    for descriptor in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            found.append(descriptor.readlink())
    return found


def test_a_second_one_on_the_same_folder_is_refused(
    address: str, instance: Path
) -> None:
    """Before it changes anything that the first one uses."""
    assert fetched(f"{address}/healthz")
    settings = (instance / "signer.toml").read_bytes()
    port = str(free_port())
    demo = [sys.executable, "-m", "signer", "demo", "--port", port]
    command = [*demo, "--instance", str(instance)]
    second = subprocess.run(command, capture_output=True, text=True, check=False)
    assert second.returncode == 1
    assert second.stderr.startswith(f"Error: Another demo is running on {instance}.")
    assert (instance / "signer.toml").read_bytes() == settings


def test_its_own_process_holds_no_database(address: str, instance: Path) -> None:
    """It only watches: a second holder of the database would hide a fault of the first.

    The processes below it, which serve and work, do hold it.
    """
    own = [pid for pid in children_of(os.getpid()) if children_of(pid)]
    (demo,) = [pid for pid in own if f"{instance}" in command_of(pid)]
    assert [path for path in files_open_in(demo) if "sqlite" in path.name] == []
    below = [pid for child in children_of(demo) for pid in [child, *children_of(child)]]
    held = {path.name for pid in below for path in files_open_in(pid)}
    assert "signer.sqlite3" in held


def command_of(pid: int) -> str:
    """What was typed to start a process."""
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()

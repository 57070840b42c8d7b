"""A real OpenID provider, as a process: everybody is whom they say they are."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from tests.ports import HOST, free_port

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

PATIENCE = 60.0


@contextmanager
def openid_provider(
    folder: Path, people: Mapping[str, Mapping[str, object]]
) -> Iterator[str]:
    """The name (issuer) of a provider that runs.

    Args:
        folder: where it writes what it says.
        people: the claims of each subject.
    """
    port = free_port()
    claims = [json.dumps({"sub": sub, **said}) for sub, said in people.items()]
    with (folder / "provider").open("wb") as output:
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "oidc_provider_mock", "--port", str(port)),
                "--require-nonce",
                *(part for one in claims for part in ("--user-claims", one)),
            ],
            stdout=output,
            stderr=output,
        )
        try:
            until = time.monotonic() + PATIENCE
            while not _answers(port):
                assert process.poll() is None, (folder / "provider").read_text()
                assert time.monotonic() < until, "the provider did not come up"
                time.sleep(0.05)
            yield f"http://{HOST}:{port}"
        finally:
            process.terminate()
            process.wait(PATIENCE)


def agree(address: str, **form: str) -> str:
    """Press a button on the provider's page; gives where it sends the browser.

    Args:
        address: of the page.
        form: ``sub`` for whom somebody is, or ``action="deny"``.
    """
    there = urlsplit(address)
    connection = HTTPConnection(there.netloc, timeout=PATIENCE)
    connection.request(
        "POST",
        f"{there.path}?{there.query}",
        urlencode(form),
        {"Content-Type": "application/x-www-form-urlencoded"},
    )
    answer = connection.getresponse()
    connection.close()
    return str(answer.headers["Location"])


def _answers(port: int) -> bool:
    connection = HTTPConnection(HOST, port, timeout=PATIENCE)
    try:
        connection.request("GET", "/.well-known/openid-configuration")
        return connection.getresponse().status == 200
    except OSError:
        return False
    finally:
        connection.close()

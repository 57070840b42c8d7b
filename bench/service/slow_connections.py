"""What others wait for a page while slow connections lean on `signer serve`.

Starts the service as production does, on an SQLite file, and opens connections that
dribble a head, dribble a body, send nothing, or read their answer one byte a second,
or that upload large files to `/verify`, all from one address, at the slowest pace that
is allowed; then a file of somebody else is to be looked at. Prints one JSON document.

    .venv/bin/python -m bench.service.slow_connections [OF_EACH_KIND [KIND …]]
"""

from __future__ import annotations

import http.client
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from bench.table.figures import Figure
from signer.cli.commands.demo.setup import a_link, demo_settings, furnish, variables
from signer.mail.transport import transport_for
from signer.server import Limits
from signer.workflows.context import open_context
from signer.workflows.mailing.send import send_mail

if TYPE_CHECKING:
    from collections.abc import Iterator

CONNECTIONS = 64
UPLOADS = 24
MEASURED_SECONDS = 8.0
LIMIT_MS = 50.0
"""What others may wait, as a median."""

GIVE_UP_SECONDS = 5.0
LARGE_FILE = 4_000_000
SMALL_WINDOW = 2048


class Slow(threading.Thread):
    """Slow connections of one kind, each of which does something once a second."""

    def __init__(self, port: int, count: int) -> None:
        super().__init__(daemon=True)
        self._port, self._count = port, count
        self._over = threading.Event()
        self.ready = threading.Event()

    def begin(self, connection: socket.socket) -> None:
        """What is sent at once."""

    def go_on(self, connection: socket.socket) -> None:
        """What is done each second."""

    def run(self) -> None:
        """Open them, and keep them busy."""
        connections = []
        for _ in range(self._count):
            connection = socket.socket()
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, SMALL_WINDOW)
            connection.settimeout(GIVE_UP_SECONDS)
            with suppress(OSError):
                connection.connect(("127.0.0.1", self._port))
                self.begin(connection)
                connection.setblocking(False)
            connections.append(connection)
        self.ready.set()
        while not self._over.wait(1):
            for connection in connections:
                with suppress(OSError):
                    self.go_on(connection)
        for connection in connections:
            connection.close()

    def end(self) -> None:
        """Close them."""
        self._over.set()
        self.join()


class Heads(Slow):
    """Heads, a byte a second."""

    def begin(self, connection: socket.socket) -> None:
        """The first line."""
        connection.sendall(b"GET / HTTP/1.1\r\nHost: ")

    def go_on(self, connection: socket.socket) -> None:
        """A byte more."""
        connection.send(b"a")


class Bodies(Slow):
    """Bodies, a byte a second."""

    def begin(self, connection: socket.socket) -> None:
        """The head."""
        connection.sendall(
            b"POST /link HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n"
            b"Content-Length: 60000\r\n\r\nemail=" % self._port
        )

    def go_on(self, connection: socket.socket) -> None:
        """A byte more."""
        connection.send(b"a")


class Idle(Slow):
    """Nothing at all."""


class Readers(Slow):
    """A large answer, read a byte a second."""

    def begin(self, connection: socket.socket) -> None:
        """The request."""
        connection.sendall(
            b"GET /large.bin HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n" % self._port
        )

    def go_on(self, connection: socket.socket) -> None:
        """A byte more."""
        connection.recv(1)


class Uploads(Slow):
    """Large files, as slowly as they may come in for minutes, from one address."""

    def begin(self, connection: socket.socket) -> None:
        """The head."""
        connection.sendall(upload_head(self._port, "8.8.8.8", LARGE_FILE))

    def go_on(self, connection: socket.socket) -> None:
        """A little more than is asked for."""
        connection.send(bytes(2 * Limits().body_rate))


KINDS = {"none": (), "heads": (Heads,), "bodies": (Bodies,), "idle": (Idle,)}
KINDS |= {"readers": (Readers,), "all": (Heads, Bodies, Idle, Readers)}
KINDS |= {"uploads": (Uploads,)}


def main() -> None:
    """Measure with each kind, then with all; fail where a median breaks the limit."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else CONNECTIONS
    results = {name: _waits(name, count) for name in sys.argv[2:] or KINDS}
    kept = all(
        result["median_ms"] < LIMIT_MS and result["another_file_looked_at"]
        for result in results.values()
    )
    print(json.dumps({"of_each_kind": count, **results, "goals_kept": kept}, indent=2))
    sys.exit(0 if kept else 1)


def figures(*, full: bool = False) -> list[Figure]:
    """What others wait, beside every kind of slow connection."""
    del full
    found = {name: _waits(name, CONNECTIONS) for name in KINDS}
    alone = found["none"]["median_ms"]
    return [
        Figure(
            f"A page, beside slow connections: {name}",
            one["median_ms"],
            "ms",
            LIMIT_MS,
            one["median_ms"] / alone,
            "without them",
        )
        for name, one in found.items()
    ]


def _waits(name: str, count: int) -> dict[str, float]:
    """What others wait beside slow connections of some kinds."""
    with (
        tempfile.TemporaryDirectory(prefix="signer-bench-") as folder,
        serving(Path(folder) / name) as (port, path),
    ):
        slow = [
            kind(port, UPLOADS if kind is Uploads else count) for kind in KINDS[name]
        ]
        for one in slow:
            one.start()
        for one in slow:
            one.ready.wait()
        found = waits(port, path)
        found["another_file_looked_at"] = is_looked_at(port, "9.9.9.9")
        for one in slow:
            one.end()
    return found


@contextmanager
def serving(folder: Path) -> Iterator[tuple[int, str]]:
    """A service, just started: its port, and the path of a landing page."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    folder.mkdir()
    settings = demo_settings(port, folder / "instance", Path().absolute())
    site = settings.site_dir
    assert site  # noqa: S101 - the demo has one
    site.mkdir(exist_ok=True)
    (site / "large.bin").write_bytes(random.Random(1).randbytes(LARGE_FILE))  # noqa: S311
    mail = settings.mail_address
    settings = replace(settings, demo=False, mail_url=mail, proxy_hops=1)
    furnish(settings)
    app_context = open_context(settings)
    send_mail(app_context, transport_for(settings.mail_address))
    app_context.sessions.close()
    link = a_link(settings)
    assert link  # noqa: S101 - nobody has answered yet
    path = urlsplit(link).path
    with (folder / "service.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "signer", "serve", "--bind", f"127.0.0.1:{port}"],
            env=variables(settings),
            stdout=log,
            stderr=log,
        )
    try:
        while not answers(port, "/healthz"):
            assert process.poll() is None, (folder / "service.log").read_text()  # noqa: S101
            time.sleep(0.1)
        for _ in range(20):
            answers(port, path)
        yield port, path
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(120)


def answers(port: int, path: str) -> bool:
    """Whether a page comes before we give up."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=GIVE_UP_SECONDS)
    try:
        connection.request("GET", path)
        connection.getresponse().read()
    except OSError:
        return False
    finally:
        connection.close()
    return True


def upload_head(port: int, address: str, length: int) -> bytes:
    """The head of a form for `/verify` from an address that a proxy names."""
    return (
        b"POST /verify HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nX-Forwarded-For: %b\r\n"
        b"Content-Type: multipart/form-data; boundary=edge\r\n"
        b"Content-Length: %d\r\n\r\n" % (port, address.encode(), length)
    )


def is_looked_at(port: int, address: str) -> bool:
    """Whether a large file from an address, which is no declaration, gets a verdict."""
    named = b'Content-Disposition: form-data; name="pdf"; filename="a.pdf"'
    file = b"%PDF-1.7\n" + bytes(200_000)
    body = b"--edge\r\n" + named + b"\r\n\r\n" + file + b"\r\n--edge--\r\n"
    with socket.create_connection(("127.0.0.1", port), 60) as connection:
        connection.sendall(upload_head(port, address, len(body)) + body)
        return connection.recv(100).startswith(b"HTTP/1.1 200 ")


def waits(port: int, path: str) -> dict[str, float]:
    """What a visitor waits for the page, asking again and again."""
    taken, unanswered = [], 0
    until = time.monotonic() + MEASURED_SECONDS
    while time.monotonic() < until:
        began = time.perf_counter()
        unanswered += not answers(port, path)
        taken.append((time.perf_counter() - began) * 1000)
        time.sleep(0.02)
    return {
        "median_ms": round(statistics.median(taken), 1),
        "p95_ms": round(sorted(taken)[int(len(taken) * 0.95)], 1),
        "pages": len(taken),
        "unanswered": unanswered,
        "load": round(os.getloadavg()[0], 1),
    }


if __name__ == "__main__":
    main()

"""Real servers, and raw connections to them."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from tests.conftest import REPOSITORY
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PATIENCE = 60.0


@dataclass(frozen=True)
class Service:
    """A running server.

    Attributes:
        port: where it listens, on the loopback address.
        folder: what its application and the test tell each other.
        process: its master.
        log: what it has written.
    """

    port: int
    folder: Path
    process: subprocess.Popen[bytes]
    log: Path

    def connect(self, sent: bytes = b"", *, window: int = 0) -> socket.socket:
        """A connection, after sending something on it."""
        connection = socket.socket()
        connection.settimeout(PATIENCE)
        if window:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        connection.connect(("127.0.0.1", self.port))
        connection.sendall(sent)
        return connection

    def get(self, path: str) -> tuple[int, bytes]:
        """Status and body of a page, on a connection of its own."""
        with closing(HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)) as one:
            one.request("GET", path)
            answer = one.getresponse()
            return answer.status, answer.read()

    def exchange(self, sent: bytes) -> bytes:
        """Everything that comes back before the server closes the connection."""
        with self.connect(sent) as connection:
            return read_all(connection)

    def child(self) -> int:
        """The process that answers just now."""
        return int(self.get("/process")[1])

    def children(self) -> set[int]:
        """The processes below the master that have not ended."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return {int(number) for number in path.read_text().split()}


def read_all(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    parts = []
    try:
        while part := connection.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def wait_until(true: Callable[[], object]) -> None:
    """Wait for something to become true."""
    until = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < until, "it did not come true"
        time.sleep(0.05)


@contextmanager
def served(
    folder: Path, *, processes: int = 1, threads: int = 2, **limits: Any
) -> Iterator[Service]:
    """A server with limits of its own, from its first answer to its end."""
    port = free_port()
    asked = {
        "bind": f"127.0.0.1:{port}",
        "folder": str(folder),
        "processes": processes,
        "threads": threads,
        "limits": limits,
    }
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, Path(__file__).with_name("service.py"), json.dumps(asked)],
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdout=output,
            stderr=output,
        )
    service = Service(port, folder, process, log)

    def answers() -> bool:
        assert process.poll() is None, log.read_text()
        try:
            return service.get("/") == (200, b"hello")
        except OSError:
            return False

    try:
        wait_until(answers)
        yield service
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(PATIENCE)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """A server with small limits, for tests that leave it as it was."""
    with served(
        tmp_path_factory.mktemp("service"),
        body_bytes=1000,
        large_bodies={"/large-body": 100_000},
        large_at_once=2,
        large_of_one_client=1,
        forgotten_bytes=1_000_000,
    ) as running:
        yield running

"""litewitness, a witness that others wrote (filippo.io/torchwood), on this machine."""

from __future__ import annotations

import fcntl
import os
import re
import sqlite3
import subprocess
import time
from base64 import b64encode
from contextlib import closing, contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest

from signer.ledger.hashing import EMPTY_ROOT
from tests.judges.running import BUILD
from tests.ports import free_port

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from signer.ledger.signed_notes import NoteVerifier

MODULE = "filippo.io/torchwood/cmd/litewitness@v0.6.1"
NAME = "witness.example/lite"
_SCHEMA = """
CREATE TABLE log (
    origin TEXT PRIMARY KEY, tree_size INTEGER NOT NULL, tree_hash TEXT NOT NULL);
CREATE TABLE key (
    origin TEXT NOT NULL, key TEXT NOT NULL,
    FOREIGN KEY(origin) REFERENCES log(origin));
"""


SECONDS_TO_BUILD = 240
"""How long its modules may take to be fetched and compiled."""


@dataclass(frozen=True)
class LiteWitness:
    """One that runs.

    Attributes:
        address: where it takes heads.
        key: its public key, in the line that it prints.
    """

    address: str
    key: str


def program() -> Path:
    """The program, built once; the test is left out where it cannot be."""
    folder = BUILD / "litewitness"
    folder.mkdir(parents=True, exist_ok=True)
    with (BUILD / "litewitness.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "litewitness").exists():
            try:
                done = subprocess.run(
                    ["go", "install", MODULE],
                    env={**os.environ, "GOBIN": str(folder)},
                    check=False,
                    capture_output=True,
                    text=True,
                    timeout=SECONDS_TO_BUILD,
                )
            except subprocess.TimeoutExpired:
                pytest.skip("litewitness was not built in time: is there a network?")
            if done.returncode:
                pytest.skip(f"litewitness cannot be built here: {done.stderr[-500:]}")
    return folder / "litewitness"


@contextmanager
def lite_witness(folder: Path, *logs: NoteVerifier) -> Iterator[LiteWitness]:
    """Run one that knows some logs; it ends with the block, and so does its agent.

    Args:
        folder: of its database and its key.
        logs: their keys.
    """
    built = program()
    database = folder / "litewitness.db"
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.executescript(_SCHEMA)
        empty = b64encode(EMPTY_ROOT).decode()
        for one in logs:
            connection.execute("INSERT INTO log VALUES (?, 0, ?)", (one.name, empty))
            connection.execute("INSERT INTO key VALUES (?, ?)", (one.name, str(one)))
    key = folder / "key"
    subprocess.run(
        ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True
    )
    shown = subprocess.run(
        ["ssh-keygen", "-l", "-f", str(key)], check=True, capture_output=True, text=True
    )
    fingerprint = shown.stdout.split()[1]
    port = free_port()
    # The name of a socket has room for a hundred characters.
    with TemporaryDirectory(prefix="agent-") as short:
        socket = f"{short}/s"
        agent = subprocess.Popen(
            ["ssh-agent", "-D", "-a", socket], stdout=subprocess.DEVNULL
        )
        witness = None
        try:
            _wait(lambda: os.path.exists(socket))  # noqa: PTH110 - a socket's name
            subprocess.run(
                ["ssh-add", "-q", str(key)],
                env={**os.environ, "SSH_AUTH_SOCK": socket},
                check=True,
            )
            log = folder / "litewitness.log"
            with log.open("wb") as output:
                witness = subprocess.Popen(
                    [
                        built,
                        f"-ssh-agent={socket}",
                        f"-name={NAME}",
                        f"-key={fingerprint}",
                        f"-db={database}",
                        f"-listen=127.0.0.1:{port}",
                    ],
                    stderr=output,
                )
            pattern = re.compile(r"vkey=(\S+)")
            _wait(lambda: "msg=listening" in log.read_text(), witness)
            found = pattern.search(log.read_text())
            assert found
            yield LiteWitness(f"http://127.0.0.1:{port}", found[1])
        finally:
            for process in (witness, agent):
                if process is not None:
                    process.terminate()
                    process.wait()


def _wait(
    ready: Callable[[], bool], process: subprocess.Popen[bytes] | None = None
) -> None:
    while not ready():
        assert process is None or process.poll() is None
        time.sleep(0.02)

"""How fast a campaign's mail goes out through an SMTP server, with kills in between.

Ten thousand mails, two `signer worker` processes, and an SMTP server in a process of
its own, which writes down the Message-ID of each mail before it accepts it. Early on,
one worker is killed and started again, and so is the server. Then each mail must
have been accepted, and next to none twice. Prints one JSON document.

    .venv/bin/python bench/mail.py [MAILS]
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

from sqlalchemy import func, insert, select

from signer import clock
from signer.config import Settings, environment
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.pki.make_keys import make_keys
from signer.store import schema
from signer.store.columns import Delivery
from signer.store.engine import connect
from signer.store.sqlite_files import create_private_file
from signer.store.tables import Outbox, Parent
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import AppContext, open_context
from signer.workflows.mailing.send import waiting_mail

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
MAILS = 10_000
LIMIT_SECONDS = 300.0
MOST_DUPLICATES = 0.001
WORKERS = 2
KILLS = (("worker", 0.1), ("server", 0.3))
"""What is killed, and after which part of the mails."""

PATIENCE = 900.0
PIECE = 1_000
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def main() -> None:
    """Send them all; fail where a limit is broken."""
    mails = int(sys.argv[1]) if len(sys.argv) > 1 else MAILS
    with tempfile.TemporaryDirectory() as folder:
        result = _measure(Path(folder), mails)
    result["goals_kept"] = (
        result["missed"] == 0
        and result["duplicates"] < max(1, mails * MOST_DUPLICATES)
        and result["seconds"] < LIMIT_SECONDS
    )
    print(json.dumps(result, indent=2))
    sys.exit(0 if result["goals_kept"] else 1)


def _measure(folder: Path, mails: int) -> dict[str, float]:
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    accepted = folder / "accepted"
    accepted.touch()
    settings = Settings(
        instance=folder,
        secret_keys=("a secret of the benchmark and of no use anywhere else",),
        versions_dir=ROOT / "versions",
        seal_passphrase="of the benchmark",  # noqa: S106 - of no use elsewhere
        mail_url=f"smtp://{HOST}:{port}",
    )
    # As `signer db upgrade` does: it alone makes the file.
    create_private_file(str(folder / "signer.sqlite3"))
    schema.upgrade(connect(settings.database).engine)
    make_keys(
        folder / "keys",
        school="Benchmark",
        passphrase=settings.seal_passphrase,
        at=clock.now(),
        extra_files={LOG_KEY: new_log_key(settings.seal_passphrase)},
    )
    app_context = open_context(settings)
    _fill(app_context, mails)
    ask_parents(app_context)
    app_context.sessions.close()
    processes = {"server": [_start_server(port, accepted)]}
    processes["worker"] = [_start_worker(settings, folder) for _ in range(WORKERS)]
    began = time.monotonic()
    kills = [(what, int(part * mails)) for what, part in KILLS]
    try:
        while waiting_mail(app_context) and time.monotonic() - began < PATIENCE:
            if kills and _lines(accepted) >= kills[0][1]:
                what, _ = kills.pop(0)
                _kill(processes[what].pop(0))
                processes[what].append(
                    _start_server(port, accepted)
                    if what == "server"
                    else _start_worker(settings, folder)
                )
            time.sleep(0.2)
        seconds = time.monotonic() - began
        with app_context.sessions.reading() as session:
            first = session.scalar(
                select(func.min(Outbox.sent_at)).where(Outbox.kind == "ask")
            )
            refs = set(
                session.scalars(select(Outbox.message_ref).where(Outbox.kind == "ask"))
            )
            sent = session.scalar(
                select(func.count()).where(
                    Outbox.kind == "ask", Outbox.delivery == Delivery.SENT
                )
            )
    finally:
        app_context.sessions.close()
        for group in processes.values():
            for process in group:
                _kill(process)
    assert first is not None  # noqa: S101 - for mypy: some were sent
    counted = Counter(
        line.decode().strip("<>").partition("@")[0]
        for line in accepted.read_bytes().split(b"\n")
        if line
    )
    return {
        "mails": mails,
        "seconds": round(seconds, 1),
        "mails_per_second": round(mails / seconds, 1),
        "kills": len(KILLS) - len(kills),
        "noted_as_sent": sent or 0,
        "missed": len(refs - set(counted)),
        "duplicates": sum(counted[ref] - 1 for ref in refs if counted[ref]),
    }


def _start_worker(settings: Settings, folder: Path) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "signer", "worker"],
            cwd=ROOT,
            env={**kept, **environment(replace(settings))},
            stdout=log,
            stderr=log,
        )


def _start_server(port: int, accepted: Path) -> subprocess.Popen[bytes]:
    """Start the server; it takes mail when this returns."""
    process = subprocess.Popen(
        [sys.executable, __file__, "--server", str(port), str(accepted)]
    )
    deadline = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((HOST, port)).close()
        except ConnectionRefusedError:
            # Whether it starts is not what is measured; a refusal costs a pause.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return process


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


def _lines(path: Path) -> int:
    return path.read_bytes().count(b"\n")


def _fill(app_context: AppContext, parents: int) -> None:
    now = clock.now()
    for start in range(1, parents + 1, PIECE):
        with app_context.sessions.writing() as session:
            session.execute(
                insert(Parent),
                [
                    {
                        "id": number,
                        "name": f"Parent {number}",
                        "name_key": f"parent {number}",
                        "email": f"parent{number}@example.org",
                        "email_key": f"parent{number}@example.org",
                        "added_at": now,
                    }
                    for number in range(start, min(start + PIECE, parents + 1))
                ],
            )


async def serve(port: int, accepted: Path) -> None:
    """Be an SMTP server that takes everything, and writes down what it takes."""
    record = os.open(accepted, os.O_WRONLY | os.O_APPEND)

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        writer.write(b"220 mail.example\r\n")
        while line := await reader.readline():
            verb = line[:4].upper().strip()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                await writer.drain()
                mail = await reader.readuntil(b"\r\n.\r\n")
                found = _MESSAGE_ID.search(mail)
                os.write(record, (found[1] if found else b"none") + b"\n")
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 OK\r\n")
            await writer.drain()
            if verb == b"QUIT":
                break
        writer.close()

    server = await asyncio.start_server(converse, HOST, port, limit=2**20)
    async with server:
        await server.serve_forever()


if __name__ == "__main__":
    if sys.argv[1:2] == ["--server"]:
        asyncio.run(serve(int(sys.argv[2]), Path(sys.argv[3])))
    else:
        main()

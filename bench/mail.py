"""How fast a campaign's mail goes out through an SMTP server, and what kills cost.

Two `signer worker` processes, and an SMTP server in a process of its own, which writes
down the Message-ID of each mail before it accepts it. While the campaign goes out, a
parent asks for a new link now and then: how long that one waits is measured too.

With `--kills`, one worker is killed and started again early on, and so is the server.
Then each mail must have been accepted, and next to none twice; the time is not held
against a limit, for what a killed worker had claimed waits for its lease. Prints one
JSON document.

    .venv/bin/python -m bench.mail [--mails 10000] [--postgresql] [--kills] [--plain]
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select

from bench.mail_server import HOST, MailServer
from bench.table.figures import Figure
from bench.table.processes import Failed
from signer import clock
from signer.config import Settings, environment
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.mail.kinds import Kind
from signer.pki.make_keys import make_keys
from signer.store import schema
from signer.store.columns import Delivery
from signer.store.engine import connect
from signer.store.sqlite_files import create_private_file
from signer.store.tables import Outbox, Parent, Request
from signer.workflows.campaigns.ask import ask_parents
from signer.workflows.context import AppContext, open_context
from signer.workflows.mailing.outbox import new_mail
from signer.workflows.mailing.send import waiting_mail
from tests.production.harness.postgresql import postgresql_server
from tests.production.harness.rehearsal import new_database

ROOT = Path(__file__).parent.parent
MAILS = 10_000
LIMIT_SECONDS = 90.0
"""For `MAILS`, where nothing is killed."""

MOST_CONNECTIONS = 4
MOST_DUPLICATES = 0.001
WORKERS = 2
KILLS = (("worker", 0.1), ("server", 0.3))
"""What is killed, and after which part of the mails."""

AWAITED = (0.2, 0.4, 0.6, 0.8)
"""After which parts of the mails somebody asks for a new link."""

PATIENCE = 900.0
PIECE = 1_000


def main() -> None:
    """Send them all; fail where a limit is broken."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--mails", type=int, default=MAILS)
    parser.add_argument("--postgresql", action="store_true")
    parser.add_argument("--kills", action="store_true")
    parser.add_argument("--plain", action="store_true", help="without pipelining")
    asked = parser.parse_args()
    result = _measured(asked)
    in_time = result["seconds"] < LIMIT_SECONDS * max(1, asked.mails / MAILS)
    result["goals_kept"] = (
        result["missed"] == 0
        and result["duplicates"] < max(1, asked.mails * MOST_DUPLICATES)
        and result["connections_at_once"] <= MOST_CONNECTIONS
        and (asked.kills or in_time)
    )
    print(json.dumps(result, indent=2))
    sys.exit(0 if result["goals_kept"] else 1)


def figures(*, full: bool = False) -> list[Figure]:
    """A campaign's mail on SQLite, at two sizes."""
    del full
    found = {
        mails: _measured(
            argparse.Namespace(mails=mails, postgresql=False, kills=False, plain=False)
        )
        for mails in (MAILS // 10, MAILS)
    }
    one = found[MAILS]
    if one["awaited_most_seconds"] is None:
        raise Failed("no new link was asked for while mail went out")
    if any(each["missed"] for each in found.values()):
        raise Failed(f"{one['missed']} mails are missing")
    took, worked = (
        tuple((mails, each[what]) for mails, each in found.items())
        for what in ("seconds", "worker_cpu_ms_per_mail")
    )
    return [
        Figure(
            "10,000 mails over one SMTP server",
            one["seconds"],
            "s",
            LIMIT_SECONDS,
            sizes=took,
            of="the mails",
        ),
        Figure(
            "Connections to the SMTP server at once",
            one["connections_at_once"],
            "",
            MOST_CONNECTIONS,
        ),
        Figure("A mail, processor", worked[-1][1], "ms", sizes=worked, of="the mails"),
        Figure(
            "A new link's wait meanwhile, the longest", one["awaited_most_seconds"], "s"
        ),
    ]


def _measured(asked: argparse.Namespace) -> dict[str, Any]:
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        url = ""
        if asked.postgresql:
            url = new_database(stack.enter_context(postgresql_server()).address)
        return _measure(folder, asked, url)


def _measure(folder: Path, asked: argparse.Namespace, url: str) -> dict[str, Any]:
    mails = asked.mails
    with socket.create_server((HOST, 0)) as free:
        port = int(free.getsockname()[1])
    server = MailServer(port, folder, pipelining=not asked.plain)
    settings = Settings(
        instance=folder,
        secret_keys=("a secret of the benchmark and of no use anywhere else",),
        versions_dir=ROOT / "versions",
        seal_passphrase="of the benchmark",  # noqa: S106 - of no use elsewhere
        mail_url=f"smtp://{HOST}:{port}",
        database_url=url,
    )
    if not url:
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
    processes = {"server": [server.start()]}
    processes["worker"] = [_start_worker(settings, folder) for _ in range(WORKERS)]
    while not server.accepted():
        # How long a worker takes to start is measured elsewhere.
        time.sleep(0.05)
    began, spent = time.monotonic(), _spent(processes["worker"])
    kills = [(what, int(part * mails)) for what, part in KILLS if asked.kills]
    wanted = [int(part * mails) for part in AWAITED]
    awaited: list[int] = []
    try:
        while waiting_mail(app_context) and time.monotonic() - began < PATIENCE:
            done = server.accepted()
            if kills and done >= kills[0][1]:
                what, _ = kills.pop(0)
                _kill(processes[what].pop(0))
                processes[what].append(
                    server.start()
                    if what == "server"
                    else _start_worker(settings, folder)
                )
            if wanted and done >= wanted[0]:
                wanted.pop(0)
                awaited.append(_ask_for_link(app_context, len(awaited)))
            time.sleep(0.2)
        seconds = time.monotonic() - began
        spent = _spent(processes["worker"]) - spent
        with app_context.sessions.reading() as session:
            refs = set(session.scalars(select(Outbox.message_ref)))
            sent = session.scalar(
                select(func.count()).where(Outbox.delivery == Delivery.SENT)
            )
            waits = [
                (one.sent_at - one.queued_at).total_seconds()
                for one in session.scalars(select(Outbox).where(Outbox.id.in_(awaited)))
                if one.sent_at
            ]
    finally:
        app_context.sessions.close()
        for group in processes.values():
            for process in group:
                _kill(process)
    counted = server.message_refs()
    total, at_once = server.connections()
    return {
        "database": "postgresql" if url else "sqlite",
        "mails": mails,
        "seconds": round(seconds, 1),
        "mails_per_second": round(mails / seconds, 1),
        "worker_cpu_ms_per_mail": round(1000 * spent / mails, 2),
        "connections": total,
        "connections_at_once": at_once,
        "awaited_most_seconds": max(waits, default=None),
        "kills": len(KILLS) if asked.kills else 0,
        "noted_as_sent": sent or 0,
        "missed": len(refs - set(counted)),
        "duplicates": sum(counted[ref] - 1 for ref in refs if counted[ref]),
    }


def _spent(processes: list[subprocess.Popen[bytes]]) -> float:
    """Seconds of processor time that processes took so far; one killed is left out."""
    ticks = 0
    for process in processes:
        stat = Path(f"/proc/{process.pid}/stat").read_text("ascii")
        ticks += sum(map(int, stat.rpartition(")")[2].split()[11:13]))
    return ticks / os.sysconf("SC_CLK_TCK")


def _ask_for_link(app_context: AppContext, number: int) -> int:
    """Queue what a parent waits for, as the page does; gives its row."""
    with app_context.sessions.writing() as session:
        request = select(Request.id).order_by(Request.id).offset(number).limit(1)
        mail = new_mail(
            Kind.NEW_LINK, f"bench:{number}", request_id=session.scalar(request)
        )
        session.add(mail)
        session.flush()
        return mail.id


def _start_worker(settings: Settings, folder: Path) -> subprocess.Popen[bytes]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
    with (folder / "worker.log").open("ab") as log:
        return subprocess.Popen(
            [sys.executable, "-m", "signer", "worker"],
            cwd=ROOT,
            env={**kept, **environment(settings)},
            stdout=log,
            stderr=log,
        )


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait()


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


if __name__ == "__main__":
    main()

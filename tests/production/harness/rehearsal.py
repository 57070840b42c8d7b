"""A school in production, on this machine: real processes, real mail, real HTTP."""

from __future__ import annotations

import itertools
import json
import os
import shutil
import signal
import uuid
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from urllib.error import URLError
from urllib.request import urlopen

from signer.config import Settings, environment
from signer.policy.sha256sums import list_releases
from signer.policy.versions import read_versions
from tests.conftest import PASSPHRASE, database_of
from tests.policy.releasing import folder_of_2, release_3
from tests.ports import HOST, free_port
from tests.production.harness.invariants import (
    let_time_pass,
    list_requests,
    report,
)
from tests.production.harness.launching import (
    Done,
    Forked,
    Process,
    Typed,
    call_apart,
    children_of,
    run_forked,
    until,
)
from tests.production.harness.mail_server import mail_server
from tests.production.harness.visitor import Signature, Visitor

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from tests.production.harness.mail_server import MailServer

HEADER = "parent_name,parent_email,relationship,child_name,year_group"
OFFICE = "office@school.example"
HEAD = "head@school.example"


def name_of(number: int) -> str:
    """The name of a parent."""
    return f"Parent {_in_letters(number)}"


def address_of(number: int) -> str:
    """The address of a parent."""
    return f"parent-{number}@families.example"


def register_of(numbers: Sequence[int] | range) -> str:
    """The register as CSV: a child for each parent."""
    rows = [
        f"{name_of(one)},{address_of(one)},mother,Child {_in_letters(one)},Year 7"
        for one in numbers
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def _in_letters(number: int) -> str:
    """A name, since digits in one look like a mistake."""
    letters = ""
    while True:
        number, letter = divmod(number, 26)
        letters = chr(ord("a") + letter) + letters
        if not number:
            return letters.rjust(3, "a").capitalize()


@dataclass
class Rehearsal:
    """The school.

    Attributes:
        folder: all of its files.
        settings: what its processes are given.
        mail: its mail server.
        ports: where its web processes listen.
        variables: further variables of the environment of each process.
        typed: whether processes start as typed, or are forked.
        running: the processes, by name.
        senders: the name under which a worker logs in at the mail server, by its
            process. No two workers have the same, one that replaces another neither.
    """

    folder: Path
    settings: Settings
    mail: MailServer
    ports: list[int]
    variables: dict[str, str] = field(default_factory=dict)
    typed: bool = False
    running: dict[str, Process] = field(default_factory=dict)
    senders: dict[int, str] = field(default_factory=dict)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of a process."""
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("SIGNER_")}
        return {**inherited, **environment(self.settings), **self.variables}

    def furnish(self, keys: Path | None = None) -> None:
        """The database's tables, and the keys: made, or copied from others."""
        self.well("db", "upgrade")
        if keys is None:
            self.well("keys", "init")
        else:
            shutil.copytree(keys, self.settings.instance_path / "keys")

    def command(self, *arguments: str, **variables: str) -> Done:
        """A command, run to its end."""
        output = self.folder / f"command-{next(self._numbers)}.out"
        given = {**self.environment, **variables}
        return run_forked(arguments, given, self.folder, output)

    def well(self, *arguments: str, **variables: str) -> str:
        """What a command prints that does what it should."""
        done = self.command(*arguments, **variables)
        assert done.exit_code == 0, (arguments, done)
        assert "Traceback" not in done.stderr, done.stderr
        return done.stdout

    def document(self, *arguments: str) -> Any:
        """What a command tells programs."""
        return json.loads(self.well(*arguments, "--json"))

    def start(self, name: str, *arguments: str, **variables: str) -> Process:
        """A process that goes on; its log goes to a file of its own."""
        # What changes how a program is loaded takes a program that is loaded anew.
        how = Typed if self.typed or self.variables else Forked
        given = {**self.environment, **variables}
        process = how(arguments, given, self.folder, self.log_of(name))
        self.running[name] = process
        return process

    def log_of(self, name: str) -> Path:
        """Where a process logs."""
        return self.folder / f"{name}.log"

    def serve(self, number: int = 0, processes: int = 2) -> Process:
        """`signer serve`, on one of the ports."""
        bind = f"127.0.0.1:{self.ports[number]}"
        options = ("--bind", bind, "--processes", str(processes))
        return self.start(f"serve-{number}", "serve", *options)

    def work(self, number: int = 0) -> Process:
        """`signer worker`."""
        sender = f"worker-{number}-{next(self._numbers)}"
        address = self.mail.url_of(sender)
        process = self.start(f"worker-{number}", "worker", SIGNER_MAIL_URL=address)
        self.senders[process.pid] = sender
        return process

    def open(self, *, workers: int = 2, processes: int = 2) -> None:
        """Start the service on every port, and the workers; wait until it answers."""
        for number in range(len(self.ports)):
            self.serve(number, processes)
        for number in range(workers):
            self.work(number)
        for port in self.ports:
            until(partial(self.answers, port), what=f"port {port}")

    def answers(self, port: int | None = None) -> bool:
        """Whether the service is alive."""
        for name, process in self.running.items():
            assert process.exit_code() is None, (
                name,
                process.exit_code(),
                self.log_of(name).read_text("utf-8")[-4000:],
            )
        return self.is_served(port)

    def is_served(self, port: int | None = None) -> bool:
        """Whether somebody answers on a port, the first one by default."""
        with suppress(URLError, OSError):
            address = f"http://127.0.0.1:{port or self.ports[0]}/healthz"
            with urlopen(address, timeout=5) as answer:
                return bool(answer.status == 200)
        return False

    def stop(self, name: str, number: int = signal.SIGTERM) -> int:
        """End a process by a signal; gives its exit code."""
        process = self.running.pop(name)
        with suppress(ProcessLookupError):
            os.kill(process.pid, number)
        return process.wait()

    def kill(self) -> None:
        """End every process at once, by SIGKILL.

        What they wrote stays written: of what a power cut leaves on a disk this shows
        nothing.
        """
        for process in self.running.values():
            for pid in [process.pid, *children_of(process.pid)]:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        for process in self.running.values():
            process.wait()
        self.running.clear()

    def close(self) -> None:
        """End every process in good order; whatever does not is killed."""
        for process in self.running.values():
            with suppress(ProcessLookupError):
                os.kill(process.pid, signal.SIGTERM)
        for process in self.running.values():
            with suppress(Exception):
                process.wait(30)
        self.kill()

    def visitor(self) -> Visitor:
        """A parent's browser."""
        return Visitor(self.settings.base_url, self.ports)

    def sign(self, number: int) -> Signature:
        """Sign as a parent in a browser of their own, by the newest link they got."""
        with closing(self.visitor()) as visitor:
            return visitor.sign(self.link(number), name_of(number))

    def import_register(self, numbers: Sequence[int] | range, *options: str) -> Done:
        """`signer register import` of these parents."""
        path = self.folder / f"register-{next(self._numbers)}.csv"
        path.write_text(register_of(numbers), "utf-8")
        return self.command("register", "import", str(path), *options)

    def link(self, number: int) -> str:
        """The newest link that was mailed to a parent, once it is there."""
        address = address_of(number)
        until(lambda: address in self.mail.links(), what=f"a mail to {address}")
        return self.mail.links()[address]

    def problems(
        self, references: Sequence[str] = (), *, quiet: bool = False
    ) -> list[str]:
        """Every invariant that does not hold, found in a process of its own.

        Args:
            references: declarations that parents were shown as signed.
            quiet: whether nothing is at work any more, so that nothing may wait.
        """
        names = ("environment", "seen", "problems")
        given, seen, out = (self.folder / f"check-{name}.json" for name in names)
        given.write_text(json.dumps(self.environment), "utf-8")
        seen.write_text(json.dumps(list(references)), "utf-8")
        call_apart(report, str(given), str(seen), str(out), "quiet" * quiet)
        found: list[str] = json.loads(out.read_text("utf-8"))
        return found

    def requests(self) -> list[tuple[str, str | None]]:
        """The status of each request of those who stay, and its declaration."""
        given, out = (
            self.folder / f"requests-{n}.json" for n in ("environment", "out")
        )
        given.write_text(json.dumps(self.environment), "utf-8")
        call_apart(list_requests, str(given), str(out))
        return [tuple(row) for row in json.loads(out.read_text("utf-8"))]

    def let_time_pass(self) -> None:
        """As if the leases of whoever was interrupted had run out long ago."""
        given = self.folder / "check-environment.json"
        given.write_text(json.dumps(self.environment), "utf-8")
        call_apart(let_time_pass, str(given))

    def publish(self) -> None:
        """Put every released version where the public reads it."""
        site = self.settings.site_dir
        assert site
        for path in self.settings.versions_dir.glob("[0-9]*.md"):
            aside = site / "versions" / f".{path.name}"
            aside.write_bytes(path.read_bytes())
            aside.rename(site / "versions" / path.name)

    def release(self) -> None:
        """Release version 3, and publish it."""
        folder = self.settings.versions_dir
        release_3(folder)
        list_releases(folder, read_versions(folder))
        self.publish()


@contextmanager
def rehearsal(
    folder: Path,
    database_url: str = "",
    *,
    ports: int = 1,
    typed: bool = False,
    host: str = HOST,
    **changed: object,
) -> Iterator[Rehearsal]:
    """A school in a folder of its own; nothing runs yet but the mail server.

    Args:
        folder: not there yet, or empty.
        database_url: of an empty database; an SQLite file in the folder by default.
        ports: how many services are to share the work.
        typed: whether processes start as typed, or are forked.
        host: what the school is called at its public address.
        changed: settings that differ.
    """
    folder.mkdir(exist_ok=True)
    versions = folder_of_2(folder / "versions")
    list_releases(versions, read_versions(versions))
    (folder / "site" / "versions").mkdir(parents=True)
    taken = [free_port() for _ in range(ports)]
    with mail_server(folder / "mails") as mail:
        given: dict[str, Any] = {
            "instance": folder / "instance",
            "base_url": f"http://{host}:{taken[0]}",
            "database_url": database_url,
            "secret_keys": ("a secret of the tests that is long enough to be one",),
            "versions_dir": versions,
            "site_dir": folder / "site",
            "seal_passphrase": PASSPHRASE,
            "mail_url": mail.url,
            "office_email": OFFICE,
            "head_email": HEAD,
        }
        settings = Settings(**{**given, **changed})
        school = Rehearsal(folder, settings, mail, taken, typed=typed)
        school.publish()
        try:
            yield school
        finally:
            school.close()


def new_database(address: str, *, template: str = "template1") -> str:
    """The address of a new, empty database of a PostgreSQL server."""
    import psycopg

    name = f"rehearsal_{uuid.uuid4().hex}"
    with psycopg.connect(address, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
    return database_of(address, name)

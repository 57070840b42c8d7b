"""Kills processes of a school in production, and looks whether anything was lost.

    python -m tests.production.torture --database both --kills 500

Web processes, workers and commands are killed at random moments while a register is
imported, parents are asked and sign, declarations are sealed and mailed, versions are
released, the log is signed, parents are erased, and backups are made and restored. All
that ended is started again, as a supervisor does. Meanwhile the mail server has its
moods: see `moods`. Every so often, and at the end, the invariants are checked: see
`invariants`. No parent may be answered with a 500, and no log may tell of what no kill
explains: see `crowd` and `logs`.
"""

from __future__ import annotations

import argparse
import json
import logging
import random
import shutil
import signal
import sys
import tempfile
import threading
import time
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from signer import clock
from signer.ledger.log_key import LOG_KEY, new_log_key
from signer.pki.make_keys import make_keys
from tests.conftest import PASSPHRASE
from tests.production.harness.crowd import Crowd
from tests.production.harness.launching import children_of, kill_process, until
from tests.production.harness.logs import faults_in_logs
from tests.production.harness.moods import Moods, copies
from tests.production.harness.office import DRAFTS, Office
from tests.production.harness.outcome import Outcome, tell
from tests.production.harness.postgresql import postgresql_server
from tests.production.harness.rehearsal import Rehearsal, new_database, rehearsal

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_log = logging.getLogger(__name__)

PARENTS_AT_ONCE = 6
CHECK_EVERY = 40
"""So many kills between two looks at everything."""

BACKLOG = 40
"""While so many links wait to be followed, the register does not grow."""

BY_THE_SECOND = ("web", "service", "worker")
LEAST = 4  # of each

QUIET_SECONDS = 240.0
WEIGHTS = {"web": 35, "service": 6, "worker": 30, "command": 25, "everything": 4}


class Torture:
    """One run.

    Args:
        school: a school with tables and keys; nothing runs yet.
        database: the address of the PostgreSQL server, or empty for SQLite.
        chance: decides what is killed, and when.
        pause: seconds between two kills, on average.
        workers: how many workers there are.
    """

    def __init__(
        self,
        school: Rehearsal,
        database: str,
        chance: random.Random,
        *,
        pause: float = 0.5,
        workers: int = 2,
    ) -> None:
        self.school = school
        self.chance = chance
        self.pause = pause
        self.outcome = Outcome()
        self.crowd = Crowd(school, PARENTS_AT_ONCE)
        self.office = Office(school, self._leaver, database)
        self.office.enough = lambda: self._waiting > BACKLOG
        self._workers = workers
        self._waiting = 0
        self._killed_senders: set[str] = set()
        self._ending = threading.Event()
        self._supervising = threading.Lock()
        self._expected: set[int] = set()
        self._killed_children: set[int] = set()
        self._supervisor = threading.Thread(target=self._supervise, daemon=True)
        self._moods = Moods(school.mail, chance, self.office.mail_is_mended.set)

    def run(self, kills: int) -> Outcome:
        """Kill so many, then let everything come to rest, and check it."""
        began = time.monotonic()
        self.school.open(workers=self._workers)
        self._supervisor.start()
        self.office.start()
        self.crowd.start()
        self._moods.start()
        releases = [kills * (n + 1) // (len(DRAFTS) + 1) for n in range(len(DRAFTS))]
        while (number := self.outcome.kills.total()) < kills:
            self._waiting = self.crowd.look_at_mail()
            time.sleep(self.chance.expovariate(1 / self.pause))
            if not self._kill_something():
                continue
            if number in releases:
                self.office.release()
            if number % CHECK_EVERY == CHECK_EVERY - 1:
                self.check()
        self._come_to_rest()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    def run_for(self, seconds: float) -> Outcome:
        """Kill one of each kind a second, under load; each `LEAST` times at least."""
        began = time.monotonic()
        self.school.open(workers=self._workers)
        self._supervisor.start()
        self.office.start()
        self.crowd.start()
        self.office.release()
        while time.monotonic() < began + seconds or self.fewest() < LEAST:
            self._waiting = self.crowd.look_at_mail()
            # The web process first: a service that has just begun has none.
            for kind in BY_THE_SECOND:
                self._kill(kind)
            time.sleep(1)
        self._come_to_rest()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    def fewest(self) -> int:
        """How often that kind was killed which was killed the fewest times."""
        return min(self.outcome.kills[kind] for kind in BY_THE_SECOND)

    def check(self, *, quiet: bool = False) -> None:
        """Look whether every invariant holds."""
        with self.office.erasing:
            references = self.crowd.seen.references()
            self.outcome.problems += self.school.problems(references, quiet=quiet)
        self.outcome.checks += 1

    def _leaver(self) -> int | None:
        seen = self.crowd.seen
        with seen.lock:
            there = sorted(set(seen.signed) - seen.leaving)
            if len(there) < 2 * PARENTS_AT_ONCE:
                return None
            number = self.chance.choice(there)
            seen.leaving.add(number)
            return number

    def _kill_something(self) -> bool:
        """Kill something; gives whether there was anything to kill."""
        kinds = list(WEIGHTS)
        (kind,) = self.chance.choices(kinds, [WEIGHTS[one] for one in kinds])
        return self._kill(kind) or self._kill("web")

    def _kill(self, kind: str) -> bool:
        """Kill a process of a kind; gives whether there was one."""
        if kind == "command":
            killed = self.office.kill()
        elif kind == "everything":
            self._kill_everything()
            self.office.kill()
            killed = True
        else:
            killed = self._kill_process(kind)
        if killed:
            self.outcome.kills[kind] += 1
            _log.info("killed: %s", kind)
        return killed

    def _kill_everything(self) -> None:
        """Every process at once; all is started again after a night."""
        with self._supervising:
            names = list(self.school.running)
            self._kill_all()
            for name in names:
                self._start(name)

    def _kill_all(self) -> None:
        """Kill every process, and let a night pass in which nothing runs."""
        running = self.school.running
        for name in running:
            if name.startswith("worker"):
                self._killed_senders.add(self.school.senders[running[name].pid])
        self.school.kill()
        self.school.let_time_pass()

    def _kill_process(self, kind: str) -> bool:
        prefix = "worker" if kind == "worker" else "serve"
        names = [one for one in list(self.school.running) if one.startswith(prefix)]
        pids = [self.school.running[one].pid for one in names]
        if kind == "web":
            pids = [child for pid in pids for child in children_of(pid)]
        if not pids:
            return False
        pid = self.chance.choice(pids)
        if kind == "worker":
            self._killed_senders.add(self.school.senders[pid])
        (self._killed_children if kind == "web" else self._expected).add(pid)
        kill_process(pid)
        return True

    def _supervise(self) -> None:
        """Start whatever has ended, as a supervisor does."""
        while not self._ending.wait(0.05):
            with self._supervising:
                ended = [
                    (name, process)
                    for name, process in self.school.running.items()
                    if process.exit_code() is not None
                ]
                for name, process in ended:
                    if process.pid not in self._expected:
                        self.outcome.problems.append(
                            f"{name} ended by itself with {process.exit_code()}: "
                            + self.school.log_of(name).read_text("utf-8")[-1500:]
                        )
                    self._start(name)

    def _start(self, name: str) -> None:
        kind, _, number = name.partition("-")
        start = self.school.work if kind == "worker" else self.school.serve
        start(int(number))

    def _come_to_rest(self) -> None:
        """Kill nothing more; wait until nothing is left to be done, and check it."""
        _log.info("%s kills; the office finishes", self.outcome.kills.total())
        self._moods.stop()
        self.office.stop()
        _log.info("the parents finish")
        self.crowd.undisturbed()
        self._wait(lambda: self.crowd.look_at_mail() == 0, "the parents")
        with self._supervising:
            names = list(self.school.running)
            self._kill_all()
            for name in names:
                self._start(name)
        _log.info("all is started again and comes to rest")
        self._settle()
        self.crowd.stop()
        self._ending.set()
        self._supervisor.join()
        self._stop_in_good_order()
        _log.info("the last check")
        self.check(quiet=True)
        self._check_mail()
        self._check_files()
        found = faults_in_logs(self.school.folder, self._killed_children)
        self.outcome.problems += found
        for command in (["log", "check"], ["check"], ["db", "upgrade"]):
            done = self.school.command(*command)
            if done.exit_code:
                self.outcome.problems.append(f"{command}: {done}")
        self._count()

    def _settle(self) -> None:
        """Wait until every seal is made and every mail is sent."""
        for port in self.school.ports:
            until(partial(self.school.is_served, port), what=f"port {port}")

        def settled() -> bool:
            done = self.school.command("status", "--json")
            if done.exit_code:
                self.outcome.problems.append(f"status: {done}")
                return True
            versions = json.loads(done.stdout)["versions"]
            if any(one["unsealed"] or one["mail_waiting"] for one in versions):
                return False
            # Only now: what waited just before may be a link to follow.
            return self.crowd.look_at_mail() == 0

        self._wait(settled, "seals and mails")
        references = set(self.crowd.seen.references())
        self._wait(lambda: references <= self._receipts(), "receipts")

    def _wait(self, true: Callable[[], bool], what: str) -> None:
        """Wait until something is true; where it never is, that is a problem."""
        try:
            until(true, QUIET_SECONDS, what)
        except AssertionError as error:
            self.outcome.problems.append(str(error))

    def _receipts(self) -> set[str]:
        return {one.declaration for one in self.school.mail.kept() if one.declaration}

    def _stop_in_good_order(self) -> None:
        for name in list(self.school.running):
            code = self.school.stop(name)
            if code:
                self.outcome.problems.append(f"{name} was stopped, and gave {code}")

    def _check_mail(self) -> None:
        """Each request is accounted for; what arrived twice had to."""
        seen, mails = self.crowd.seen, self.school.mail.kept()
        for mail in mails:
            offered = seen.pdfs.get(mail.declaration or "")
            if offered and mail.pdf != offered:
                self.outcome.problems.append(f"{mail.declaration}: another PDF came")
        self.outcome.account(self.school.requests(), seen.references(), mails)
        self.outcome.mails = len({mail.id for mail in mails})
        self.outcome.copies = copies(mails, self._killed_senders)
        self.outcome.problems += self.outcome.copies.problems
        self.outcome.troubles = self.school.mail.met()

    def _check_files(self) -> None:
        """Nothing half written is left beside what is whole."""
        folders = (self.school.settings.instance_path, self.office.backups)
        left = [path for one in folders for path in one.rglob("*.part")]
        if left:
            self.outcome.problems.append(f"left behind: {sorted(map(str, left))[:5]}")

    def _count(self) -> None:
        seen = self.crowd.seen
        self.outcome.signed = sum(map(len, seen.signed.values()))
        self.outcome.interrupted = seen.interrupted
        self.outcome.refused = seen.refused
        self.outcome.receipts = len(self._receipts())
        self.outcome.commands = self.office.done
        self.outcome.problems += seen.problems + self.office.problems


@contextmanager
def tortured(
    folder: Path, database: str, keys: Path, chance: random.Random, **options: int
) -> Iterator[Torture]:
    """A school that is ready to be tortured.

    Args:
        folder: not there yet.
        database: the address of a PostgreSQL server; empty for SQLite.
        keys: a folder of keys to copy.
        chance: decides what is killed, and when.
        options: ``ports`` and ``workers``, how many there are of each.
    """
    url = new_database(database) if database else ""
    ports, workers = options.get("ports", 1), options.get("workers", 2)
    with rehearsal(folder, url, ports=ports) as school:
        school.furnish(keys)
        yield Torture(school, database, chance, workers=workers)


def main() -> int:
    """Run what the arguments ask for; gives the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    systems = ("sqlite", "postgresql")
    parser.add_argument("--database", choices=[*systems, "both"], default="both")
    parser.add_argument("--kills", type=int, default=500)
    parser.add_argument("--pause", type=float, default=0.5, help="seconds between two")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", choices=["3x3"], help="kill by the second")
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--keep", action="store_true", help="leave the files there")
    parser.add_argument("--verbose", action="store_true", help="tell of each kill")
    given = parser.parse_args()
    level = logging.INFO if given.verbose else logging.WARNING
    logging.basicConfig(level=level, format="%(asctime)s %(message)s")
    wanted = systems if given.database == "both" else (given.database,)
    problems = 0
    with ExitStack() as stack:
        folder = Path(tempfile.mkdtemp(prefix="signer-torture-"))
        if not given.keep:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        keys = make_keys(
            folder / "keys",
            school="My Online Schooling",
            passphrase=PASSPHRASE,
            at=clock.now(),
            extra_files={LOG_KEY: new_log_key(PASSPHRASE)},
        ).seal_key.parent
        for name in wanted:
            server = ""
            if name == "postgresql":
                server = stack.enter_context(postgresql_server()).address
            options = {"ports": 3, "workers": 3} if given.processes else {}
            chance = random.Random(given.seed)
            with tortured(folder / name, server, keys, chance, **options) as torture:
                torture.pause = given.pause
                if given.processes:
                    outcome = torture.run_for(given.seconds)
                else:
                    outcome = torture.run(given.kills)
            tell(name, outcome)
            problems += len(outcome.problems)
    return 1 if problems else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())

"""The school's office and its operator, who type one command after another."""

from __future__ import annotations

import itertools
import os
import signal
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

from signer import clock
from tests.policy.releasing import edited
from tests.production.harness.launching import Forked, children_of
from tests.production.harness.rehearsal import address_of, new_database, register_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.production.harness.rehearsal import Rehearsal

CHUNK = 12
"""How many parents each import adds."""

INCOMPLETE = "NOT COMPLETE"
"""What an export says, with exit code 1, while declarations wait for their seal."""

RESTORED = "already has records"
"""What a restore says of a database that is not empty."""

DRAFTS = (
    edited(),
    edited("within 2 working days", "within 3 working days"),
)
"""What is released, one after the other."""


class Office:
    """Types commands in turn; whatever is killed is typed again.

    Args:
        school: the school.
        leave: tells the crowd that a parent leaves; gives whether there is one to.
        database: the address of the PostgreSQL server, or empty for SQLite.
    """

    def __init__(
        self, school: Rehearsal, leave: Callable[[], int | None], database: str = ""
    ) -> None:
        self.school = school
        self.erasing = threading.Lock()
        self.problems: list[str] = []
        self.done: dict[str, int] = {}
        self.killed = 0
        self.parents = 0
        self.gone: set[int] = set()
        self.enough: Callable[[], bool] = lambda: False
        self.mail_is_mended = threading.Event()
        self._leave = leave
        self._server = database
        self._count = itertools.count()
        self._releases = 0
        self._wanted = 0
        self._killed_last = False
        self._current: Forked | None = None
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self.backups = school.folder / "backups"
        self.backups.mkdir()

    def start(self) -> None:
        """Begin, after a first import and campaign that nobody disturbs."""
        self._import()
        self._type("ask", "--yes", "--published")
        self._thread.start()

    def stop(self) -> None:
        """Finish what is being done, and stop."""
        self._ending.set()
        self._thread.join()

    def kill(self) -> bool:
        """Kill the command that runs; gives whether there is one."""
        process = self._current
        if process is None:
            return False
        with suppress(ProcessLookupError):
            for pid in [process.pid, *children_of(process.pid)]:
                os.kill(pid, signal.SIGKILL)
        return True

    def release(self) -> None:
        """Have the next text released, once the office comes to it."""
        self._wanted += 1

    def _work(self) -> None:
        steps: list[Callable[[], object]] = [
            self._import,
            lambda: self._type("ask", "--yes"),
            lambda: self._type("status"),
            self._backup,
            self._release,
            lambda: self._type("log", "checkpoint"),
            lambda: self._type("ask", "--yes"),
            self._erase,
            self._restore,
            self._export,
            lambda: self._type("db", "upgrade"),
        ]
        ahead = itertools.cycle(steps)
        while not self._ending.is_set():
            step = next(ahead)
            try:
                self._resume_mail()
                step()
            except Exception as error:  # noqa: BLE001 - told at the end
                self.problems.append(f"{type(error).__name__}: {error}")
        # Whoever was imported last has not been asked yet.
        self._type("ask", "--yes")
        self._resume_mail()

    def _type(self, *arguments: str, **variables: str) -> None:
        """Type a command until it is not killed."""
        while not self._once(*arguments, **variables):
            pass

    def _once(self, *arguments: str, **variables: str) -> bool:
        """Whether a command came to its end; a problem is noted where it said no."""
        school = self.school
        output = school.folder / f"office-{next(self._count)}.out"
        errors = output.with_suffix(".err")
        given = {**school.environment, **variables}
        self._current = Forked(arguments, given, school.folder, output, errors)
        code = self._current.wait()
        self._current = None
        if code == -signal.SIGKILL:
            self.killed += 1
            self._killed_last = True
            return False
        if code and self._is_right(arguments[0], errors.read_text("utf-8")):
            code = 0
        if code:
            words = errors.read_text("utf-8")[-600:]
            self.problems.append(f"{' '.join(arguments)} ended with {code}: {words}")
        elif "Traceback" in (words := errors.read_text("utf-8")):
            self.problems.append(f"{' '.join(arguments)}: {words[-600:]}")
        self._killed_last = False
        name = " ".join(one for one in arguments[:2] if one.isalpha())
        self.done[name] = self.done.get(name, 0) + 1
        return True

    def _is_right(self, command: str, words: str) -> bool:
        """Whether a command that said no was right to."""
        if command == "restore":
            # The attempt before was killed when all was stored, and not yet told.
            return self._killed_last and RESTORED in words
        return command == "audit" and INCOMPLETE in words

    def _import(self) -> None:
        if not self.enough():
            self.parents += CHUNK
        self._type("register", "import", str(self._register()))

    def _register(self) -> Path:
        path = self.school.folder / f"register-{next(self._count)}.csv"
        staying = [one for one in range(self.parents) if one not in self.gone]
        path.write_text(register_of(staying), "utf-8")
        return path

    def _backup(self) -> Path:
        while True:
            path = self.backups / f"{next(self._count)}.backup"
            if self._once("backup", str(path)):
                return path

    def _restore(self) -> None:
        """Into a database of its own, where a killed attempt leaves nothing."""
        path = self._backup()
        if self._server:
            url = new_database(self._server)
        else:
            url = f"sqlite:///{self.backups / f'{next(self._count)}.sqlite3'}"
        self._type("restore", str(path), SIGNER_DATABASE_URL=url)
        self._type("register", "list", SIGNER_DATABASE_URL=url)
        path.unlink()

    def _export(self) -> None:
        while True:
            path = self.backups / f"{next(self._count)}.zip"
            if self._once("audit", "export", str(path)):
                path.unlink()
                return

    def _resume_mail(self) -> None:
        if self.mail_is_mended.is_set():
            self.mail_is_mended.clear()
            self._type("mail", "resume")

    def _erase(self) -> None:
        with self.erasing:
            number = self._leave()
            if number is None:
                return
            self.gone.add(number)
            register = str(self._register())
            self._type("register", "import", register, "--leavers", "--leaving", "1")
            while not self._once("parent", "erase", address_of(number), "--yes"):
                listed = self._is_known(number)
                if not listed:
                    return

    def _is_known(self, number: int) -> bool:
        """Whether a parent is still there to be erased."""
        done = self.school.command("parent", "erase", address_of(number), "--dry-run")
        return done.exit_code == 0

    def _release(self) -> None:
        if self._releases == self._wanted or self._releases == len(DRAFTS):
            return
        folder = self.school.folder
        (folder / "draft.md").write_text(DRAFTS[self._releases], "utf-8")
        name = f"{self._releases + 3}.md"
        command = [
            *("release", "--draft", "draft.md", "--yes", "--no-commit"),
            *("--summary", "A few words are different."),
            *("--review-by", f"{clock.now().year + 1}-12"),
        ]
        while not self._is_released(name):
            self._once(*command)
        self._releases += 1
        self.school.publish()
        self._type("ask", "--yes")

    def _is_released(self, name: str) -> bool:
        """Whether a version is there, and on the list of releases."""
        folder = self.school.settings.versions_dir
        listed = name in (folder / "SHA256SUMS").read_text("utf-8")
        return listed and (folder / name).exists()

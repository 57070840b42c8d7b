"""The git checkout that the released versions lie in, asked and told by git itself."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from signer.errors import CheckoutError

LOCK_SECONDS = 10.0
"""How long is waited for another program that has locked a part of git."""

# Set while git runs a hook: they would lead git to another repository or index.
_LEADING_ASTRAY = (
    "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX", "GIT_COMMON_DIR",
    "GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_SHALLOW_FILE",
    "GIT_GRAFT_FILE",
)  # fmt: skip

_CREDENTIALS = re.compile(r"//[^/\s@]+@")

# Questions that run nothing that a repository brings along. They may be put to one
# that belongs to another user, as that of a mounted folder does.
_READING = frozenset({"rev-parse", "rev-list", "ls-tree", "cat-file"})


class Checkout:
    """A folder under git.

    Attributes:
        folder: where git is asked.
        root: the top of the checkout.
    """

    def __init__(self, folder: Path, root: Path) -> None:
        self.folder = folder
        self.root = root

    def holds(self, path: Path) -> bool:
        """Whether a file lies in this checkout."""
        return path.resolve().is_relative_to(self.root)

    def git(self, *arguments: str, given: bytes | None = None) -> bytes:
        """What git prints.

        Args:
            arguments: the command and its arguments.
            given: what it reads on its standard input.

        Raises:
            CheckoutError: git says no; with its own words.
        """
        done = self._run(arguments, given)
        if done.returncode:
            words = without_password(done.stderr or done.stdout)
            raise CheckoutError(
                str(self.folder), f"git {arguments[0]} says no: {words}"
            )
        return done.stdout

    def ask_remote(
        self, *arguments: str, seconds: float
    ) -> subprocess.CompletedProcess[bytes]:
        """What became of a command that asks another machine.

        Nobody is there to answer: no password is asked for, by git or by ssh, and
        whatever it has started ends with it when the time is over.

        Args:
            arguments: the command and its arguments.
            seconds: how long it may take.

        Raises:
            subprocess.TimeoutExpired: it took longer, and was ended.
            CheckoutError: git is not installed.
        """
        environment = self._environment() | {"GIT_ASKPASS": "", "GCM_INTERACTIVE": "0"}
        if "GIT_SSH" not in environment or "GIT_SSH_COMMAND" in environment:
            ssh = environment.get("GIT_SSH_COMMAND") or self.config("core.sshCommand")
            environment["GIT_SSH_COMMAND"] = f"{ssh or 'ssh'} -oBatchMode=yes"
        with subprocess.Popen(  # noqa: S603 - git, with arguments of our own
            [self._program(), "-C", str(self.folder), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # A group of its own, with ssh in it; and no terminal to ask at.
            start_new_session=True,
        ) as process:
            try:
                out, errors = process.communicate(timeout=seconds)
            except BaseException:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                raise
        return subprocess.CompletedProcess(arguments, process.returncode, out, errors)

    def config(self, name: str) -> str:
        """A value of git's configuration; empty where it is not set."""
        done = self._run(("config", "--get", name), None)
        return done.stdout.decode(errors="replace").strip()

    def says(self, *arguments: str) -> bool:
        """Whether git answers a question with yes."""
        return self._run(arguments, None).returncode == 0

    def check_can_commit(self) -> None:
        """Find out, before anything is written, what would keep git from committing.

        Raises:
            CheckoutError: nobody's name is set, HEAD is on no branch, or a merge is
                half done.
        """
        if not self.says("var", "GIT_COMMITTER_IDENT"):
            self._refuse(
                "Git does not know who you are. Tell it once, with your own name and "
                "address: git config --global user.name NAME, and "
                "git config --global user.email ADDRESS."
            )
        self.check_on_branch()
        if self.says("rev-parse", "--quiet", "--verify", "MERGE_HEAD"):
            self._refuse("A merge is half done here. Finish it with git first.")

    def check_on_branch(self) -> None:
        """Find out whether HEAD is on a branch.

        Raises:
            CheckoutError: it is on none.
        """
        if not self.says("symbolic-ref", "--quiet", "HEAD"):
            self._refuse(
                "Git is on no branch here, where a commit is easily lost. "
                "Go to the branch first, such as with git switch main."
            )

    def changed(self, paths: Sequence[Path]) -> bool:
        """Whether any of these files differs from what is committed."""
        named = [str(path.resolve()) for path in paths]
        return bool(self.git("status", "--porcelain", "--", *named).strip())

    def record(self, paths: Sequence[Path], message: str) -> str:
        """Commit these files and nothing else; what is staged besides stays staged.

        Returns:
            The commit's id (hex).

        Raises:
            CheckoutError: git says no; with its own words.
        """
        named = [str(path.resolve()) for path in paths]
        # Editors ask git for its status all the time, and lock the index for it.
        until = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                self.git("add", "--", *named)
                self.git("commit", "--quiet", "--only", "-m", message, "--", *named)
                break
            except CheckoutError as error:
                if ".lock" not in error.problem or time.monotonic() > until:
                    raise
                time.sleep(0.2)
        return self.git("rev-parse", "HEAD").decode().strip()

    def _refuse(self, problem: str) -> None:
        raise CheckoutError(str(self.folder), problem)

    def _run(
        self, arguments: Sequence[str], given: bytes | None
    ) -> subprocess.CompletedProcess[bytes]:
        trusted = (
            ["-c", f"safe.directory={self.root}"] if arguments[0] in _READING else []
        )
        return subprocess.run(  # noqa: S603 - git, with arguments of our own
            [self._program(), "-C", str(self.folder), *trusted, *arguments],
            input=given,
            capture_output=True,
            check=False,
            env=self._environment(),
        )

    def _program(self) -> str:
        program = shutil.which("git")
        if program is None:
            raise CheckoutError(
                str(self.folder),
                "This is a git checkout, but git is not installed here. Install it.",
            )
        return program

    def _environment(self) -> dict[str, str]:
        # Messages in English, no questions, and history as it is and not as replaced.
        return {
            key: value
            for key, value in os.environ.items()
            if key not in _LEADING_ASTRAY
        } | {"LC_ALL": "C", "GIT_TERMINAL_PROMPT": "0", "GIT_NO_REPLACE_OBJECTS": "1"}


def without_password(said: bytes) -> str:
    """What git printed, without the name and password of an address in it."""
    return _CREDENTIALS.sub("//", said.decode(errors="replace")).strip()


def checkout_of(folder: Path) -> Checkout | None:
    """The checkout that a folder lies in, or None where no repository is above it."""
    folder = folder.resolve()
    for above in (folder, *folder.parents):
        # A file in a linked work tree, a folder elsewhere.
        if (above / ".git").exists():
            return Checkout(folder, above)
    return None

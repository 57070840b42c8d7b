"""Somebody who is not root, for what must work without root's rights."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from tests.conftest import REPOSITORY

if TYPE_CHECKING:
    from collections.abc import Iterator

NOBODY = 65534
PROGRAMS = ("signer", "mkdocs")


def prefix(user: int | None) -> list[str]:
    """The words before a command that run it as the user, with no group but one."""
    if user is None:
        return []
    ids = (f"--reuid={user}", f"--regid={user}", "--clear-groups")
    # What setpriv itself starts is still looked up with the rights of root.
    return ["setpriv", *ids, "--no-new-privs", "--", "env"]


def python_for(user: int | None) -> Path | None:
    """A Python of the present version that the user can run, if there is one."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    for path in (Path(sys.executable).resolve(), Path("/usr/bin") / version):
        probe = f"import sqlite3, ssl; open({str(REPOSITORY / 'mkdocs.yml')!r})"
        command = [*prefix(user), str(path), "-c", probe]
        try:
            done = subprocess.run(command, capture_output=True, cwd="/", check=False)
        except FileNotFoundError:
            continue
        if done.returncode == 0:
            return path
    return None


def other_user() -> int | None:
    """Nobody's id where this is root and nobody can read the code; otherwise None."""
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return None
    return NOBODY if python_for(NOBODY) is not None else None


def make_environment(folder: Path, user: int | None) -> None:
    """A virtual environment with the packages of the present one, for the user."""
    python = python_for(user)
    assert python is not None
    command = [str(python), "-m", "venv", "--without-pip", str(folder)]
    subprocess.run(command, check=True)
    packages = next(Path(sys.prefix).glob("lib/python*/site-packages"))
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "present.pth").write_text(f"{packages}\n")
    for name in PROGRAMS:
        _, _, script = (Path(sys.prefix) / "bin" / name).read_text().partition("\n")
        program = folder / "bin" / name
        program.write_text(f"#!{folder}/bin/python\n{script}")
        program.chmod(0o755)


@contextmanager
def folder_for(user: int | None, own: Path) -> Iterator[Path]:
    """A folder that the user can reach: pytest's own lie where only root can."""
    if user is None:
        yield own
        return
    with tempfile.TemporaryDirectory(prefix="signer-guide-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder

"""A process that opens strangers' files can open no other file and no socket."""

from __future__ import annotations

import ctypes
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from signer.declaration.verify.inputs import VerificationInputs
from signer.declaration.verify.sandbox import pool
from signer.declaration.verify.sandbox.isolation import Isolation
from signer.declaration.verify.sandbox.pool import Examiners, try_isolation
from signer.workflows.operations.doctor import isolation as doctor
from signer.workflows.operations.doctor.outcomes import Outcome
from tests.conftest import REPOSITORY


def _offers_landlock() -> bool:
    """Ask the kernel itself for the version of Landlock that it has."""
    if sys.platform != "linux":
        return False
    calls = ctypes.CDLL(None)
    return bool(calls.syscall(444, None, ctypes.c_size_t(0), 1) >= 1)


# Elsewhere the product says that there are no walls: see the last two tests.
walled = pytest.mark.skipif(
    not _offers_landlock(), reason="this kernel offers no Landlock to be walled in by"
)

WALLED = Isolation(files=True, sockets=True)

ATTEMPTS = """
import asyncio, json, os, socket, sys
from pathlib import Path
from signer.declaration.verify.sandbox.isolation import isolate

folder, secret = map(Path, sys.argv[1:])
isolate(folder)

def refused(attempt):
    try:
        attempt()
    except PermissionError:
        return True
    return False

results = {
    "read a secret": refused(secret.read_bytes),
    "list a folder": refused(lambda: list(secret.parent.iterdir())),
    "overwrite": refused(lambda: secret.write_bytes(b"x")),
    "write beside it": refused(lambda: secret.with_name("new").write_bytes(b"x")),
    "remove": refused(secret.unlink),
    "truncate": refused(lambda: os.truncate(secret, 0)),
    "change the library": refused(
        lambda: Path(json.__file__).with_name("new.py").write_text("")
    ),
    "reach the network": refused(lambda: socket.socket(socket.AF_INET)),
    "reach it by datagrams": refused(
        lambda: socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    ),
    "reach the database": refused(lambda: socket.socket(socket.AF_UNIX)),
    "make a pair of datagrams": refused(
        lambda: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    ),
    "make an event loop": not refused(lambda: asyncio.new_event_loop().close()),
    "start a program": refused(lambda: os.execv(sys.executable, ["python"])),
}
(folder / "own").write_bytes(b"its own folder stays")
results["its own folder"] = (folder / "own").read_bytes() == b"its own folder stays"
import sqlite3.dump, xml.sax
print(json.dumps(results))
"""


@walled
def test_from_inside_nothing_else_can_be_reached(tmp_path: Path) -> None:
    """Each attempt is made, and refused; libraries and its own folder go on working."""
    secret = tmp_path / "instance" / "seal.p12"
    own = tmp_path / "own"
    for folder in (secret.parent, own):
        folder.mkdir()
    secret.write_bytes(b"secret")
    done = subprocess.run(
        [sys.executable, "-P", "-c", ATTEMPTS, own, secret],
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
    )
    results = json.loads(done.stdout)
    assert [what for what, as_meant in results.items() if not as_meant] == []
    assert secret.read_bytes() == b"secret"


@walled
def test_packages_of_another_folder_are_found_late(tmp_path: Path) -> None:
    """A library imports parts of itself when they are needed, wherever it lies."""
    packages = tmp_path / "of-the-machine" / "site-packages"
    packages.mkdir(parents=True)
    (packages / "late.py").write_text("")
    (tmp_path / "own").mkdir()
    code = (
        "import sys; from pathlib import Path\n"
        "from signer.declaration.verify.sandbox.isolation import isolate\n"
        "isolate(Path(sys.argv[1])); import late"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "own")],
        env={**os.environ, "PYTHONPATH": f"{REPOSITORY}{os.pathsep}{packages}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@walled
def test_the_process_that_examines_is_walled_in() -> None:
    """It says so of itself after it tried, and the kernel says it too."""
    with Examiners(VerificationInputs()) as examiners:
        examiners.verify(b"%PDF-1.7")
        [process] = examiners.waiting
        lines = Path("/proc", str(process), "status").read_text().splitlines()
    status = dict(line.split(":\t", 1) for line in lines)
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert try_isolation() == WALLED
    assert doctor.check_isolation().outcome is Outcome.OK


@pytest.mark.parametrize(
    ("isolation", "words"),
    [
        (Isolation(files=False, sockets=True), "can open other files,"),
        (Isolation(files=True, sockets=False), "can open connections,"),
        (Isolation(files=False, sockets=False), "other files and connections"),
    ],
)
def test_where_the_kernel_cannot_the_doctor_warns(
    isolation: Isolation, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what is open, and with what to do about it."""
    monkeypatch.setattr(doctor, "try_isolation", lambda: isolation)
    check = doctor.check_isolation()
    assert check.outcome is Outcome.WARNING
    assert words in check.found
    assert "Landlock" in check.what_to_do


def test_where_the_kernel_cannot_the_log_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A process that could open something else is told of at its start."""
    impostor = tmp_path / "python"
    impostor.write_text(
        f"#!{sys.executable}\nimport sys\nsys.path.insert(0, {str(REPOSITORY)!r})\n"
        "from signer.declaration.verify.sandbox import framing\n"
        "framing.read_frame(sys.stdin.buffer, 10**9)\n"
        "framing.write_frame(sys.stdout.buffer, "
        'b\'{"confined": true, "files": false, "sockets": true}\')\n'
    )
    impostor.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(impostor))
    assert pool.try_isolation() == Isolation(files=False, sockets=True)
    assert "does not keep a file that is examined" in caplog.text

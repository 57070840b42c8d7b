"""What killed processes left is taken away at the next start."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from signer.workflows.context import open_context
from tests.conftest import REPOSITORY, environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from signer.workflows.context import AppContext

pytestmark = pytest.mark.parametrize("database", ["sqlite"], indirect=True)

# Typesets a declaration and asks a confined process to look at it, then waits with
# the folders of both.
HOLDING = """
import sys
from tests.declaration.forgery import typeset_declaration
from signer.declaration.verify.sandbox.pool import Examiners
from signer.declaration.verify.inputs import VerificationInputs

pdf = typeset_declaration()
examiners = Examiners(VerificationInputs())
examiners.verify(pdf)
print("held", flush=True)
sys.stdin.read()
"""


def held(temporary: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDING],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd=REPOSITORY,
        env={**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(REPOSITORY)},
    )
    assert process.stdout
    assert process.stdout.readline() == b"held\n"
    return process


def kinds(folder: Path) -> list[str]:
    return sorted(path.name.rsplit("-", 1)[0] for path in folder.iterdir())


def test_the_temporary_folders_of_a_killed_process_go(
    app_context: AppContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They hold what was typeset last; those of a living process stay."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    both = ["signer-typeset", "signer-verify"]
    with held(temporary) as killed, held(temporary) as living:
        assert kinds(temporary) == sorted(both * 2)
        killed.kill()
        killed.wait()
        monkeypatch.setattr("tempfile.tempdir", str(temporary))
        open_context(app_context.settings).sessions.close()
        assert kinds(temporary) == both
        living.communicate()
    assert kinds(temporary) in ([], ["signer-verify"])


def test_half_written_files_go(app_context: AppContext, tmp_path: Path) -> None:
    """Wherever the settings say that the service writes."""
    left = [
        app_context.settings.instance_path / f".checkpoint.{'a' * 16}.part",
        app_context.settings.versions_dir / f".3.md.{'0' * 16}.part",
        tmp_path / "mail" / f".1.eml.{'f' * 16}.part",
    ]
    (tmp_path / "mail").mkdir()
    for path in left:
        path.write_bytes(b"half of it")
    open_context(app_context.settings).sessions.close()
    assert [path.name for path in left if path.exists()] == []


def test_a_command_sweeps_as_well(app_context: AppContext) -> None:
    """Not only the service: somebody may run commands alone."""
    left = app_context.settings.instance_path / f".monday.backup.{'a' * 16}.part"
    left.write_bytes(b"half of it")
    subprocess.run(
        [sys.executable, "-m", "signer", "status"],
        check=True,
        capture_output=True,
        env=environment_of(app_context.settings),
    )
    assert not left.exists()

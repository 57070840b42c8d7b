"""The units for systemd, as systemd itself reads them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pyrage
import pytest

from signer.cli.commands.operations.install import UNITS
from signer.config import Settings
from signer.errors.database import EXIT_DATABASE_REPLACED
from tests.cli.invoking import signer

if TYPE_CHECKING:
    from click.testing import Result


KEY = str(pyrage.x25519.Identity.generate().to_public())
SSH = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHQxHCSyS/5fmlYUNhvVsDMUNsc7rWXKkcfPXyZuVYsF"


def install(
    tmp_path: Path, *arguments: str, backups: tuple[str, ...] = ("--recipient", KEY)
) -> Result:
    settings = Settings(instance=tmp_path / "instance")
    started = ("install", "--systemd", "--user", "root")
    return signer(settings, *started, *backups, *arguments)


def printed_units(done: Result) -> dict[str, str]:
    assert done.exit_code == 0, done.output
    parts = re.split(r"^# (signer-\S+)\n", done.stdout, flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


@pytest.mark.tool("systemd-analyze")
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """Every program, path and word of them is known; it prints nothing."""
    (tmp_path / "settings.env").touch()
    done = install(
        tmp_path,
        *("--output", str(tmp_path), "--settings-file", str(tmp_path / "settings.env")),
    )
    assert done.exit_code == 0, done.output
    assert sorted(path.name for path in tmp_path.glob("signer-*")) == sorted(UNITS)
    command = ["systemd-analyze", "verify", *(str(tmp_path / name) for name in UNITS)]
    verified = subprocess.run(command, capture_output=True, text=True, check=False)
    printed = verified.stdout + verified.stderr
    assert (verified.returncode, printed) == (0, "")


def test_the_units_hold_what_was_asked_for(tmp_path: Path) -> None:
    """Paths, user and port are where they belong; without --output they are printed."""
    done = install(tmp_path, "--bind", "127.0.0.1:8123", "--backups", "/srv/copies")
    units = printed_units(done)
    assert tuple(units) == UNITS
    assert "serve --bind 127.0.0.1:8123\n" in units["signer-serve.service"]
    for name in ("signer-serve.service", "signer-worker.service"):
        text = units[name]
        for line in (
            "User=root",
            f"Environment=SIGNER_INSTANCE={tmp_path / 'instance'}",
            "EnvironmentFile=/etc/signer/settings",
            f"WorkingDirectory={Path.cwd()}",
            f"ReadWritePaths={tmp_path / 'instance'}",
            "Restart=always",
            # Started again, it would take the files in place for the right ones.
            f"RestartPreventExitStatus={EXIT_DATABASE_REPLACED}",
            "TimeoutStopSec=45",
            "NoNewPrivileges=true",
            "ProtectSystem=strict",
            "PrivateTmp=true",
        ):
            assert f"\n{line}\n" in text, line
    backup = units["signer-backup.service"]
    assert "Restart=on-failure" in backup
    name = "$$(date -u +%%Y-%%m-%%dT%%H%%M%%SZ).backup.age"
    assert f'backup "/srv/copies/{name}" --recipient "{KEY}"\'\n' in backup
    assert "OnCalendar=*-*-* 02:30" in units["signer-backup.timer"]


@pytest.mark.parametrize("backups", ["relative", "/var/my backups", "/var/100%"])
def test_a_path_that_systemd_would_misread_is_refused(
    tmp_path: Path, backups: str
) -> None:
    """Before anything is written."""
    done = install(tmp_path, "--output", str(tmp_path), "--backups", backups)
    assert done.exit_code != 0
    assert backups.rsplit("/", maxsplit=1)[-1] in done.stderr
    assert list(tmp_path.glob("signer-*")) == []


def test_backups_are_encrypted_unless_said_otherwise(tmp_path: Path) -> None:
    """Neither a key nor the word for none: nothing is written, and both are named."""
    output = ("--output", str(tmp_path))
    for backups in ((), ("--recipient", KEY, "--plain-backups")):
        done = install(tmp_path, *output, backups=backups)
        assert done.exit_code == 2
        assert "--recipient" in done.stderr
        assert "--plain-backups" in done.stderr
    assert list(tmp_path.glob("signer-*")) == []
    plain = printed_units(install(tmp_path, backups=("--plain-backups",)))
    assert "%%SZ).backup\"'\n" in plain["signer-backup.service"]


def test_an_ssh_key_goes_without_its_comment(tmp_path: Path) -> None:
    """The comment may hold what a shell or systemd would read."""
    comment = """ o'neill $(id) 100%"""
    units = printed_units(install(tmp_path, "--recipient", SSH + comment))
    words = f' --recipient "{KEY}" --recipient "{SSH}"\'\n'
    assert words in units["signer-backup.service"]


def test_what_is_no_public_key_is_refused(tmp_path: Path) -> None:
    """A slip of the pen is found now, and not in the night."""
    backups = ("--recipient", KEY[:-1])
    done = install(tmp_path, "--output", str(tmp_path), backups=backups)
    assert done.exit_code != 0
    assert list(tmp_path.glob("signer-*")) == []

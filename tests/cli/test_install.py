"""The units for systemd, as systemd itself reads them."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from signer.cli.install import UNITS
from signer.config import Settings
from tests.cli.commands import signer

if TYPE_CHECKING:
    from click.testing import Result


def install(tmp_path: Path, *arguments: str) -> Result:
    settings = Settings(instance=tmp_path / "instance")
    return signer(settings, "install", "--systemd", "--user", "root", *arguments)


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
    assert done.exit_code == 0
    parts = re.split(r"^# (signer-\S+)\n", done.stdout, flags=re.MULTILINE)[1:]
    units = dict(zip(parts[::2], parts[1::2], strict=True))
    assert tuple(units) == UNITS
    assert "serve --bind 127.0.0.1:8123\n" in units["signer-serve.service"]
    for name in ("signer-serve.service", "signer-worker.service"):
        text = units[name]
        for line in (
            "User=root",
            "EnvironmentFile=/etc/signer/settings",
            f"WorkingDirectory={Path.cwd()}",
            f"ReadWritePaths={tmp_path / 'instance'}",
            "Restart=always",
            "TimeoutStopSec=45",
            "NoNewPrivileges=true",
            "ProtectSystem=strict",
            "PrivateTmp=true",
        ):
            assert f"\n{line}\n" in text, line
    backup = units["signer-backup.service"]
    assert "Restart=on-failure" in backup
    assert 'backup "/srv/copies/$$(date -u +%%Y-%%m-%%dT%%H%%M%%SZ).backup"' in backup
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

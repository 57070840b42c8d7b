"""The guide's sample means the same to whatever loads it."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from signer.config import Settings, load
from signer.config.safe_start import check_secrets
from signer.errors import SettingsError

if TYPE_CHECKING:
    from collections.abc import Callable
from tests.config.refusal import SECRET, refused
from tests.conftest import REPOSITORY


def sample_settings() -> str:
    """The small production set of the operator's guide."""
    guides = REPOSITORY / "docs" / "guides"
    guide = guides / "operators" / "installing.md"
    after = guide.read_text(encoding="utf-8").partition("A small production set:")[2]
    return after.partition("```sh\n")[2].partition("```")[0]


def loaded_by_a_shell(path: Path) -> dict[str, str]:
    """What a POSIX shell takes from a file of settings."""
    done = subprocess.run(
        ["/bin/sh", "-euc", 'set -a; . "$1"; set +a; exec env -0', "sh", str(path)],
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return dict(line.split("=", 1) for line in done.stdout.split("\0") if line)


def loaded_by_systemd(path: Path) -> dict[str, str]:
    """What systemd takes from it (systemd.exec(5), EnvironmentFile=)."""
    found = {}
    for line in path.read_text(encoding="utf-8").replace("\\\n", "").splitlines():
        stripped = line.strip()
        if not stripped or stripped[0] in "#;" or "=" not in stripped:
            continue
        key, _, value = stripped.partition("=")
        # Quoted as in a shell; outside of quotes a backslash escapes, # does not.
        lexer = shlex.shlex(value.strip(), posix=True)
        lexer.whitespace, lexer.commenters = "", ""
        lexer.whitespace_split = True
        found[key.strip()] = "".join(lexer)
    return found


def loaded_by_a_container(path: Path) -> dict[str, str]:
    """What docker and podman take from it (--env-file): every sign as it is."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return dict(
        line.lstrip().split("=", 1)
        for line in lines
        if line.strip() and not line.lstrip().startswith("#")
    )


LOADERS = [loaded_by_a_shell, loaded_by_systemd, loaded_by_a_container]


@pytest.mark.parametrize("loaded", LOADERS)
def test_the_guides_sample_means_the_same_whoever_loads_it(
    tmp_path: Path, loaded: Callable[[Path], dict[str, str]]
) -> None:
    """A shell, systemd and containers give the settings that the lines say."""
    path = tmp_path / "settings"
    path.write_text(sample_settings(), encoding="utf-8")
    settings = load(loaded(path))
    assert settings == Settings(
        instance=Path("/var/lib/signer"),
        base_url="https://policies.school.example",
        secret_keys=("CHANGE-ME",),
        site_dir=Path("/var/lib/signer/site"),
        seal_passphrase_file=Path("/etc/signer/seal-passphrase"),
        mail_url="smtp://user:password@mail.school.example:587?tls=require",
        mail_from="policies@school.example",
        office_email="office@school.example",
        head_email="head@school.example",
        proxy_hops=1,
    )
    # Whoever leaves it as it stands cannot start with a secret that all the world has.
    with pytest.raises(SettingsError, match="fewer than 32"):
        check_secrets(settings)


def test_what_a_loader_left_in_a_value_is_refused(tmp_path: Path) -> None:
    """The sample of earlier releases, as systemd and containers read it."""
    path = tmp_path / "settings"
    path.write_text(
        f"SIGNER_SECRET_KEYS={SECRET}     # at least 32 random characters\n"
    )
    for loaded in (loaded_by_systemd, loaded_by_a_container):
        error = refused(**loaded(path))
        assert error.key == "SIGNER_SECRET_KEYS"
        assert "comment" in error.problem
        assert SECRET not in str(error)
    path.write_text('SIGNER_MAIL_FROM="School <policies@school.example>"\n')
    assert load(loaded_by_systemd(path)).mail_from.startswith("School <")
    error = refused(**loaded_by_a_container(path))
    assert error.key == "SIGNER_MAIL_FROM"
    assert "quotation marks" in error.problem


def test_a_passphrase_may_hold_any_sign() -> None:
    """One that was chosen before this was looked at goes on opening the keys."""
    for words in ("'quoted'", "four words #4"):
        assert load({"SIGNER_SEAL_PASSPHRASE": words}).seal_passphrase == words

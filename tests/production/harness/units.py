"""The units that `signer install` writes, run as systemd would run them."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.config.test_sample import loaded_by_systemd

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Unit:
    """A service, as its file describes it.

    Attributes:
        user: who it runs as.
        folder: where.
        commands: `ExecStart` and `ExecStartPost`, as words.
        environment: what the settings file sets.
    """

    user: str
    folder: Path
    commands: list[list[str]]
    environment: Mapping[str, str]


def read_unit(text: str) -> Unit:
    """Read what starts it (systemd.service(5), "Command lines")."""
    entries = re.findall(r"^(\w+)=(.*)$", text, re.MULTILINE)
    values = dict(entries)
    commands = [
        shlex.split(value.replace("%%", "%").replace("$$", "$"))
        for key, value in entries
        if key in {"ExecStart", "ExecStartPost"}
    ]
    settings = loaded_by_systemd(Path(values["EnvironmentFile"]))
    return Unit(values["User"], Path(values["WorkingDirectory"]), commands, settings)

"""signer keys log: the key of the public log, for a school that has none yet."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from signer.cli.output import json_option, print_json
from signer.cli.settings import read_settings
from signer.config import Settings
from signer.errors import KeyUnusable, SettingsError
from signer.ledger.log_key import LogKey, new_log_key
from signer.pki.expiry import Role
from signer.pki.pkcs12 import write_new_file
from signer.store import schema
from signer.store.engine import connect
from signer.workflows.log.origins import first_origin, origins

MADE = """\
What to do now:

1. Restart the service and the worker.
2. Back up {name}: it has the passphrase of the seal's key.
3. Give the public key to your auditors, by a second way such as the telephone.
"""


@dataclass(frozen=True, slots=True)
class Described:
    """What there is to say of the log's key.

    Attributes:
        path: its file.
        origin: the name that it signs under.
        verifier: its public half in one line; None where it cannot be read.
        problem: why it cannot be read, as a sentence; None where it can.
    """

    path: str
    origin: str
    verifier: str | None
    problem: str | None

    @property
    def document(self) -> dict[str, Any]:
        """The same for programs, shaped as the certificates are."""
        return {
            "role": Role.LOG.value,
            "path": self.path,
            "name": self.origin,
            "sha256": None,
            "begins": None,
            "ends": None,
            "days_left": None,
            "vkey": self.verifier,
            "warning": self.problem is not None,
        }


@click.command("log")
@json_option
def log_key(*, as_json: bool) -> None:
    """Make the key of the public log, where there is none yet."""
    settings = read_settings()
    passphrase = settings.passphrase()
    if not passphrase:
        raise SettingsError(
            "SIGNER_SEAL_PASSPHRASE",
            "is missing: the log's key has the same passphrase as the seal's",
        )
    path = settings.log_key_path
    write_new_file(path, new_log_key(passphrase))
    verifier = verifier_line(settings, path)
    if as_json:
        print_json({"log_key": str(path), "log_vkey": verifier})
        return
    click.echo(f"{path}\n  public key {verifier}\n")
    click.echo(MADE.format(name=path.name), nl=False)


def verifier_line(settings: Settings, path: Path) -> str:
    """The public key of the log in one line, under the name that it signs now.

    Raises:
        KeyUnusable: the key cannot be read.
    """
    key = LogKey.load(path, settings.passphrase())
    return str(key.signer(_origin(settings)).verifier)


def described(settings: Settings) -> Described:
    """What there is to say of the log's key."""
    path = settings.log_key_path
    verifier = problem = None
    try:
        verifier = verifier_line(settings, path)
    except KeyUnusable as error:
        problem = (
            f"The log's key {error.path} {error.problem}. Until then the public log "
            "is not signed, and receipts go without their proof."
        )
    return Described(str(path), _origin(settings), verifier, problem)


def _origin(settings: Settings) -> str:
    """The name that the log is signed under, as far as there is a database."""
    sessions = connect(settings.database)
    with closing(sessions):
        if not schema.is_there(sessions.engine):
            return first_origin(settings)
        with sessions.reading() as session:
            known = origins(session)
            return known[-1].origin if known else first_origin(settings)

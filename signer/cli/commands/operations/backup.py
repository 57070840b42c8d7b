"""signer backup, signer restore: the whole record in one file."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from signer.cli.context import make_instance
from signer.cli.output import as_document, json_option, print_json, progress
from signer.cli.settings import read_settings
from signer.i18n import counted
from signer.store.engine import connect
from signer.workflows.backup.create import BackedUp, back_up
from signer.workflows.backup.encryption import read_recipients
from signer.workflows.backup.restore import restore as put_back
from signer.workflows.backup.seen import note_backup

file_argument = click.argument("file", type=click.Path(dir_okay=False, path_type=Path))


@click.command()
@file_argument
@json_option
@click.option(
    "--recipient",
    "keys",
    metavar="KEY",
    multiple=True,
    help="Encrypt it to this public key, age1… or ssh-…. Can be repeated.",
)
def backup(file: Path, *, as_json: bool, keys: tuple[str, ...]) -> None:
    """Write all records to one new FILE. The service can run at the same time.

    It contains personal data, but no keys or secrets: those are kept separately.
    """
    recipients = read_recipients(keys)
    with (
        closing(connect(read_settings().database)) as sessions,
        progress("Backing up") as show,
    ):
        done = back_up(sessions, file, recipients=recipients, progress=show)
        note_backup(sessions, file, recipients)
    _tell(file, done, "Backed up", as_json=as_json)


@click.command()
@file_argument
@json_option
@click.option(
    "--identity",
    metavar="KEYFILE",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file with the private key, if the backup is encrypted.",
)
def restore(file: Path, *, as_json: bool, identity: Path | None) -> None:
    """Put the records of a backup FILE into an empty database.

    The database can be of a different kind from the one that was backed up.
    """
    settings = read_settings()
    make_instance(settings)
    with (
        closing(connect(settings.database)) as sessions,
        progress("Restoring") as show,
    ):
        done = put_back(sessions, file, identity=identity, progress=show)
    _tell(file, done, "Restored", as_json=as_json)
    if not as_json:
        click.echo(
            "Now run `signer log check --held FILE` with the newest checkpoint that "
            "anyone has: it shows whether anything was signed after this backup "
            "was made, which the log would have to admit."
        )


def _tell(file: Path, done: BackedUp, verb: str, *, as_json: bool) -> None:
    if as_json:
        print_json({"file": str(file), **as_document(done)})
        return
    rows = sum(done.rows.values())
    click.echo(
        f"{verb}: {counted(rows, 'row')}, including "
        f"{counted(done.rows['declaration'], 'declaration')} and "
        f"{counted(done.entries, 'entry', 'entries')} of the log "
        f"({done.bytes / 1_000_000:.1f} MB)."
    )

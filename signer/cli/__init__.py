"""The command line: parse, call one workflow, show."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from signer.cli.lazy import Lazy, LazyCommands, LazyGroup, missing
from signer.errors import SignerError

_COMMANDS = "signer.cli.commands"

COMMANDS = {
    "archive": Lazy(
        f"{_COMMANDS}.operations.archive:archive",
        "Make and renew the archive copies of declarations (PAdES B-LTA).",
    ),
    "ask": Lazy(
        f"{_COMMANDS}.ask:ask",
        "Ask every parent who has not signed the version in force.",
    ),
    "audit": Lazy(
        f"{_COMMANDS}.audit:audit",
        "Evidence for people outside: made here, checked anywhere.",
    ),
    "backup": Lazy(
        f"{_COMMANDS}.operations.backup:backup",
        "Write all records to one new FILE.",
    ),
    "bounces": Lazy(
        f"{_COMMANDS}.mailing.bounces:bounces",
        "Mails that came back after the mail server had accepted them.",
    ),
    "check": Lazy(
        f"{_COMMANDS}.operations.check:check",
        "Compare requests, declarations, PDFs, log, mail and files with each other.",
    ),
    "db": Lazy(f"{_COMMANDS}.operations.db:db", "The database."),
    "demo": Lazy(
        f"{_COMMANDS}.demo:demo",
        "Everything on this machine with example people: what `make run` starts.",
    ),
    "desk": Lazy(
        f"{_COMMANDS}.desk.command:desk",
        "Who may sign in at the desk, where staff do their work in the browser.",
    ),
    "disputes": Lazy(
        f"{_COMMANDS}.disputes:disputes",
        "Mails that are said to have reached the wrong person.",
    ),
    "doctor": Lazy(
        f"{_COMMANDS}.operations.doctor:doctor",
        "Check settings, public address, mail, keys and records.",
    ),
    "install": Lazy(
        f"{_COMMANDS}.operations.install:install",
        "Write the units that make systemd run service, worker and backups.",
    ),
    "keys": Lazy(
        f"{_COMMANDS}.keys.init:keys",
        "The school's authority, its seal and the log's key.",
    ),
    "exempt": Lazy(f"{_COMMANDS}.exempt:exempt", "Parents who need not sign, and why."),
    "languages": Lazy(
        f"{_COMMANDS}.languages:languages",
        "The languages of the pages, and what is missing from a translation.",
    ),
    "log": Lazy(
        f"{_COMMANDS}.log.command:log",
        "The public log, with an entry for each declaration.",
    ),
    "mail": Lazy(
        f"{_COMMANDS}.mailing.mail:mail",
        "Look at mails that were not accepted, and send them again.",
    ),
    "parent": Lazy(
        f"{_COMMANDS}.parent:parent",
        "One parent: find, correct or erase them, send a new link, export their data.",
    ),
    "paper": Lazy(
        f"{_COMMANDS}.paper:paper",
        "Declarations signed by hand: a form to print, undoing a record of one.",
    ),
    "record-paper": Lazy(
        f"{_COMMANDS}.paper:record_paper",
        "Record a declaration that a parent signed by hand.",
    ),
    "register": Lazy(
        f"{_COMMANDS}.register.command:register", "Parents, carers and their children."
    ),
    "release": Lazy(
        f"{_COMMANDS}.release:release",
        "Make the draft the next version of the text.",
    ),
    "remind": Lazy(
        f"{_COMMANDS}.remind:remind",
        "Remind every parent who is due for it and has not answered.",
    ),
    "restore": Lazy(
        f"{_COMMANDS}.operations.backup:restore",
        "Put the records of a backup FILE into an empty database.",
    ),
    "retention": Lazy(
        f"{_COMMANDS}.retention:retention",
        "Show how long data is kept, and what the worker deletes next.",
    ),
    "review": Lazy(
        f"{_COMMANDS}.review:review",
        "Record a review that did not change the text.",
    ),
    "serve": Lazy(f"{_COMMANDS}.operations.serve:serve", "Serve parents over HTTP."),
    "staff": Lazy(
        f"{_COMMANDS}.staff.command:staff",
        "Teachers, who are told of each release and sign nothing.",
    ),
    "status": Lazy(
        f"{_COMMANDS}.status.command:status",
        "Show who has been asked to sign which version, and what they answered.",
    ),
    "verify": Lazy(
        f"{_COMMANDS}.verify.command:verify",
        "Check declarations: unchanged, sealed by whom, over which text.",
    ),
    "versions": Lazy(
        f"{_COMMANDS}.versions:versions", "The released versions, oldest first."
    ),
    "worker": Lazy(
        f"{_COMMANDS}.operations.worker:worker",
        "Seal what is signed, send what is in the outbox, follow releases.",
    ),
}
"""Every command, with the first sentence of its help: a test compares the two."""

_DATABASE = """\
The database could not be used ({kind}). Check SIGNER_DATABASE_URL, that the database \
answers and can be written, and that the disk has room."""


class _Signer(LazyGroup):
    """Words every refusal for people, in one place."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        from signer.correlation import correlated  # noqa: PLC0415 - as below
        from signer.errors import SignerError  # noqa: PLC0415 - help needs none of it

        try:
            with correlated():
                return super().invoke(ctx)
        except SignerError as error:
            raise _refusal(error) from error
        except ModuleNotFoundError as error:
            raise missing(error) from error
        except Exception as error:
            # SQLAlchemy is loaded where one of its errors was raised.
            errors = sys.modules.get("sqlalchemy.exc")
            if errors is None or not isinstance(error, errors.SQLAlchemyError):
                raise
            kind = type(error).__name__
            raise click.ClickException(_DATABASE.format(kind=kind)) from error


def _refusal(error: SignerError) -> click.ClickException:
    from signer.cli.error_messages import sentence  # noqa: PLC0415 - as above
    from signer.errors import (  # noqa: PLC0415 - as above
        EXIT_DATABASE_REPLACED,
        DatabaseReplaced,
    )

    class Replaced(click.ClickException):
        """Whoever starts processes again knows by its code to leave this one alone."""

        exit_code = EXIT_DATABASE_REPLACED

    refusal = Replaced if isinstance(error, DatabaseReplaced) else click.ClickException
    return refusal(sentence(error))


@click.group(
    cls=_Signer,
    commands=LazyCommands(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"]},
)
@click.version_option(package_name="signer")
@click.option(
    "--config",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of settings. [default: SIGNER_CONFIG, or the instance's signer.toml]",
)
@click.option(
    "--instance",
    metavar="FOLDER",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of the database and the keys. [default: SIGNER_INSTANCE]",
)
def main(config: Path | None, instance: Path | None) -> None:
    """A policy that every parent reads and signs, again, each time it changes.

    Settings come from the environment and from what is named here. Nothing is read from
    the folder that a command is typed in.
    """
    # Whichever command follows asks for them: see signer.cli.settings.
    del config, instance

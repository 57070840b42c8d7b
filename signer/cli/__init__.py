"""The command line: parse, call one workflow, show."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.exc import SQLAlchemyError

from signer.cli.commands.ask import ask, record_paper
from signer.cli.commands.audit import audit
from signer.cli.commands.demo import demo
from signer.cli.commands.keys.init import keys
from signer.cli.commands.languages import languages
from signer.cli.commands.log.command import log
from signer.cli.commands.mailing.bounces import bounces
from signer.cli.commands.mailing.mail import mail
from signer.cli.commands.operations.backup import backup, restore
from signer.cli.commands.operations.check import check
from signer.cli.commands.operations.db import db
from signer.cli.commands.operations.doctor import doctor
from signer.cli.commands.operations.install import install
from signer.cli.commands.operations.serve import serve, worker
from signer.cli.commands.parent import parent
from signer.cli.commands.register import register
from signer.cli.commands.release import release
from signer.cli.commands.remind import remind
from signer.cli.commands.review import review
from signer.cli.commands.status.command import status
from signer.cli.commands.verify.command import verify
from signer.cli.commands.versions import versions
from signer.cli.error_messages import sentence
from signer.correlation import correlated
from signer.errors import EXIT_DATABASE_REPLACED, DatabaseReplaced, SignerError


class _DatabaseReplaced(click.ClickException):
    """Whoever starts processes again knows by its code to leave this one alone."""

    exit_code = EXIT_DATABASE_REPLACED


class _Signer(click.Group):
    """Words every refusal for people, in one place."""

    def invoke(self, ctx: click.Context) -> Any:  # noqa: ANN401 - click's own signature
        try:
            with correlated():
                return super().invoke(ctx)
        except SignerError as error:
            replaced = isinstance(error, DatabaseReplaced)
            refusal = _DatabaseReplaced if replaced else click.ClickException
            raise refusal(sentence(error)) from error
        except SQLAlchemyError as error:
            raise click.ClickException(
                f"The database could not be used ({type(error).__name__}). Check "
                "SIGNER_DATABASE_URL, that the database answers and can be written, "
                "and that the disk has room."
            ) from error


@click.group(cls=_Signer, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="signer")
def main() -> None:
    """A policy that every parent reads and signs, again, each time it changes."""


for _command in (
    demo,
    install,
    serve,
    worker,
    db,
    backup,
    restore,
    keys,
    log,
    register,
    versions,
    release,
    review,
    ask,
    record_paper,
    remind,
    mail,
    parent,
    status,
    bounces,
    check,
    doctor,
    languages,
    verify,
    audit,
):
    main.add_command(_command)

"""signer db: the tables."""

from __future__ import annotations

import click
from sqlalchemy.exc import SQLAlchemyError

from signer.cli.context import make_instance
from signer.cli.settings import read_settings
from signer.errors import StoreError
from signer.store import schema
from signer.store.engine import connect


@click.group()
def db() -> None:
    """The database."""


@db.command()
def upgrade() -> None:
    """Create the tables, or bring them to this release."""
    settings = read_settings()
    make_instance(settings)
    sessions = connect(settings.database)
    try:
        schema.upgrade(sessions.engine)
    except SQLAlchemyError as error:
        raise StoreError(
            "the database cannot be upgraded; check SIGNER_DATABASE_URL and that its "
            f"file can be read and written ({error.__class__.__name__})"
        ) from error
    finally:
        sessions.close()
    click.echo("The database is ready.")

"""Alembic's entry: runs the migrations on the connection it is given."""

from alembic import context

from signer.store import log_tables  # noqa: F401 - its tables are part of the models
from signer.store.tables import Base

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Base.metadata,
    compare_type=True,
    # SQLite changes a table by making it again.
    render_as_batch=connection.dialect.name == "sqlite",
)
with context.begin_transaction():
    context.run_migrations()

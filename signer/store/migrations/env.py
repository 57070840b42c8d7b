"""Alembic's entry: runs the migrations on the connection it is given.

Each migration says by ``compatible`` whether processes of the release before may go on
using the database after it, while the new release is started beside them. It is True
only where the migration adds, and an older process loses nothing:

- new tables, and new columns that may be empty or have a default of the server's;
- nothing renamed, removed, narrowed, or given another meaning;
- no value in an old column that an older process cannot read, such as a further status;
- nothing personal in a new place, for an older process would not erase it there.

In doubt it is False, which is also what a migration means that says nothing: then older
processes refuse the database, by name, until they are replaced. `signer backup` wants
the exact schema in any case.
"""

from alembic import context

from signer.store import retention, transient  # noqa: F401 - its tables are part of the models
from signer.store.archive_copies import tables as copies  # noqa: F401 - as above
from signer.store.campaigns import plans, staff  # noqa: F401 - likewise
from signer.store.draft import tables as draft  # noqa: F401 - as above
from signer.store.exemption import tables as exemption  # noqa: F401 - as above
from signer.store.log import tables  # noqa: F401 - as above
from signer.store.paper import tables as paper  # noqa: F401 - as above
from signer.store.register import tables as _  # noqa: F401 - likewise
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

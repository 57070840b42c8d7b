"""That somebody who has a parent's link says that they are not the parent."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None
# A process of the release before sends mail that should wait, and shows what it
# showed: it loses nothing, and nothing is lost by it.
compatible = True


def upgrade() -> None:
    op.add_column("note", sa.Column("disputed_key", sa.String(254), nullable=True))
    op.add_column(
        "note", sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("note", sa.Column("settled_by", sa.String(200), nullable=True))
    op.create_index("ix_note_disputed_key", "note", ["disputed_key"])


def downgrade() -> None:
    op.drop_index("ix_note_disputed_key", "note")
    for column in ("settled_by", "settled_at", "disputed_key"):
        op.drop_column("note", column)

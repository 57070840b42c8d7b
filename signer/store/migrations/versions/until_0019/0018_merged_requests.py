"""Which request an earlier asking was, where two of one parent were merged."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
# A process of the release before leaves both empty: it merges nobody.
compatible = True


def upgrade() -> None:
    op.add_column("earlier_ask", sa.Column("ref", sa.String(32), nullable=True))
    op.add_column(
        "earlier_ask",
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.create_index("ix_earlier_ask_ref", "earlier_ask", ["ref"])


def downgrade() -> None:
    op.drop_index("ix_earlier_ask_ref", "earlier_ask")
    for column in ("opened_at", "ref"):
        op.drop_column("earlier_ask", column)

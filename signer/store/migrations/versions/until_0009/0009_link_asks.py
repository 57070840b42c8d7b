"""Who asked for a new link: kept, unreadable, until the worker has looked."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "link_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.LargeBinary(), nullable=False),
        sa.Column("correlation_id", sa.String(14), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_ask")),
    )


def downgrade() -> None:
    op.drop_table("link_ask")

"""Correlation ids of declarations and mails; heartbeats of the workers."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("declaration", "outbox"):
        op.add_column(table, sa.Column("correlation_id", sa.String(14), nullable=True))
    op.create_table(
        "heartbeat",
        sa.Column("worker", sa.String(32), nullable=False),
        sa.Column("lane", sa.String(32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("host", sa.String(255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("version", sa.String(64), nullable=False),
        sa.PrimaryKeyConstraint("worker", "lane", name=op.f("pk_heartbeat")),
    )


def downgrade() -> None:
    op.drop_table("heartbeat")
    for table in ("outbox", "declaration"):
        op.drop_column(table, "correlation_id")

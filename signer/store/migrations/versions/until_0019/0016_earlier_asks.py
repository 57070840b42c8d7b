"""When requests were open before, and withdrawn, whose parents left and came back."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None
# What is new of a request goes with its row, whoever deletes that.
compatible = True


def upgrade() -> None:
    op.create_table(
        "earlier_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["request.id"],
            name=op.f("fk_earlier_ask_request_id_request"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_earlier_ask")),
    )
    op.create_index("ix_earlier_ask_request_id", "earlier_ask", ["request_id"])


def downgrade() -> None:
    op.drop_table("earlier_ask")

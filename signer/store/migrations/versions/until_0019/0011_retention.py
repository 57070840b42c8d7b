"""Whose data is held past its time, and what was deleted when its time was over."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What is new of a person goes with the parent's row, whoever deletes that.
compatible = True


def upgrade() -> None:
    op.create_table(
        "retention_hold",
        sa.Column("parent_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("held_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent.id"],
            name=op.f("fk_retention_hold_parent_id_parent"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("parent_id", name=op.f("pk_retention_hold")),
    )
    op.create_table(
        "retention_deletion",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_retention_deletion")),
    )
    op.create_index(
        "ix_retention_deletion_deleted_at", "retention_deletion", ["deleted_at"]
    )


def downgrade() -> None:
    op.drop_table("retention_deletion")
    op.drop_table("retention_hold")

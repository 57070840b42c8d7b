"""When each parent was in the register, also of those who left and came back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "membership",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("joined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent.id"],
            name="fk_membership_parent_id_parent",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_membership"),
    )
    op.create_index(
        "ix_membership_parent_id", "membership", ["parent_id"], unique=False
    )
    op.execute(
        "INSERT INTO membership (parent_id, joined_at, left_at) "
        "SELECT id, added_at, left_at FROM parent"
    )


def downgrade() -> None:
    op.drop_table("membership")

"""What is checked before the first parent is asked."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
# Nothing of before is in these tables, and nothing of before needs them.
compatible = True

KINDS = ("sent", "confirmed", "set_aside", "taken_up")


def upgrade() -> None:
    op.create_table(
        "checklist_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                *KINDS,
                native_enum=False,
                length=32,
                name="entrykind",
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("mark", sa.String(64), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checklist_entry")),
    )
    op.create_table(
        "checklist_result",
        sa.Column("item", sa.String(32), nullable=False),
        sa.Column("passed", sa.Boolean(), nullable=False),
        sa.Column("found", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_checklist_result")),
    )
    op.create_table(
        "backup_made",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("encrypted", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_backup_made")),
    )


def downgrade() -> None:
    for table in ("backup_made", "checklist_result", "checklist_entry"):
        op.drop_table(table)

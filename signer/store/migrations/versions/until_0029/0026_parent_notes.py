"""What staff note about a parent."""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
# A note goes with the parent's row, whoever deletes that.
compatible = True


def upgrade() -> None:
    op.create_table(
        "parent_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_by", sa.String(200), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent.id"],
            name=op.f("fk_parent_note_parent_id_parent"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_parent_note")),
    )
    op.create_index("ix_parent_note_parent_id", "parent_note", ["parent_id"])


def downgrade() -> None:
    op.drop_table("parent_note")

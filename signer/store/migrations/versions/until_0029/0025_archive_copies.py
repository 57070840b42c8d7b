"""The archive copy of each declaration."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
# What is new of a declaration goes with its row, whoever deletes that.
compatible = True


def upgrade() -> None:
    op.create_table(
        "archive_copy",
        sa.Column("declaration_id", sa.String(32), nullable=False),
        sa.Column("addition", sa.LargeBinary(), nullable=True),
        sa.Column("sha256", sa.String(64), nullable=True),
        sa.Column("timestamps", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["declaration_id"],
            ["declaration.id"],
            name=op.f("fk_archive_copy_declaration_id_declaration"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("declaration_id", name=op.f("pk_archive_copy")),
    )


def downgrade() -> None:
    op.drop_table("archive_copy")

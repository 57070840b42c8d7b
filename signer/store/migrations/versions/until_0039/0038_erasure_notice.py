"""Notices to parents who were erased, until they are mailed."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
# Nothing of before needs the table.
compatible = True


def upgrade() -> None:
    op.create_table(
        "erasure_notice",
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("ref", name=op.f("pk_erasure_notice")),
    )


def downgrade() -> None:
    op.drop_table("erasure_notice")

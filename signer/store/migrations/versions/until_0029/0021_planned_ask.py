"""Days and hours at which parents are to be asked."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
# A worker of the release before knows no plan, and asks once a release is published:
# plan when every process is of this one.
compatible = True


def upgrade() -> None:
    op.create_table(
        "planned_ask",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("send_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("planned_by", sa.String(200), nullable=False),
        sa.Column("called_off_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("called_off_by", sa.String(200), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_planned_ask")),
    )
    op.create_index("ix_planned_ask_version_number", "planned_ask", ["version_number"])


def downgrade() -> None:
    op.drop_table("planned_ask")

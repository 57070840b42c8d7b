"""How many new links were asked for lately, from each network and in all."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
# A table of its own, of which the processes of before know nothing.
compatible = True


def upgrade() -> None:
    op.create_table(
        "link_ask_pace",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("whole_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_link_ask_pace")),
    )


def downgrade() -> None:
    op.drop_table("link_ask_pace")

"""What the school said that headings of its register files mean."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None
# A process of the release before reads no such headings, as it always did.
compatible = True


def upgrade() -> None:
    op.create_table(
        "register_column",
        sa.Column("heading", sa.String(200), nullable=False),
        sa.Column("meaning", sa.String(60), nullable=False),
        sa.PrimaryKeyConstraint("heading", name=op.f("pk_register_column")),
    )


def downgrade() -> None:
    op.drop_table("register_column")

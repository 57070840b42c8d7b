"""What was done to publish a release, and what came of it."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None
# Processes of the release before neither read nor write it.
compatible = True

_NAMES = ("written", "committed", "pushed", "hook", "site", "shown")


def upgrade() -> None:
    op.create_table(
        "release_step",
        sa.Column("subject", sa.String(40), nullable=False),
        sa.Column(
            "name",
            sa.Enum(
                *_NAMES,
                name="stepname",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "name", name=op.f("pk_release_step")),
    )


def downgrade() -> None:
    op.drop_table("release_step")

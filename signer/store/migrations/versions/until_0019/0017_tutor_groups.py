"""A child's tutor group, and its year group as the register file has it."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
# A process of the release before leaves both empty, as a file without them does.
compatible = True


def upgrade() -> None:
    for column in ("written_year_group", "tutor_group"):
        op.add_column("child", sa.Column(column, sa.String(200), nullable=True))


def downgrade() -> None:
    for column in ("tutor_group", "written_year_group"):
        op.drop_column("child", column)

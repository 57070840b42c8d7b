"""What the comparison of a register file found, kept with the file."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None
# Who knows nothing of it compares anew, and deletes it with the file.
compatible = True


def upgrade() -> None:
    op.add_column("register_upload", sa.Column("compared_with", sa.String(64)))
    op.add_column("register_upload", sa.Column("comparison", sa.Text()))


def downgrade() -> None:
    op.drop_column("register_upload", "comparison")
    op.drop_column("register_upload", "compared_with")

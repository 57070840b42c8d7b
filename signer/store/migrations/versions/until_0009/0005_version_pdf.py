"""The sealed PDF of each released version."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Said in SQL: through Alembic, SQLite would make the table again, and other rows
    # refer to it.
    op.execute(
        "ALTER TABLE version ADD COLUMN pdf_sha256 VARCHAR(64) "
        "CONSTRAINT fk_version_pdf_sha256_pdf REFERENCES pdf (sha256)"
    )
    op.add_column(
        "version", sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True)
    )
    op.add_column("version", sa.Column("level", sa.String(16), nullable=True))
    op.add_column("version", sa.Column("seal_problem", sa.Text(), nullable=True))


def downgrade() -> None:
    for column in ("seal_problem", "level", "sealed_at", "pdf_sha256"):
        op.drop_column("version", column)

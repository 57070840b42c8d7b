"""PDFs kept small beside what those of their version share."""

import sqlalchemy as sa
from alembic import op

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None
# A process of the release before would take a compressed PDF for the PDF itself.
compatible = False


def upgrade() -> None:
    op.create_table(
        "pdf_dictionary",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_pdf_dictionary")),
    )
    # PDFs of before stay as they are: there may be gigabytes of them.
    op.add_column("pdf", sa.Column("size", sa.Integer(), nullable=True))
    column = sa.Column("dictionary_sha256", sa.String(64), nullable=True)
    if op.get_bind().dialect.name == "sqlite":
        # SQLite adds a column with its reference, and a constraint not at all.
        op.execute(
            "ALTER TABLE pdf ADD COLUMN dictionary_sha256 VARCHAR(64) "
            "CONSTRAINT fk_pdf_dictionary_sha256_pdf_dictionary "
            "REFERENCES pdf_dictionary (sha256)"
        )
        return
    op.add_column("pdf", column)
    op.create_foreign_key(
        op.f("fk_pdf_dictionary_sha256_pdf_dictionary"),
        "pdf",
        "pdf_dictionary",
        ["dictionary_sha256"],
        ["sha256"],
    )


def downgrade() -> None:
    with op.batch_alter_table("pdf") as batch:
        batch.drop_column("dictionary_sha256")
        batch.drop_column("size")
    op.drop_table("pdf_dictionary")

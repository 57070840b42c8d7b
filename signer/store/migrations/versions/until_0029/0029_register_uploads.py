"""Register files between the steps of their import."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
# A file tells of people: a process of the release before would not erase it here.
compatible = False


def upgrade() -> None:
    op.create_table(
        "register_upload",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("answers", sa.Text(), nullable=False),
        sa.Column("applied_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["desk_account.id"],
            name=op.f("fk_register_upload_account_id_desk_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_register_upload")),
        sa.UniqueConstraint("ref", name=op.f("uq_register_upload_ref")),
    )
    op.create_index("ix_register_upload_account_id", "register_upload", ["account_id"])


def downgrade() -> None:
    op.drop_table("register_upload")

"""Who wants no weekly digest, and the secret addresses of calendars."""

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
# Nothing of before is in these tables, and nothing of before needs them.
compatible = True


def upgrade() -> None:
    op.create_table(
        "digest_refusal",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("refused_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["desk_account.id"],
            name=op.f("fk_digest_refusal_account_id_desk_account"),
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_digest_refusal")),
    )
    op.create_table(
        "calendar_address",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["desk_account.id"],
            name=op.f("fk_calendar_address_account_id_desk_account"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_address")),
        sa.UniqueConstraint(
            "fingerprint", name=op.f("uq_calendar_address_fingerprint")
        ),
    )
    op.create_index(
        "ix_calendar_address_account_id", "calendar_address", ["account_id"]
    )


def downgrade() -> None:
    for table in ("calendar_address", "digest_refusal"):
        op.drop_table(table)

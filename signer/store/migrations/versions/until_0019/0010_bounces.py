"""Mails that came back, and how reading their mailbox went."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_outbox_message_ref", "outbox", ["message_ref"])
    op.create_table(
        "bounce",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("outbox_id", sa.Integer(), nullable=False),
        sa.Column("event_sha256", sa.String(64), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=True),
        sa.Column(
            "finality",
            sa.Enum(
                "permanent",
                "passing",
                "operator",
                name="finality",
                native_enum=False,
                length=32,
                create_constraint=True,
            ),
            nullable=False,
        ),
        sa.Column("status", sa.String(16), nullable=False),
        sa.Column("diagnostic", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("lifted_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["outbox_id"],
            ["outbox.id"],
            name=op.f("fk_bounce_outbox_id_outbox"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bounce")),
        sa.UniqueConstraint(
            "outbox_id", "event_sha256", name=op.f("uq_bounce_outbox_id")
        ),
    )
    op.create_index("ix_bounce_email_key", "bounce", ["email_key"])
    op.create_table(
        "mailbox_state",
        sa.Column("mailbox", sa.String(32), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("mailbox", name=op.f("pk_mailbox_state")),
    )


def downgrade() -> None:
    op.drop_table("mailbox_state")
    op.drop_table("bounce")
    op.drop_index("ix_outbox_message_ref", "outbox")

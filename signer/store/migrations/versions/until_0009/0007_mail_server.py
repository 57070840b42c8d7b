"""What is known of the mail server, its pace, and the rank and fate of each mail."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_RANKS = {
    0: ("receipt", "new_link", "acknowledgement"),
    1: (
        "office_decline",
        "office_question",
        "office_not_me",
        "office_paper",
        "office_refused",
        "head_alarm",
        "head_review",
    ),
    3: ("remind", "witness"),
}


def upgrade() -> None:
    op.create_table(
        "mail_server",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("paused_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("scope", sa.String(16), nullable=True),
        sa.Column("counted", sa.Text(), nullable=True),
        sa.Column("in_a_row", sa.Integer(), nullable=False),
        sa.Column("last_mail", sa.Integer(), nullable=True),
        sa.Column("pauses", sa.Integer(), nullable=False),
        sa.Column("alarmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_server")),
    )
    op.create_table(
        "mail_pace",
        sa.Column("name", sa.String(254), nullable=False),
        sa.Column("free_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_mail_pace")),
    )
    # What an older process queues meanwhile goes with the campaigns.
    op.add_column(
        "outbox",
        sa.Column("rank", sa.SmallInteger(), server_default="2", nullable=False),
    )
    op.add_column("outbox", sa.Column("trouble", sa.String(16), nullable=True))
    for name in ("tried_at", "gave_up_at"):
        op.add_column(
            "outbox", sa.Column(name, sa.DateTime(timezone=True), nullable=True)
        )
    outbox = sa.table(
        "outbox", sa.column("kind", sa.String), sa.column("rank", sa.SmallInteger)
    )
    for rank, kinds in _RANKS.items():
        op.execute(sa.update(outbox).where(outbox.c.kind.in_(kinds)).values(rank=rank))
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index("ix_outbox_due", "outbox", ["delivery", "rank", "due_at"])


def downgrade() -> None:
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index("ix_outbox_due", "outbox", ["delivery", "due_at"])
    for name in ("gave_up_at", "tried_at", "trouble", "rank"):
        op.drop_column("outbox", name)
    op.drop_table("mail_pace")
    op.drop_table("mail_server")

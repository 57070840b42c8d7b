"""The desk: accounts, ways in, sessions, and what was done."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
# A worker of the release before forgets what is asked for at the desk: whoever asked
# has no mail, and asks again.
compatible = True

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "desk_account",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("email_key", sa.String(254), nullable=False),
        sa.Column("role", sa.String(32), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("removed_at", _MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_account")),
        sa.UniqueConstraint("ref", name=op.f("uq_desk_account_ref")),
        sa.UniqueConstraint("email_key", name=op.f("uq_desk_account_email_key")),
    )
    op.create_table(
        "desk_passkey",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("credential_id", sa.LargeBinary(), nullable=False),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column("sign_count", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("added_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        _to_account("desk_passkey"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_passkey")),
        sa.UniqueConstraint(
            "credential_id", name=op.f("uq_desk_passkey_credential_id")
        ),
    )
    op.create_index("ix_desk_passkey_account_id", "desk_passkey", ["account_id"])
    op.create_table(
        "desk_sign_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("made_at", _MOMENT, nullable=False),
        sa.Column("expires_at", _MOMENT, nullable=False),
        sa.Column("used_at", _MOMENT, nullable=True),
        _to_account("desk_sign_in"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_sign_in")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_desk_sign_in_fingerprint")),
    )
    op.create_index("ix_desk_sign_in_account_id", "desk_sign_in", ["account_id"])
    op.create_table(
        "desk_session",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("way", sa.String(16), nullable=False),
        sa.Column("began_at", _MOMENT, nullable=False),
        sa.Column("ended_at", _MOMENT, nullable=True),
        _to_account("desk_session"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_session")),
        sa.UniqueConstraint("fingerprint", name=op.f("uq_desk_session_fingerprint")),
    )
    op.create_index("ix_desk_session_account_id", "desk_session", ["account_id"])
    op.create_table(
        "desk_action",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("action", sa.String(64), nullable=False),
        sa.Column("subject", sa.String(100), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("correlation_id", sa.String(14), nullable=True),
        _to_account("desk_action"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_action")),
    )
    for column in ("account_id", "at", "subject"):
        op.create_index(f"ix_desk_action_{column}", "desk_action", [column])
    op.add_column(
        "link_ask",
        sa.Column("to_desk", sa.Boolean(), server_default=sa.false(), nullable=False),
    )


def _to_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["desk_account.id"],
        name=op.f(f"fk_{table}_account_id_desk_account"),
    )


def downgrade() -> None:
    with op.batch_alter_table("link_ask") as batch:
        batch.drop_column("to_desk")
    for table in (
        *("desk_action", "desk_session", "desk_sign_in", "desk_passkey"),
        "desk_account",
    ):
        op.drop_table(table)

"""The draft that is written at the desk: revisions, review, comments."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
# Processes of the release before know nothing of a draft, and touch none.
compatible = True

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "draft_revision",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("based_on", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(32), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("saved_at", _MOMENT, nullable=False),
        _to_account("draft_revision"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_draft_revision")),
        sa.CheckConstraint(
            "source IN ('typed', 'uploaded', 'restored', 'started_again')",
            name=op.f("ck_draft_revision_draftsource"),
        ),
    )
    op.create_table(
        "draft_unsaved",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("typed_at", _MOMENT, nullable=False),
        _to_account("draft_unsaved"),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_draft_unsaved")),
    )
    op.create_table(
        "draft_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(32), nullable=False),
        sa.Column("draft_sha256", sa.String(64), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("by", sa.String(200), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _to_account("draft_step"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_step")),
        sa.CheckConstraint(
            "kind IN ('requested', 'approved', 'changes')",
            name=op.f("ck_draft_step_draftstepkind"),
        ),
    )
    op.create_index("ix_draft_step_draft_sha256", "draft_step", ["draft_sha256"])
    op.create_table(
        "draft_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("passage", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("at", _MOMENT, nullable=False),
        sa.Column("settled_at", _MOMENT, nullable=True),
        sa.Column("settled_by", sa.String(200), nullable=True),
        _to_account("draft_comment"),
        sa.ForeignKeyConstraint(
            ["revision"],
            ["draft_revision.number"],
            name=op.f("fk_draft_comment_revision_draft_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_draft_comment")),
    )


def downgrade() -> None:
    for table in ("draft_comment", "draft_step", "draft_unsaved", "draft_revision"):
        op.drop_table(table)


def _to_account(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["account_id"],
        ["desk_account.id"],
        name=op.f(f"fk_{table}_account_id_desk_account"),
    )

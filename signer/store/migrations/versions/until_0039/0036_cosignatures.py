"""Cosignatures of witnesses, heads that contradict the log, and the file outside."""

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None
# Nothing of before deletes a head, or needs the tables.
compatible = True


def upgrade() -> None:
    op.create_table(
        "cosignature",
        sa.Column("checkpoint_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("line", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["checkpoint_id"],
            ["checkpoint.id"],
            name=op.f("fk_cosignature_checkpoint_id_checkpoint"),
        ),
        sa.PrimaryKeyConstraint(
            "checkpoint_id", "witness", name=op.f("pk_cosignature")
        ),
    )
    op.create_table(
        "witness_state",
        sa.Column("witness", sa.Text(), nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("problem", sa.Text(), nullable=True),
        sa.Column("contradicts", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("witness", name=op.f("pk_witness_state")),
    )
    op.create_table(
        "contradicting_head",
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("shown_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_contradicting_head")),
    )
    op.add_column(
        "log_head",
        sa.Column(
            "kept_outside", sa.Boolean(), server_default=sa.false(), nullable=False
        ),
    )


def downgrade() -> None:
    op.drop_column("log_head", "kept_outside")
    op.drop_table("contradicting_head")
    op.drop_table("witness_state")
    op.drop_table("cosignature")

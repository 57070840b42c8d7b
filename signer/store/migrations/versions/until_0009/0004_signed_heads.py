"""The log's signed heads, and where the leaf of each sealed declaration stands."""

import json

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "log_origin",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("origin", sa.Text(), nullable=False),
        sa.Column("verifier", sa.Text(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("number", name="pk_log_origin"),
        sa.UniqueConstraint("origin", name="uq_log_origin_origin"),
    )
    op.create_table(
        "checkpoint",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("origin_number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("root", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("timestamp", sa.LargeBinary(), nullable=True),
        sa.ForeignKeyConstraint(
            ["origin_number"],
            ["log_origin.number"],
            name="fk_checkpoint_origin_number_log_origin",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_checkpoint"),
        sa.UniqueConstraint(
            "origin_number", "size", name="uq_checkpoint_origin_number"
        ),
    )
    op.add_column("log_head", sa.Column("problem", sa.Text(), nullable=True))
    op.add_column(
        "declaration", sa.Column("sealed_position", sa.Integer(), nullable=True)
    )
    connection = op.get_bind()
    openings = connection.execute(sa.text("SELECT position, record FROM opening"))
    rows = [
        {"position": position, "id": record["declaration"]}
        for position, record in (
            (position, json.loads(bytes(raw))) for position, raw in openings
        )
        if record["event"] == "declaration:sealed"
    ]
    if rows:
        connection.execute(
            sa.text(
                "UPDATE declaration SET sealed_position = :position WHERE id = :id"
            ),
            rows,
        )


def downgrade() -> None:
    op.drop_column("declaration", "sealed_position")
    op.drop_column("log_head", "problem")
    op.drop_table("checkpoint")
    op.drop_table("log_origin")

"""Answers to what parents told the office, and when nothing more is to be done."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
# What is new of a note goes with the row, whoever deletes that.
compatible = True

_MOMENT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "note_answer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", _MOMENT, nullable=False),
        sa.Column("written_by", sa.String(200), nullable=False),
        _to_note("note_answer"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_answer")),
    )
    op.create_index("ix_note_answer_note_id", "note_answer", ["note_id"])
    op.create_table(
        "note_closure",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("note_id", sa.Integer(), nullable=False),
        sa.Column("closed_at", _MOMENT, nullable=False),
        sa.Column("closed_by", sa.String(200), nullable=False),
        sa.Column("reopened_at", _MOMENT, nullable=True),
        sa.Column("reopened_by", sa.String(200), nullable=True),
        _to_note("note_closure"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_note_closure")),
    )
    op.create_index("ix_note_closure_note_id", "note_closure", ["note_id"])


def _to_note(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["note_id"],
        ["note.id"],
        name=op.f(f"fk_{table}_note_id_note"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_table("note_closure")
    op.drop_table("note_answer")

"""Indexes that hold all that the counts of the desk's first page look at."""

from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
# An index holds nothing that its table does not, and every process keeps it.
compatible = True

INDEXES = {
    "ix_request_answers": (
        "request",
        ["version_number", "status", "signed_how", "parent_id", "closed_at"],
    ),
    "ix_request_asked": ("request", ["version_number", "asked_at"]),
    "ix_request_parent": ("request", ["parent_id", "version_number", "status"]),
    "ix_declaration_level": ("declaration", ["request_id", "level"]),
}


def upgrade() -> None:
    op.drop_index("ix_request_answers", "request")
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)


def downgrade() -> None:
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
    op.create_index(
        "ix_request_answers", "request", ["version_number", "status", "signed_how"]
    )

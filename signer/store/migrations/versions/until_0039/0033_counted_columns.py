"""Indexes for what pages count and look up among the rows of years."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None
# An index holds nothing that its table does not, and every process keeps it.
compatible = True

INDEXES = {
    "ix_request_answers": ("request", ["version_number", "status", "signed_how"]),
    "ix_request_asked_at": ("request", ["asked_at"]),
    "ix_request_opened_at": ("request", ["opened_at"]),
    "ix_outbox_fate": ("outbox", ["request_id", "kind", "delivery"]),
    "ix_outbox_kind": ("outbox", ["kind", "delivery", "sent_at"]),
    "ix_outbox_queued_at": ("outbox", ["queued_at"]),
    "ix_outbox_sent_at": ("outbox", ["sent_at"]),
    "ix_declaration_signed_at": ("declaration", ["signed_at"]),
    "ix_declaration_sealed_position": ("declaration", ["sealed_position", "sealed_at"]),
    "ix_parent_left_at": ("parent", ["left_at"]),
    "ix_child_name_key": ("child", ["name_key"]),
    "ix_relationship_child_id": ("relationship", ["child_id"]),
}


def upgrade() -> None:
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns)
    op.create_index(
        "ix_declaration_unsealed",
        "declaration",
        ["signed_at"],
        sqlite_where=sa.text("pdf_sha256 IS NULL"),
        postgresql_where=sa.text("pdf_sha256 IS NULL"),
    )
    # Another one begins with the same column.
    op.drop_index("ix_outbox_request_id", "outbox")


def downgrade() -> None:
    op.create_index("ix_outbox_request_id", "outbox", ["request_id"])
    op.drop_index("ix_declaration_unsealed", "declaration")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)

"""The tree above the log's leaves, grown from those that are there."""

import sqlalchemy as sa
from alembic import op

from signer.ledger.hashing import leaf_hash
from signer.ledger.tree import Node, grow

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    table = op.create_table(
        "tree_node",
        sa.Column("level", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("level", "place", name="pk_tree_node"),
    )
    leaves = sa.text("SELECT commitment FROM leaf ORDER BY position")
    nodes: dict[Node, bytes] = {}
    for size, commitment in enumerate(op.get_bind().scalars(leaves)):
        nodes |= grow(nodes, size, leaf_hash(commitment))
    rows = [
        {"level": level, "place": place, "hash": value}
        for (level, place), value in nodes.items()
    ]
    if rows:
        op.bulk_insert(table, rows)


def downgrade() -> None:
    op.drop_table("tree_node")

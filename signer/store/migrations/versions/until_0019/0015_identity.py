"""Names and addresses that parents had before, and their identifiers."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
# What is new of a person goes with the parent's row, whoever deletes that.
compatible = True


def upgrade() -> None:
    op.add_column("parent", sa.Column("identifier", sa.String(60), nullable=True))
    op.create_table(
        "former_identity",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("email", sa.String(254), nullable=True),
        sa.Column("email_key", sa.String(254), nullable=True),
        sa.Column("from_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent.id"],
            name=op.f("fk_former_identity_parent_id_parent"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_identity")),
    )
    for column in ("parent_id", "email_key"):
        op.create_index(f"ix_former_identity_{column}", "former_identity", [column])


def downgrade() -> None:
    op.drop_table("former_identity")
    op.drop_column("parent", "identifier")

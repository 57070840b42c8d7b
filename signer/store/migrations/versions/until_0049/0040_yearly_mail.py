"""Which parents have had the yearly mail of which school year."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None
# Nothing of before needs the table.
compatible = True


def upgrade() -> None:
    op.create_table(
        "yearly_mail",
        sa.Column("parent_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("school_year", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("ref", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent.id"],
            name=op.f("fk_yearly_mail_parent_id_parent"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "parent_id", "school_year", name=op.f("pk_yearly_mail")
        ),
        sa.UniqueConstraint("ref", name=op.f("uq_yearly_mail_ref")),
    )


def downgrade() -> None:
    op.drop_table("yearly_mail")

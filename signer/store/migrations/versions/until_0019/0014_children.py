"""Each parent has children of their own, spelled as that parent's rows spell them."""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
# A process of the release before may let two parents share a child's row again, and
# write its spelling anew for both, as it always did: capitals and spaces at most. This
# release changes no row, and its next import gives a row of their own to whoever's
# spelling is another one.
compatible = True


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _make_again()
    else:
        # It is gone already where the way back was taken.
        op.execute("ALTER TABLE child DROP CONSTRAINT IF EXISTS uq_child_name_key")
    _part()


def _make_again() -> None:
    """SQLite drops no constraint: what refers to a table goes before the table."""
    op.create_table(
        "own_child",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("year_group", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_child"),
    )
    op.create_table(
        "own_relationship",
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("relationship", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["own_child.id"], name="fk_relationship_child_id_child"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent.id"],
            name="fk_relationship_parent_id_parent",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name="pk_relationship"),
    )
    op.execute(
        "INSERT INTO own_child (id, name, name_key, year_group) "
        "SELECT id, name, name_key, year_group FROM child"
    )
    op.execute(
        "INSERT INTO own_relationship (parent_id, child_id, relationship) "
        "SELECT parent_id, child_id, relationship FROM relationship"
    )
    for name in ("relationship", "child"):
        op.drop_table(name)
    for name in ("child", "relationship"):
        op.rename_table(f"own_{name}", name)


def _part() -> None:
    """Give each parent but one of a shared child a row of their own."""
    child = sa.table(
        "child",
        *(sa.column(name) for name in ("id", "name", "name_key", "year_group")),
    )
    relationship = sa.table(
        "relationship", sa.column("parent_id"), sa.column("child_id")
    )
    connection = op.get_bind()
    first = sa.select(
        relationship.c.child_id, sa.func.min(relationship.c.parent_id).label("keeper")
    ).group_by(relationship.c.child_id)
    keepers = first.subquery()
    shared = connection.execute(
        sa.select(
            relationship.c.parent_id,
            child.c.id,
            child.c.name,
            child.c.name_key,
            child.c.year_group,
        )
        .join(child, child.c.id == relationship.c.child_id)
        .join(keepers, keepers.c.child_id == child.c.id)
        .where(relationship.c.parent_id != keepers.c.keeper)
        .order_by(relationship.c.parent_id, child.c.id)
    ).all()
    newest = connection.scalar(sa.select(sa.func.max(child.c.id))) or 0
    for own, row in enumerate(shared, start=newest + 1):
        connection.execute(
            sa.insert(child).values(
                id=own,
                name=row.name,
                name_key=row.name_key,
                year_group=row.year_group,
            )
        )
        connection.execute(
            sa.update(relationship)
            .where(
                relationship.c.parent_id == row.parent_id,
                relationship.c.child_id == row.id,
            )
            .values(child_id=own)
        )
    if shared and connection.dialect.name == "postgresql":
        op.execute(
            "SELECT setval(pg_get_serial_sequence('child', 'id'), MAX(id)) FROM child"
        )


def downgrade() -> None:
    """Leave the tables: an older release can use them without the constraint."""

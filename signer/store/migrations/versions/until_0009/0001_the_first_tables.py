"""The first tables."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "child",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("year_group", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_child"),
        sa.UniqueConstraint("name_key", "year_group", name="uq_child_name_key"),
    )
    op.create_table(
        "leaf",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("commitment", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("position", name="pk_leaf"),
    )
    op.create_table(
        "log_head",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.CheckConstraint("id = 1", name="ck_log_head_only_one"),
        sa.PrimaryKeyConstraint("id", name="pk_log_head"),
    )
    op.create_table(
        "parent",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("email_key", sa.String(length=254), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_parent"),
        sa.UniqueConstraint("email_key", "name_key", name="uq_parent_email_key"),
    )
    op.create_index("ix_parent_email_key", "parent", ["email_key"], unique=False)

    op.create_table(
        "pdf",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_pdf"),
    )
    op.create_table(
        "version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("pinned_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("number", name="pk_version"),
    )
    op.create_table(
        "opening",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("salt", sa.LargeBinary(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["position"], ["leaf.position"], name="fk_opening_position_leaf"
        ),
        sa.PrimaryKeyConstraint("position", name="pk_opening"),
    )
    op.create_table(
        "relationship",
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("child_id", sa.Integer(), nullable=False),
        sa.Column("relationship", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["child_id"], ["child.id"], name="fk_relationship_child_id_child"
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["parent.id"],
            name="fk_relationship_parent_id_parent",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("parent_id", "child_id", name="pk_relationship"),
    )
    op.create_table(
        "request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("ref", sa.String(length=32), nullable=False),
        sa.Column("parent_id", sa.Integer(), nullable=False),
        sa.Column("version_number", sa.Integer(), nullable=False),
        sa.Column("version_sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "signed",
                "declined",
                "superseded",
                "withdrawn",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "signed_how",
            sa.Enum(
                "link",
                "paper",
                name="signedhow",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_by", sa.String(length=200), nullable=True),
        sa.CheckConstraint(
            "(recorded_by IS NOT NULL) = (COALESCE(signed_how, '') = 'paper')",
            name="ck_request_recorded_by",
        ),
        sa.CheckConstraint(
            "(status = 'signed') = (signed_how IS NOT NULL)",
            name="ck_request_signed_how",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["parent.id"], name="fk_request_parent_id_parent"
        ),
        sa.ForeignKeyConstraint(
            ["version_number"],
            ["version.number"],
            name="fk_request_version_number_version",
        ),
        sa.PrimaryKeyConstraint("id", name="pk_request"),
        sa.UniqueConstraint("parent_id", "version_number", name="uq_request_parent_id"),
        sa.UniqueConstraint("ref", name="uq_request_ref"),
    )
    op.create_index("ix_request_status", "request", ["status"], unique=False)

    op.create_table(
        "declaration",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("statement", sa.LargeBinary(), nullable=False),
        sa.Column("statement_sha256", sa.String(length=64), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replaces", sa.String(length=32), nullable=True),
        sa.Column("pdf_sha256", sa.String(length=64), nullable=True),
        sa.Column("sealed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("level", sa.String(length=16), nullable=True),
        sa.Column("seal_attempts", sa.Integer(), nullable=False),
        sa.Column("seal_problem", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["pdf_sha256"], ["pdf.sha256"], name="fk_declaration_pdf_sha256_pdf"
        ),
        sa.ForeignKeyConstraint(
            ["replaces"], ["declaration.id"], name="fk_declaration_replaces_declaration"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name="fk_declaration_request_id_request"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_declaration"),
        sa.UniqueConstraint("request_id", name="uq_declaration_request_id"),
    )
    op.create_table(
        "link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name="fk_link_request_id_request"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_link"),
        sa.UniqueConstraint("fingerprint", name="uq_link_fingerprint"),
    )
    op.create_index("ix_link_request_id", "link", ["request_id"], unique=False)

    op.create_table(
        "note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "decline",
                "question",
                "not_me",
                "paper",
                name="notekind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name="fk_note_request_id_request"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_note"),
    )
    op.create_index("ix_note_request_id", "note", ["request_id"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occasion", sa.String(length=100), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("request_id", sa.Integer(), nullable=True),
        sa.Column("note_id", sa.Integer(), nullable=True),
        sa.Column("message_ref", sa.String(length=32), nullable=False),
        sa.Column(
            "delivery",
            sa.Enum(
                "queued",
                "sent",
                "refused",
                "dropped",
                name="delivery",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("reply", sa.Text(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["note_id"], ["note.id"], name="fk_outbox_note_id_note"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"], ["request.id"], name="fk_outbox_request_id_request"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_outbox"),
        sa.UniqueConstraint("occasion", name="uq_outbox_occasion"),
    )
    op.create_index("ix_outbox_due", "outbox", ["delivery", "due_at"], unique=False)
    op.create_index("ix_outbox_request_id", "outbox", ["request_id"], unique=False)

    # The log begins empty; whoever appends locks this row.
    op.execute("INSERT INTO log_head (id, size) VALUES (1, 0)")


def downgrade() -> None:
    op.drop_table("outbox")
    op.drop_table("note")
    op.drop_table("link")
    op.drop_table("declaration")
    op.drop_table("request")
    op.drop_table("relationship")
    op.drop_table("opening")
    op.drop_table("version")
    op.drop_table("pdf")
    op.drop_table("parent")
    op.drop_table("log_head")
    op.drop_table("leaf")
    op.drop_table("child")

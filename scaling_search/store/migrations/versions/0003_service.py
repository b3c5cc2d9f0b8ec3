"""What the service needs: queueing and control of studies, events, tokens, sessions, an audit trail, webhook deliveries."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    number, words, when = sa.Integer, sa.String, sa.DateTime

    def column(name: str, kind: type, null: bool = False, default: str | None = None) -> sa.Column:
        return sa.Column(name, kind(), nullable=null, server_default=default)

    def of_study(table: str) -> sa.ForeignKeyConstraint:
        return sa.ForeignKeyConstraint(["study_id"], ["study.id"], name=f"fk_{table}_study_id", ondelete="CASCADE")

    # plain ALTER TABLE: a batch would rebuild the table on SQLite, and dropping the old one cascades to all its trials
    op.add_column("study", column("launched_by", words, null=True))
    op.add_column("study", column("priority", number, default="0"))
    op.add_column("study", column("request", words, null=True))
    op.add_column("study", column("slots", number, null=True))
    op.add_column("study", column("archived", sa.Boolean, default=sa.false()))
    op.add_column("study", column("webhook", words, null=True))
    op.create_index("ix_study_created_at", "study", ["created_at"])
    op.add_column("choice", column("portrait", sa.JSON, null=True))
    op.create_table(
        "event",
        column("id", number),
        column("study_id", number),
        column("at", when),
        column("kind", words),
        column("data", sa.JSON),
        sa.PrimaryKeyConstraint("id", name="pk_event"),
        of_study("event"),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_event_study_id_id", "event", ["study_id", "id"])
    op.create_table(
        "token",
        column("id", number),
        column("name", words),
        column("role", words),
        column("hash", words),
        column("created_at", when),
        column("expires_at", when, null=True),
        column("revoked_at", when, null=True),
        column("used_at", when, null=True),
        sa.PrimaryKeyConstraint("id", name="pk_token"),
        sa.UniqueConstraint("hash", name="uq_token_hash"),
    )
    op.create_table(
        "session",
        column("hash", words),
        column("token_id", number),
        column("created_at", when),
        column("expires_at", when),
        sa.PrimaryKeyConstraint("hash", name="pk_session"),
        sa.ForeignKeyConstraint(["token_id"], ["token.id"], name="fk_session_token_id", ondelete="CASCADE"),
    )
    op.create_table(
        "audit",
        column("id", number),
        column("at", when),
        column("actor", words),
        column("role", words),
        column("address", words),
        column("action", words),
        column("study", words, null=True),
        column("detail", words, null=True),
        sa.PrimaryKeyConstraint("id", name="pk_audit"),
    )
    op.create_table(
        "delivery",
        column("id", number),
        column("study_id", number),
        column("payload", sa.JSON),
        column("attempts", number),
        column("due_at", when),
        column("delivered_at", when, null=True),
        column("error", words, null=True),
        sa.PrimaryKeyConstraint("id", name="pk_delivery"),
        of_study("delivery"),
    )
    op.create_index("ix_delivery_due_at", "delivery", ["due_at"])

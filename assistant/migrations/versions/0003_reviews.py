"""Reviews, which the database itself keeps from being changed; the uses of statements; feedback."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

_REFUSED = "kei_reviews is append-only"
_TRIGGERS = {
    "sqlite": (
        f"CREATE TRIGGER kei_reviews_no_update BEFORE UPDATE ON kei_reviews"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
        f"CREATE TRIGGER kei_reviews_no_delete BEFORE DELETE ON kei_reviews"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
        # INSERT OR REPLACE deletes the old row without asking the trigger above.
        "CREATE TRIGGER kei_reviews_no_replace BEFORE INSERT ON kei_reviews"
        " WHEN EXISTS (SELECT 1 FROM kei_reviews WHERE n = NEW.n)"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION kei_reviews_refuse() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
        "CREATE TRIGGER kei_reviews_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kei_reviews"
        " FOR EACH STATEMENT EXECUTE FUNCTION kei_reviews_refuse()",
    ),
}


def upgrade() -> None:
    """Make kei_reviews with its triggers, kei_uses and kei_feedback."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "kei_reviews",
        sa.Column("n", sa.Integer, sa.ForeignKey("kei_ledger.n"), primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("statement", "decision", "text_hash")),
        *(sa.Column(name, sa.Text) for name in ("official_hash", "official_source", "official_known")),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("reviewer", "name")),
        sa.Column("at", time, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("proposed", sa.Text),
        sa.Column("reviewed_text", sa.Text, nullable=False),
        sa.Column("reviewed_official", sa.Text),
    )
    op.create_index("kei_reviews_of_statement", "kei_reviews", ["statement", "n"])
    for trigger in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(trigger)
    op.create_table(
        "kei_uses",
        sa.Column("statement", sa.Text, primary_key=True),
        sa.Column("thread", sa.Text, primary_key=True),
        sa.Column("turn", sa.Integer, primary_key=True, autoincrement=False),
        _turns(),
    )
    op.create_index("kei_uses_of_turn", "kei_uses", ["thread", "turn"])
    op.create_table(
        "kei_feedback",
        sa.Column("n", sa.Integer, primary_key=True),
        sa.Column("thread", sa.Text, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("owner", "kind", "note")),
        sa.Column("at", time, nullable=False),
        sa.Column("settled_at", time),
        sa.Column("settled_by", sa.Text),
        _turns(),
        # The number of a row that went with its conversation is never given to another.
        sqlite_autoincrement=True,
    )
    op.create_index("kei_feedback_of_turn", "kei_feedback", ["thread", "turn"])


def _turns() -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["thread", "turn"], ["kei_turns.thread", "kei_turns.n"], ondelete="CASCADE")

"""The ledger: its chain, which the database itself keeps from being changed, its head, and the contents."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

_REFUSED = "kei_ledger is append-only"
_TRIGGERS = {
    "sqlite": (
        f"CREATE TRIGGER kei_ledger_no_update BEFORE UPDATE ON kei_ledger BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
        f"CREATE TRIGGER kei_ledger_no_delete BEFORE DELETE ON kei_ledger BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
        # INSERT OR REPLACE deletes the old row without asking the trigger above.
        "CREATE TRIGGER kei_ledger_no_replace BEFORE INSERT ON kei_ledger"
        " WHEN EXISTS (SELECT 1 FROM kei_ledger WHERE n = NEW.n)"
        f" BEGIN SELECT RAISE(ABORT, '{_REFUSED}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION kei_ledger_refuse() RETURNS trigger LANGUAGE plpgsql"
        f" AS $$ BEGIN RAISE EXCEPTION '{_REFUSED}'; END $$",
        "CREATE TRIGGER kei_ledger_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON kei_ledger"
        " FOR EACH STATEMENT EXECUTE FUNCTION kei_ledger_refuse()",
    ),
}


def upgrade() -> None:
    """Make kei_ledger with its triggers, kei_ledger_head with its one row, and kei_ledger_content."""
    op.create_table(
        "kei_ledger",
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "actor", "action", "subject", "facts")),
        sa.Column("content_hash", sa.Text),
        *(sa.Column(name, sa.Text, nullable=False) for name in ("previous", "hash")),
    )
    op.create_index("kei_ledger_by_subject", "kei_ledger", ["subject", "n"])
    op.create_index("kei_ledger_by_actor", "kei_ledger", ["actor", "n"])
    head = op.create_table(
        "kei_ledger_head",
        sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
    )
    op.bulk_insert(head, [{"only": 1, "n": 0, "hash": "0" * 64}])
    op.create_table(
        "kei_ledger_content",
        sa.Column("n", sa.Integer, sa.ForeignKey("kei_ledger.n"), primary_key=True, autoincrement=False),
        sa.Column("salt", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
    )
    for trigger in _TRIGGERS[op.get_bind().dialect.name]:
        op.execute(trigger)

"""Conversations and their turns."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make kei_threads and kei_turns."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "kei_threads",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("changed", time, nullable=False),
        sa.Column("turns", sa.Integer, nullable=False),
    )
    op.create_index("kei_threads_of_owner", "kei_threads", ["owner", "changed"])
    op.create_table(
        "kei_turns",
        sa.Column("thread", sa.Text, sa.ForeignKey("kei_threads.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("question", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.Column("slots", sa.Text, nullable=False),
        sa.Column("asked", time, nullable=False),
    )

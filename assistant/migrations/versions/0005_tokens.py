"""The tokens by which programs sign in for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make kei_tokens."""
    time = sa.DateTime(timezone=True)
    op.create_table(
        "kei_tokens",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("person", sa.Text, sa.ForeignKey("kei_users.id"), nullable=False),
        sa.Column("hash", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("made", time, nullable=False),
        sa.Column("revoked", time),
    )

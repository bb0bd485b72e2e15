"""The revisions of the tables: `versions/NNNN_subject.py`, one after another, each run once on every database.

To add tables, write the next number with `down_revision` set to the last one, and only add: an SQLite table cannot be
changed under foreign keys without being copied. A revision is never edited once it is released.
"""

from __future__ import annotations

import threading

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

# A name of our own: the database may be shared with another program that uses Alembic.
VERSION_TABLE = "kei_schema"
# Alembic keeps the migration that runs in a variable of the process.
_ONE_AT_A_TIME = threading.Lock()


class NewerDatabase(RuntimeError):  # noqa: N818 - says what is the matter, as StoreUnusable does
    """The database has a revision that this program does not know; the message names it."""


def upgrade(db: sa.Connection, to: str = "head") -> None:
    """Run the revisions that the database lacks, up to `to`, within the caller's transaction and lock.

    Raises NewerDatabase before anything is touched.
    """
    config = Config(attributes={"connection": db})
    config.set_main_option("script_location", "assistant:migrations")
    scripts = ScriptDirectory.from_config(config)
    held = set(MigrationContext.configure(db, opts={"version_table": VERSION_TABLE}).get_current_heads())
    if unknown := held - {script.revision for script in scripts.walk_revisions()}:
        raise NewerDatabase(f"revision {', '.join(sorted(unknown))}")
    if held != set(scripts.get_heads()):
        with _ONE_AT_A_TIME:
            command.upgrade(config, to)

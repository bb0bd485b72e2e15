"""What Alembic runs to migrate: on the caller's connection, in its transaction, with no settings of logging."""

from __future__ import annotations

from alembic import context

from assistant.migrations import VERSION_TABLE

context.configure(connection=context.config.attributes["connection"], version_table=VERSION_TABLE)
context.run_migrations()

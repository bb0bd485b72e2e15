"""Whether this process can answer just now: its database is there and read, its index is searched."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from assistant.answer import Assistant
from assistant.database import FILE, StoreUnusable
from assistant.settings import Settings
from assistant.threads import ThreadStore

# Nobody owns threads under this name, so that asking for them reads a few bytes only.
_NOBODY = "(readiness)"
# The first question that the server asks itself, so that its vector is there already.
_PROBE = "Can I import a kei truck?"
DATABASE_GONE = "the database file is gone; restart after a restore, or check the disk"
DATABASE_UNREAD = "the database cannot be read; run: kei doctor"
INDEX_UNREAD = "the index cannot be searched; run: kei doctor, or restart"


def readiness(settings: Settings, assistant: Assistant, store: ThreadStore) -> list[str]:
    """Why this process cannot answer, without paths, addresses or an error's words; empty when it can."""
    return [*_database(settings, store), *_index(assistant)]


def _database(settings: Settings, store: ThreadStore) -> list[str]:
    file = _file(settings)
    # An open SQLite file that was deleted reads and writes on, and all of it is lost at the end.
    if file is not None and not file.is_file():
        return [DATABASE_GONE]
    try:
        store.headings(_NOBODY)
    except StoreUnusable:
        return [DATABASE_UNREAD]
    return []


def _file(settings: Settings) -> Path | None:
    """The SQLite file that the settings name; None for a server."""
    if settings.database_url is None:
        return settings.data_dir / FILE
    kind, _, path = settings.database_url.get_secret_value().partition(":///")
    return Path(path) if kind == "sqlite" else None


def _index(assistant: Assistant) -> list[str]:
    index = assistant.retriever.index
    try:
        vector = index.embed(_PROBE)
        found = index.search(vector, places=frozenset({"US"}), as_of=dt.date.today(), k=1)
    except Exception:  # whatever Chroma raises
        return [INDEX_UNREAD]
    return [] if found else [INDEX_UNREAD]

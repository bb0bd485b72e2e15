"""`kei add`: put the firm's own documents on its shelf, and say of each file what became of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from assistant.settings import Settings
from corpus.firm.shelf import Added, Outcome, Shelf, Told


def added(settings: Settings, path: Path | None, told: Told) -> Added:
    """Add a file or folder; without a path look again at what is on the shelf. Raises ShelfError."""
    shelf = Shelf.open(settings.firm_dir)
    return shelf.add(path, told=told) if path else shelf.refresh(told=told)


def summary(done: Added) -> Iterator[str]:
    """Each file that is not as before, then the counts."""
    for entry in done.entries:
        if entry.outcome is not Outcome.UNCHANGED:
            yield f"  {entry.outcome.value:9} {entry.path}{f' ({entry.id})' if entry.id else ''}"
            if entry.detail:
                yield f"            {entry.detail}"
    counts = Counter(entry.outcome.value for entry in done.entries)
    yield ", ".join(f"{counts[o.value]} {o.value}" for o in Outcome if counts[o.value]) or "no file to read"
    if counts[Outcome.FLAGGED.value]:
        yield "Flagged documents are not answered from until a person has looked: kei add --approve ID"


def shelf_list(settings: Settings) -> Iterator[str]:
    """Every document on the shelf, and whether it is answered from."""
    for held in Shelf.open(settings.firm_dir).held():
        one = held.document
        state = "answerable" if held.answerable else "held: " + "; ".join(f"{f.kind} ({f.where})" for f in one.flags)
        yield f"{one.id}  {one.title} ({one.date or 'undated'}, {one.name}): {state}"
        yield from (f"    note: {fault}" for fault in one.faults)

"""`kei sync`: bring the official texts, say honestly what came of it, and list what a person must open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

from assistant.settings import Settings
from corpus.library import Library
from corpus.official import sync
from corpus.official.fetch import Fetcher
from corpus.official.sources import ByHand, source_of
from corpus.official.store import Store
from corpus.official.sync import UNTRIED, Synced, Told

# Sent where a site asks whom it may write to and nobody was named; an invented address would be worse.
CONTACT = "no contact given"


def synced(settings: Settings, mirror: Path | None, told: Told) -> tuple[Synced, ...]:
    """Sync from a folder of copies, or from the official sites when none is named. Raises StoreError."""
    store = Store(settings.official_dir)
    if mirror:
        return sync.from_mirror(store, mirror, told, dt.date.today())
    with Fetcher(settings.contact or CONTACT) as fetcher:
        folder = settings.official_dir / "files"
        return sync.from_sites(store, Library.open(), fetcher, folder, told, dt.date.today())


def summary(done: tuple[Synced, ...]) -> Iterator[str]:
    """One line a source that brought something or failed, and the sums."""
    for one in done:
        kept = one.kept
        counts = (("new", kept.new), ("changed", kept.changed), ("refused", len(kept.refused)))
        told = ", ".join(f"{count} {name}" for name, count in counts if count)
        if told:
            yield f"  {one.source.title}: {told}"
        yield from (f"  {one.source.title}: not read, {reason}" for reason in one.failed if reason != UNTRIED)
        yield from (f"  {one.source.title}: look at {fault}" for fault in one.faults)
    total = [one.kept for one in done]
    new, changed, same = (sum(getattr(k, name) for k in total) for name in ("new", "changed", "unchanged"))
    failed = sum(bool(one.failed) for one in done)
    if any(UNTRIED in one.failed for one in done):
        yield "The official sites cannot be reached from here; what this machine holds stays as it is."
    yield f"{len(done)} sources: {new} sections new, {changed} changed, {same} unchanged; {failed} sources failed."


def by_hand(library: Library) -> Iterator[str]:
    """What no program may fetch: each link once, with the reason."""
    links: dict[tuple[str, str], list[str]] = {}
    for provision in library.provisions:
        source = source_of(provision)
        link, why = (
            (source.link, source.why) if isinstance(source, ByHand) else (source.page or provision.url, source.why)
        )
        if isinstance(source, ByHand) or source.by_hand:
            links.setdefault((link, why), []).append(provision.citation)
    for (link, why), citations in sorted(links.items()):
        yield f"{'; '.join(citations)}\n    {link} ({why})"

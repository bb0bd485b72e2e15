"""Bring the official texts of the book to this machine: from the official sites, or from a folder of copies.

Every source is tried on its own: one that fails leaves what is held of it as it was, and the others go on. What is
finished is in the store at once, so a stopped sync goes on where it was.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from corpus import citations
from corpus.library import Library
from corpus.official.answers import Again, FetchError
from corpus.official.fetch import Fetcher
from corpus.official.read import read
from corpus.official.section import ReadError
from corpus.official.services import Release, TitleDates, ecfr_days, ecfr_part, member, releases
from corpus.official.sources import Reader, Source, mirror_files, sources
from corpus.official.store import Kept, Origin, Store

Told = Callable[[str, int, int], None]
# After so many sites in a row that cannot be reached, this machine is offline and the rest is not tried.
GIVE_UP = 3
UNTRIED = "not tried: the sites before it could not be reached"


@dataclass(frozen=True)
class Synced:
    """What became of one source. `failed` is the reason when something of it could not be had or read."""

    source: Source
    kept: Kept = field(default_factory=Kept)
    failed: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


@dataclass(frozen=True)
class Piece:
    """One file of a source, ready to be read."""

    name: str
    data: bytes
    reader: Reader
    origin: Origin
    coordinate: str = ""
    dated: bool = True


def from_mirror(store: Store, folder: Path, told: Told, today: dt.date) -> tuple[Synced, ...]:
    """Take in every file below `folder` that serves a source. Asks no site. Raises StoreError."""
    served = [(one, files) for one in sources() if (files := mirror_files(one, folder))]
    done = []
    for number, (source, files) in enumerate(served):
        told(source.title, number, len(served))
        pieces = (
            Piece(
                str(one.path.relative_to(folder)),
                one.path.read_bytes(),
                one.reader,
                Origin(
                    source.title,
                    one.url or source.page or f"the mirror's {one.path.name}",
                    today,
                    one.current_as_of or today,
                    one.fidelity,
                ),
                dated=one.current_as_of is not None,
            )
            for one in files
        )
        done.append(_kept(store, source, pieces))
    return tuple(done)


def from_sites(
    store: Store, library: Library, fetcher: Fetcher, folder: Path, told: Told, today: dt.date
) -> tuple[Synced, ...]:
    """Ask the official sites for every source that has an address; files are kept in `folder`. Raises StoreError."""
    asked = [one for one in sources() if not one.by_hand]
    done: list[Synced] = []
    sites = _Sites(library, fetcher, folder, today)
    unreached = 0
    for number, source in enumerate(asked):
        told(source.title, number, len(asked))
        if unreached == GIVE_UP:
            done.append(Synced(source, failed=(UNTRIED,)))
            continue
        lost: list[FetchError] = []
        one = _kept(store, source, sites.pieces(source, lost))
        done.append(Synced(source, one.kept, (*one.failed, *map(str, lost)), one.faults))
        unreached = unreached + 1 if any(isinstance(error, Again) for error in lost) else 0
    return tuple(done)


def _kept(store: Store, source: Source, pieces: Iterable[Piece]) -> Synced:
    """Read and keep the pieces of one source; a piece that cannot be read is told and the others go on."""
    total, failed, faults = Kept(), [], []
    for piece in pieces:
        digest = hashlib.sha256(piece.data).hexdigest()
        if store.seen(piece.origin.source, piece.name, digest):
            continue
        try:
            document = read(piece.data, piece.reader, source, piece.coordinate)
        except ReadError as error:
            failed.append(f"{piece.name}: {error}")
            continue
        origin = piece.origin
        if not piece.dated and document.current_as_of:
            day = dt.date.fromisoformat(document.current_as_of)
            origin = Origin(origin.source, origin.url, origin.retrieved, day, origin.fidelity)
        faults += [f"{piece.name}: {one}" for one in document.faults]
        total += store.keep(document.sections, origin, name=piece.name, sha256=digest)
    return Synced(source, total, tuple(failed), tuple(faults))


class _Sites:
    """Which files of a source are to be asked for, and how; the lists of a service are asked once."""

    def __init__(self, library: Library, fetcher: Fetcher, folder: Path, today: dt.date) -> None:
        self.fetcher, self.folder, self.today = fetcher, folder, today
        self.cited = sorted({s.coordinate for s in library.statements.values()})
        self._days: Mapping[str, TitleDates] = {}
        self._releases: tuple[Release, ...] = ()

    def pieces(self, source: Source, lost: list[FetchError]) -> Iterator[Piece]:
        """The files of a source as they come in; what cannot be had is added to `lost`."""
        try:
            match source.reader:
                case Reader.ECFR:
                    yield self._part(source)
                case Reader.USLM:
                    yield self._title(source)
                case _:
                    yield from self._pages(source)
        except FetchError as error:
            lost.append(error)

    def _part(self, source: Source) -> Piece:
        """A part of the CFR, for the last day that the eCFR has."""
        self._days = self._days or ecfr_days(self.fetcher)
        day = self._days.get(source.number, TitleDates()).up_to_date_as_of
        if not day:
            raise FetchError(f"the eCFR gives no day for title {source.number}")
        path = self._path(source, ".xml")
        found, day = ecfr_part(self.fetcher, source, day, path)
        return self._piece(source, path, found.url, day)

    def _title(self, source: Source) -> Piece:
        """A title of the U.S. Code, at the last release point."""
        self._releases = self._releases or releases(self.fetcher)
        last = self._releases[-1]
        url = source.address(congress=str(last.congress), law=last.label)
        path = self._path(source, ".zip")
        self.fetcher.fetch(url, source.media, path)
        told = f"{source.title}, release point {last.congress}-{last.label}"
        return Piece(path.name, member(path), source.reader, Origin(told, url, self.today, self.today), dated=False)

    def _pages(self, source: Source) -> Iterator[Piece]:
        """The pages or chapters of a state that hold a section of the book, each once."""
        addresses = {source.address(one): one for one in self.cited if source.holds(one)}
        for url, coordinate in addresses.items():
            path = self._path(source, f"-{hashlib.sha256(url.encode()).hexdigest()[:12]}{Path(url).suffix[:6]}")
            self.fetcher.fetch(url, source.media, path)
            above = (one for one in citations.parents(coordinate) if source.holds(one))
            yield self._piece(source, path, url, self.today, min((coordinate, *above), key=len))

    def _piece(self, source: Source, path: Path, url: str, day: dt.date, coordinate: str = "") -> Piece:
        origin = Origin(source.title, url, self.today, day)
        return Piece(path.name, path.read_bytes(), source.reader, origin, coordinate)

    def _path(self, source: Source, suffix: str) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / f"{source.id}{suffix}"

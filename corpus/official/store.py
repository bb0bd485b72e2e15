"""The dated store of official text on the user's disk: one SQLite file, every version of every section that was seen.

A version is known by its coordinate and the day from which it is known to have read so, or will. A text is never
overwritten; that it was seen unchanged on another day only widens the time for which it is known. One that a source
announces for a later day ("[Effective January 1, 2024]") is kept for that day, until a newer copy announces another.
Each document goes in by one transaction, so a kill leaves either all of it or nothing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from corpus import citations
from corpus.official import headings
from corpus.official.section import Kind, Note, Paragraph, Section, Standing

FILE = "official.db"
_SCHEMA = """
create table if not exists files (
    source text not null, name text not null, sha256 text not null, retrieved text not null,
    primary key (source, name));
create table if not exists sections (
    id integer primary key, coordinate text not null, effective_from text not null, hash text not null,
    heading text not null, path text not null, standing text not null, notes text not null,
    source text not null, url text not null, fidelity text not null, retrieved text not null,
    current_as_of text not null,
    unique (coordinate, effective_from));
create table if not exists paragraphs (
    section integer not null references sections (id), n integer not null, labels text not null, nth integer not null,
    text text not null, kind text not null, ambiguous integer not null, page integer, primary key (section, n));
"""


class StoreError(RuntimeError):
    """The store on disk cannot be opened or written; the message says what to do."""


@dataclass(frozen=True)
class Origin:
    """Where a document came from. `current_as_of` is the day for which the source gives the text; `fidelity` says in
    words what an attorney must know of it ("rebuilt from …", "release of 2016"), "" when it is the source's own."""

    source: str
    url: str
    retrieved: dt.date
    current_as_of: dt.date
    fidelity: str = ""


@dataclass(frozen=True)
class Version:
    """One version of a section as held. It is known to have read so from `effective_from` to `origin.current_as_of`;
    where the latter comes first, the source only announced it."""

    coordinate: str
    effective_from: dt.date
    hash: str
    heading: str
    path: tuple[str, ...]
    standing: Standing
    notes: tuple[Note, ...]
    paragraphs: tuple[Paragraph, ...]
    origin: Origin

    @property
    def announced(self) -> bool:
        """Whether nobody saw it in force: its source printed it before the day on which it was to begin."""
        return self.effective_from > self.origin.current_as_of

    @property
    def ends(self) -> dt.date | None:
        """The first day on which it is no longer law, by its own heading; None when that says nothing."""
        return headings.period(self.notes).ends


@dataclass(frozen=True)
class Kept:
    """How many sections of a document were new, changed or as before; `refused` are the coordinates for which another
    text of the same day is held already (a file that prints a section twice, two files that disagree), and of texts
    that by their heading were no longer law, or begin on a day that cannot be read."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: tuple[str, ...] = ()

    def __add__(self, other: Kept) -> Kept:
        counts = self.new + other.new, self.changed + other.changed, self.unchanged + other.unchanged
        return Kept(*counts, (*self.refused, *other.refused))


class Store:
    """Opened on a folder, which is made when it is missing. Raises StoreError."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with self._opened() as db:
                db.executescript(_SCHEMA)
        except (sqlite3.Error, OSError) as error:
            told = f"the official texts in {folder} cannot be opened ({error})"
            raise StoreError(f"{told}; check the disk and the rights") from error

    @classmethod
    def held(cls, folder: Path) -> Store | None:
        """The store of that folder if `kei sync` ever made one; None otherwise, and nothing is written."""
        return cls(folder) if (folder / FILE).is_file() else None

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=30)) as db:
            db.execute("pragma journal_mode = wal")
            with db:
                yield db

    def seen(self, source: str, name: str, sha256: str) -> bool:
        """Whether this very file was taken in before, so that it need not be read again."""
        with self._opened() as db:
            row = db.execute("select sha256 from files where source = ? and name = ?", (source, name)).fetchone()
        return bool(row) and row[0] == sha256

    def keep(self, sections: Iterable[Section], origin: Origin, *, name: str = "", sha256: str = "") -> Kept:
        """Take a whole document in, or nothing of it. `name` and `sha256` are those of its file."""
        total = Kept()
        try:
            with self._opened() as db:
                for section in sections:
                    total += self._keep(db, section, origin)
                if sha256:
                    row = (origin.source, name, sha256, origin.retrieved.isoformat())
                    db.execute("insert or replace into files values (?, ?, ?, ?)", row)
        except sqlite3.Error as error:
            raise StoreError(f"{self.path} cannot be written ({error}); check the disk and the rights") from error
        return total

    def _keep(self, db: sqlite3.Connection, section: Section, origin: Origin) -> Kept:
        known, effect = origin.current_as_of, headings.period(section.notes)
        if effect.undated or (effect.ends and effect.ends <= known):
            return Kept(refused=(section.coordinate,))
        begins = max(known, effect.begins or known)
        seen, day = known.isoformat(), begins.isoformat()
        notes = json.dumps([[n.kind, n.text] for n in section.notes])
        if begins > known:
            self._withdraw(db, section, seen, day)
        held = db.execute(
            "select id, hash, effective_from, current_as_of from sections where coordinate = ? and effective_from <= ? "
            "order by effective_from desc limit 1",
            (section.coordinate, day),
        ).fetchone()
        if held and held[1] == section.hash:
            if seen >= held[3]:
                db.execute("update sections set current_as_of = ?, notes = ? where id = ?", (seen, notes, held[0]))
            return Kept(unchanged=1)
        if held and (held[2] == day or held[3] >= day):  # known to read otherwise on that day
            return Kept(refused=(section.coordinate,))
        later = db.execute(
            "select id, hash from sections where coordinate = ? and effective_from > ? order by effective_from limit 1",
            (section.coordinate, day),
        ).fetchone()
        if later and later[1] == section.hash:
            db.execute("update sections set effective_from = ? where id = ?", (day, later[0]))
            return Kept(unchanged=1)
        told = json.dumps(section.path), section.standing.value, notes
        where = origin.source, origin.url, origin.fidelity, origin.retrieved.isoformat(), seen
        row = db.execute(
            "insert into sections values (null, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (section.coordinate, day, section.hash, section.heading, *told, *where),
        ).lastrowid
        db.executemany(
            "insert into paragraphs values (?, ?, ?, ?, ?, ?, ?, ?)",
            (
                (row, n, json.dumps(p.labels), p.nth, p.text, p.kind.value, p.ambiguous, p.page)
                for n, p in enumerate(section.paragraphs)
            ),
        )
        return Kept(changed=1) if held or later else Kept(new=1)

    def _withdraw(self, db: sqlite3.Connection, section: Section, seen: str, day: str) -> None:
        """Take out what an older copy announced of a section, unless it is the same text for the same day."""
        old = db.execute(
            "select id from sections where coordinate = ? and effective_from > current_as_of and current_as_of < ? "
            "and (effective_from, hash) <> (?, ?)",
            (section.coordinate, seen, day, section.hash),
        ).fetchall()
        db.executemany("delete from paragraphs where section = ?", old)
        db.executemany("delete from sections where id = ?", old)

    def versions(self, coordinate: str) -> tuple[Version, ...]:
        """Every version of a section, earliest first; empty when it is not held."""
        with self._opened() as db:
            rows = db.execute("select * from sections where coordinate = ? order by effective_from", (coordinate,))
            return tuple(self._version(db, row) for row in rows.fetchall())

    def section(self, coordinate: str, as_of: dt.date) -> Version | None:
        """The version that reads so on a day: the last one known from that day or before; None when that has run out
        by its own heading and nothing is held that follows it."""
        with self._opened() as db:
            row = db.execute(
                "select * from sections where coordinate = ? and effective_from <= ? "
                "order by effective_from desc limit 1",
                (coordinate, as_of.isoformat()),
            ).fetchone()
            found = self._version(db, row) if row else None
        return None if found and found.ends and found.ends <= as_of else found

    def holding(self, coordinate: str, as_of: dt.date) -> tuple[Version, tuple[str, ...]] | None:
        """The section that a coordinate lies in, on a day, and the labels that are left below it."""
        for number, one in enumerate((coordinate, *citations.parents(coordinate))):
            if found := self.section(one, as_of):
                return found, tuple(coordinate[len(one) :].strip("/").split("/")) if number else ()
        return None

    def all(self) -> Iterator[Version]:
        """Every version of every section, in the order of their coordinates, earliest first."""
        with self._opened() as db:
            for row in db.execute("select * from sections order by coordinate, effective_from").fetchall():
                yield self._version(db, row)

    @property
    def fingerprint(self) -> str:
        """sha256 over every version that is held; "" for an empty store."""
        with self._opened() as db:
            rows = db.execute("select coordinate, effective_from, hash from sections order by 1, 2").fetchall()
        return hashlib.sha256(repr(rows).encode()).hexdigest() if rows else ""

    def _version(self, db: sqlite3.Connection, row: tuple[str, ...]) -> Version:
        identifier, coordinate, effective, digest, heading, path, standing, notes, *origin = row
        source, url, fidelity, retrieved, current = origin
        below = db.execute(
            "select labels, text, kind, nth, ambiguous, page from paragraphs where section = ? order by n",
            (identifier,),
        )
        return Version(
            coordinate,
            dt.date.fromisoformat(effective),
            digest,
            heading,
            tuple(json.loads(path)),
            Standing(standing),
            tuple(Note(kind, text) for kind, text in json.loads(notes)),
            tuple(
                Paragraph(tuple(json.loads(labels)), text, Kind(kind), nth, bool(ambiguous), page)
                for labels, text, kind, nth, ambiguous, page in below
            ),
            Origin(source, url, dt.date.fromisoformat(retrieved), dt.date.fromisoformat(current), fidelity),
        )

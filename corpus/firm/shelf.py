"""The shelf: the documents that a firm added, as extracted text in one SQLite file; the originals stay where they are.

Each file goes in by one transaction. A document is known by its bytes, so that a file under two names is on the shelf
once, and stays as long as one of them is there. What is flagged is held until a person approves it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from corpus.firm import docx, folder, markup, pdf, webpage
from corpus.firm.document import FirmDocument, Flag, Passage, media_of
from corpus.official.section import ReadError

FILE = "firm.db"
# Raised when a reader reads otherwise than before: then refresh() and add() read unchanged files again.
READERS = 1
Told = Callable[[str, int, int], None]
_READ: dict[str, Callable[..., FirmDocument]] = {
    ".pdf": pdf.read,
    ".docx": docx.read,
    **dict.fromkeys((".html", ".htm", ".xhtml"), webpage.read),
    **dict.fromkeys((".md", ".markdown"), markup.read_markdown),
    ".txt": markup.read_text,
}
_SCHEMA = """
create table if not exists documents (
    id text primary key, sha256 text not null unique, name text not null, title text not null, date text,
    author text, media text not null, passages text not null, flags text not null, faults text not null,
    approved integer not null);
create table if not exists files (
    path text primary key, sha256 text not null, document text references documents (id), reason text not null,
    readers integer not null);
create index if not exists files_of on files (document);
"""


class ShelfError(RuntimeError):
    """The shelf cannot be opened, or holds no such document; the message says what to do."""


class Outcome(StrEnum):
    """What became of one file."""

    NEW = "new"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    FLAGGED = "flagged"
    FAILED = "failed"
    REMOVED = "removed"


@dataclass(frozen=True)
class Entry:
    """One file. `id` is its document's, "" when it failed; `detail` says of which file it is a duplicate, why
    it failed, what was flagged, or which document it replaces."""

    path: Path
    outcome: Outcome
    id: str = ""
    detail: str = ""


@dataclass(frozen=True)
class Added:
    """What became of the files, in the order of their paths."""

    entries: tuple[Entry, ...]

    def of(self, outcome: Outcome) -> tuple[Entry, ...]:
        """The files with that outcome."""
        return tuple(one for one in self.entries if one.outcome is outcome)


@dataclass(frozen=True)
class Held:
    """A document on the shelf with the files it was read from."""

    document: FirmDocument
    paths: tuple[Path, ...]
    approved: bool

    @property
    def answerable(self) -> bool:
        """Nothing was flagged, or a person approved it."""
        return self.approved or not self.document.flags


def _silent(name: str, done: int, total: int) -> None:
    del name, done, total


class Shelf:
    """Use `Shelf.open`."""

    def __init__(self, place: Path) -> None:
        self.place, self.path = place, place / FILE

    @classmethod
    def open(cls, place: Path) -> Shelf:
        """The shelf in that folder, which is made when it is missing. Raises ShelfError."""
        shelf = cls(place)
        try:
            place.mkdir(parents=True, exist_ok=True, mode=0o700)
            with shelf._opened() as db:
                db.executescript(_SCHEMA)
            shelf.path.chmod(0o600)
        except (sqlite3.Error, OSError) as error:
            told = f"the firm's documents in {place} cannot be opened ({error})"
            raise ShelfError(f"{told}; check the disk and the rights") from error
        return shelf

    def add(self, path: Path, *, told: Told = _silent) -> Added:
        """Take in a file, or every file below a folder. A file that cannot be read says why; the others go in."""
        return self._each(list(folder.files(path.absolute(), besides=self.place.absolute())), told)

    def refresh(self, *, told: Told = _silent) -> Added:
        """Look at every known file again: what is gone from the disk leaves the shelf, what changed is read anew."""
        with self._opened() as db:
            paths = [Path(row[0]) for row in db.execute("select path from files order by path")]
        return self._each([(path, "") for path in paths], told)

    def remove(self, id: str) -> tuple[Path, ...]:
        """Take a document and all its files off the shelf; the files on disk stay. Raises ShelfError."""
        with self._opened() as db:
            paths = tuple(
                Path(row[0]) for row in db.execute("select path from files where document = ? order by path", (id,))
            )
            db.execute("delete from files where document = ?", (id,))
            if not db.execute("delete from documents where id = ?", (id,)).rowcount:
                raise ShelfError(f"no document {id} is on the shelf")
        return paths

    def approve(self, id: str) -> None:
        """A person has looked at what was flagged. It holds for these bytes only. Raises ShelfError."""
        with self._opened() as db:
            if not db.execute("update documents set approved = 1 where id = ?", (id,)).rowcount:
                raise ShelfError(f"no document {id} is on the shelf")

    def held(self) -> tuple[Held, ...]:
        """Every document with its files, by title."""
        with self._opened() as db:
            files: dict[str, list[Path]] = {}
            for path, id in db.execute("select path, document from files where document is not null order by path"):
                files.setdefault(id, []).append(Path(path))
            rows = db.execute("select * from documents order by title, id").fetchall()
        return tuple(Held(document := _document(row), tuple(files[document.id]), bool(row["approved"])) for row in rows)

    def documents(self, *, answerable: bool) -> tuple[FirmDocument, ...]:
        """The documents that may be answered from; with False, those that wait for a person."""
        return tuple(one.document for one in self.held() if one.answerable is answerable)

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.path, timeout=30)) as db:
            db.row_factory = sqlite3.Row
            db.execute("pragma journal_mode = wal")
            db.execute("pragma foreign_keys = on")
            db.execute("pragma secure_delete = on")  # a document that was taken off leaves no text behind
            with db:
                yield db

    def _each(self, files: list[tuple[Path, str]], told: Told) -> Added:
        entries = []
        for done, (path, wrong) in enumerate(files, 1):
            entries.append(self._take(path, wrong))
            told(path.name, done, len(files))
        return Added(tuple(entries))

    def _take(self, path: Path, wrong: str) -> Entry:
        """One file by one transaction. It is read before, so that nothing waits for a slow reader."""
        with self._opened() as db:
            known = db.execute("select * from files where path = ?", (str(path),)).fetchone()
        if known and folder.gone(path):
            with self._opened() as db:
                db.execute("delete from files where path = ?", (str(path),))
                _sweep(db)
            return Entry(path, Outcome.REMOVED, known["document"] or "")
        try:
            if wrong:
                raise ReadError(wrong)
            media_of(path.name)
            data = folder.content(path)
            sha256 = hashlib.sha256(data).hexdigest()
            if known and known["sha256"] == sha256 and known["readers"] == READERS:
                if known["document"]:
                    return Entry(path, Outcome.UNCHANGED, known["document"], self._waiting(known["document"]))
                raise ReadError(known["reason"])
            document = _READ[path.suffix.lower()](data, name=path.name)
        except (ReadError, OSError) as error:
            reason = str(error) if isinstance(error, ReadError) else f"it cannot be opened: {error.strerror}"
            return self._failed(path, reason, known)
        return self._kept(path, document, known)

    def _waiting(self, id: str) -> str:
        with self._opened() as db:
            row = db.execute(
                "select 1 from documents where id = ? and flags != '[]' and not approved", (id,)
            ).fetchone()
        return "waits for a person" if row else ""

    def _failed(self, path: Path, reason: str, known: sqlite3.Row | None) -> Entry:
        """A known file that can no longer be read is answered from no more; one never read leaves no row."""
        if known:
            with self._opened() as db:
                db.execute(
                    "update files set sha256 = '', document = null, reason = ? where path = ?", (reason, str(path))
                )
                _sweep(db)
        return Entry(path, Outcome.FAILED, detail=reason)

    def _kept(self, path: Path, document: FirmDocument, known: sqlite3.Row | None) -> Entry:
        with self._opened() as db:
            twin = db.execute(
                "select path from files where document = ? and path != ?", (document.id, str(path))
            ).fetchone()
            before = db.execute("select flags, approved from documents where id = ?", (document.id,)).fetchone()
            values = _values(document)
            # Read again by newer readers: what a person approved stays approved as long as the flags are the same.
            approved = int(before is not None and before["approved"] and before["flags"] == values["flags"])
            db.execute(
                "insert into documents values (:id, :sha256, :name, :title, :date, :author, :media, :passages, :flags,"
                " :faults, :approved) on conflict (id) do update set passages = :passages, flags = :flags,"
                " faults = :faults, title = :title, date = :date, author = :author, approved = :approved",
                values | {"approved": approved},
            )
            db.execute(
                "insert or replace into files values (?, ?, ?, '', ?)",
                (str(path), document.sha256, document.id, READERS),
            )
            _sweep(db)
        if twin:
            return Entry(path, Outcome.DUPLICATE, document.id, f"the same file as {twin['path']}")
        if document.flags and not approved:
            kinds = ", ".join(dict.fromkeys(f"{one.kind} ({one.where})" for one in document.flags))
            return Entry(path, Outcome.FLAGGED, document.id, kinds)
        replaced = known["document"] if known and known["document"] != document.id else ""
        return Entry(path, Outcome.NEW, document.id, f"replaces {replaced}" if replaced else "")


def _sweep(db: sqlite3.Connection) -> None:
    """Documents without a file leave."""
    db.execute("delete from documents where id not in (select document from files where document is not null)")


def _values(document: FirmDocument) -> dict[str, str | None]:
    """The row of a document, without whether it is approved."""
    listed = {name: json.dumps([asdict(one) for one in getattr(document, name)]) for name in ("passages", "flags")}
    date = document.date.isoformat() if document.date else None
    plain = {name: getattr(document, name) for name in ("id", "sha256", "name", "title", "author", "media")}
    return {**plain, **listed, "date": date, "faults": json.dumps(document.faults)}


def _document(row: sqlite3.Row) -> FirmDocument:
    passages = tuple(
        Passage(tuple(one["heading"]), one["text"], one["page"], one["number"], tuple(one["cites"]))
        for one in json.loads(row["passages"])
    )
    return FirmDocument(
        **{name: row[name] for name in ("id", "name", "sha256", "title", "author", "media")},
        date=dt.date.fromisoformat(row["date"]) if row["date"] else None,
        passages=passages,
        flags=tuple(Flag(**one) for one in json.loads(row["flags"])),
        faults=tuple(json.loads(row["faults"])),
    )

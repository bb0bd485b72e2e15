"""Backup and restore of the data folder, one file each way: `kei backup FILE` and `kei restore FILE`.

In it are the database, the official texts and the firm's shelf, each as it was at one moment while the server ran on,
and a manifest with their hashes. Not in it: the index, which is made anew; the values of settings and the key that
signs sessions, which are secret; the originals of the firm's papers, which `kei add` leaves where they are.
"""

from __future__ import annotations

import datetime as dt
import gzip
import hashlib
import os
import shutil
import sqlite3
import tarfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Final, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from assistant.database import FILE, StoreUnusable
from assistant.ledger import Ledger
from assistant.ledger_chain import HEAD, Head
from assistant.settings import Settings
from corpus.firm import shelf
from corpus.official import store

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
# The same names in the archive and in the data folder; an archive that names anything else is refused.
Name = Literal["kei.db", "official/official.db", "firm/firm.db"]
_CHUNK = 1 << 20
# More than a manifest needs, and than the zeros after the last file of a tar.
_MOST = 1 << 16
_BROKEN = (tarfile.TarError, gzip.BadGzipFile, zlib.error, EOFError, ValueError)


class BackupRefused(RuntimeError):  # noqa: N818 - says what is the matter
    """Nothing was written, or nothing was put into place; the message says why and what to do."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Part(_Frozen):
    """One file: its sha256 in hexadecimal digits and its size in bytes."""

    sha256: str
    size: int = Field(ge=0)


class Manifest(_Frozen):
    """What a backup holds. `made` is in UTC; `ledger_head` is `12:9f86…`; of settings only the names that were set."""

    format: Literal[1]
    version: str
    made: AwareDatetime
    schema_revision: str | None
    ledger_head: str | None
    settings: tuple[str, ...]
    files: dict[Name, Part]


@dataclass(frozen=True)
class Restored:
    """What was put into place; `fault` is what the ledger's check found in it, None when it is whole."""

    folder: Path
    manifest: Manifest
    fault: str | None


def backup(settings: Settings, file: Path, *, database: bool = True) -> Manifest:
    """Write what is worth keeping to `file` (0600, gzipped tar), whole or not at all; the server may run on.

    `database=False` leaves the conversations and the ledger out, for a firm that keeps them in PostgreSQL.
    Raises BackupRefused.
    """
    file = file.expanduser().absolute()
    sources = _sources(settings, database)
    if file.exists():
        raise BackupRefused(f"{file} is there already; name another file")
    if file.is_relative_to(settings.data_dir):
        raise BackupRefused(f"{file} would lie in the data folder itself; name a file elsewhere, best on another disk")
    failed = f"the backup could not be written to {file} ({{}}); check the disk and the rights"
    with _refusing(failed), TemporaryDirectory(prefix=".kei-backup-", dir=file.parent) as made:
        work = Path(made)
        for name, source in sources.items():
            _copy(source, work / name)
        revision, head = _facts(work / FILE)
        manifest = Manifest(
            format=FORMAT,
            version=version("kei-assistant"),
            made=dt.datetime.now(dt.UTC),
            schema_revision=revision,
            ledger_head=head,
            settings=tuple(sorted(f"KEI_{name.upper()}" for name in settings.model_fields_set)),
            files={name: _part(work / name) for name in sources},
        )
        (work / MANIFEST).write_text(manifest.model_dump_json(indent=2), "utf-8")
        packed = work / "packed"
        _pack(packed, work, (MANIFEST, *sources))
        packed.rename(file)
        _sync(file.parent)
    return manifest


def _sources(settings: Settings, database: bool) -> dict[Name, Path]:
    """What there is to be kept, by its name in the archive."""
    found: dict[Name, Path] = {
        "official/official.db": settings.official_dir / store.FILE,
        "firm/firm.db": settings.firm_dir / shelf.FILE,
    }
    url = settings.database_url.get_secret_value() if settings.database_url else ""
    if url and not url.startswith("sqlite:///") and database:
        told = "the conversations and the ledger are in PostgreSQL, which has its own backups (pg_dump)"
        raise BackupRefused(f"{told}; for the rest run: kei backup FILE --without-database")
    if database:
        found["kei.db"] = Path(url.removeprefix("sqlite:///")) if url else settings.data_dir / FILE
    held = {name: path for name, path in found.items() if path.is_file()}
    if not held:
        raise BackupRefused(f"there is nothing to back up in {settings.data_dir}; is KEI_DATA_DIR right?")
    return held


def _copy(source: Path, target: Path) -> None:
    """A copy as of one moment, whoever reads and writes meanwhile."""
    target.parent.mkdir(exist_ok=True)
    try:
        with closing(_readable(source)) as db:
            db.execute("VACUUM INTO ?", (str(target),))
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            raise  # of the copy
        told = f"{source} cannot be read ({error}); keep it as it is, check the rights, or restore the last good backup"
        raise BackupRefused(told) from error


def _readable(source: Path) -> sqlite3.Connection:
    db = sqlite3.connect(f"{source.as_uri()}?mode=rw", uri=True, timeout=30)
    try:
        db.execute("select count(*) from sqlite_master").close()
    except sqlite3.OperationalError:
        db.close()
        # A folder that cannot be written: without a log nobody writes elsewhere, and SQLite has to be told so.
        if source.with_name(f"{source.name}-wal").exists():
            raise
        db = sqlite3.connect(f"{source.as_uri()}?immutable=1", uri=True)
    return db


def _facts(database: Path) -> tuple[str | None, str | None]:
    """The revision of the tables and the ledger's head in a copied database; None where it has none."""
    from assistant.migrations import VERSION_TABLE

    if not database.is_file():
        return None, None
    with closing(sqlite3.connect(database)) as db:
        tables = {name for (name,) in db.execute("select name from sqlite_master where type = 'table'")}
        asked = {VERSION_TABLE: "version_num, null", HEAD.name: "n, hash"}
        told = {t: db.execute(f"select {c} from {t}").fetchone() for t, c in asked.items() if t in tables}
    revision, head = told.get(VERSION_TABLE), told.get(HEAD.name)
    return revision and revision[0], head and str(Head(*head))


def _part(path: Path) -> Part:
    with path.open("rb") as file:
        return Part(sha256=hashlib.file_digest(file, "sha256").hexdigest(), size=path.stat().st_size)


def _pack(packed: Path, folder: Path, names: tuple[str, ...]) -> None:
    """The files of the folder in that order, without a name, owner or time of this machine."""
    opened = os.open(packed, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(opened, "wb") as out:
        with (
            gzip.GzipFile(filename="", mode="wb", compresslevel=6, fileobj=out, mtime=0) as zipped,
            tarfile.open(fileobj=zipped, mode="w") as archive,
        ):
            for name in names:
                entry = tarfile.TarInfo(name)
                entry.size, entry.mode = (folder / name).stat().st_size, 0o600
                with (folder / name).open("rb") as file:
                    archive.addfile(entry, file)
        out.flush()
        os.fsync(out.fileno())


def ledger_fault(folder: Path, head: Head | None) -> str | None:
    """What the ledger's check finds in the database of a data folder; None when it is whole or there is none."""
    if not (folder / FILE).is_file():
        return None
    with closing(Ledger.open(Settings(data_dir=folder, database_url=None))) as ledger:
        found = ledger.verify(head)
    return f"row {found.n} of the ledger: {found.told}" if found else None


def restore(file: Path, folder: Path, *, verify: Callable[[Path, Head | None], str | None] = ledger_fault) -> Restored:
    """Put a backup into `folder`, which must be missing or empty; it appears at once, when every hash was right.

    `verify` is asked with the folder beside, before it is renamed, and the ledger's head as it was. What it finds
    was so when the backup was made; it is told and keeps nothing back. Raises BackupRefused.
    """
    folder = folder.expanduser().resolve()
    failed = f"the backup could not be restored to {folder} ({{}}); check the disk and the rights"
    with _refusing(failed):
        if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
            raise BackupRefused(f"{folder} is not empty; stop the server and move it away, or name another by --into")
        if not file.is_file():
            raise BackupRefused(f"there is no file {file}; name the backup")
        folder.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".kei-restore-", dir=folder.parent) as made:
            work = Path(made) / "data"
            work.mkdir(mode=0o700)
            try:
                manifest = _unpack(file, work)
                head = Head.parse(manifest.ledger_head) if manifest.ledger_head else None
            except _BROKEN as error:
                reason = str(error) if type(error) is ValueError else "it was cut off or changed"
                told = f"{file} is no whole backup ({reason}); nothing was written: take another copy"
                raise BackupRefused(told) from error
            try:
                fault = verify(work, head)
            except StoreUnusable as error:
                told = f"this version cannot open the database in {file}; install {manifest.version}, which made it"
                raise BackupRefused(f"{told}, or a newer one") from error
            for below in (*work.rglob("*"), work):
                _sync(below)
            # Onto an empty folder too; one that is a mount cannot be replaced.
            work.rename(folder)
            _sync(folder.parent)
    return Restored(folder, manifest, fault)


def _unpack(file: Path, work: Path) -> Manifest:
    """Every file of the archive, below `work`, when it is just what the manifest says. Raises one of _BROKEN."""
    with file.open("rb") as raw, gzip.GzipFile(fileobj=raw) as zipped:
        with tarfile.open(fileobj=zipped, mode="r|") as archive:
            first = archive.next()
            if first is None or first.name != MANIFEST or first.size > _MOST:
                raise ValueError("it does not begin with a manifest")
            manifest = Manifest.model_validate_json(_opened(archive, first).read())
            missing = {str(name): part for name, part in manifest.files.items()}
            if sum(part.size for part in missing.values()) > shutil.disk_usage(work).free:
                raise OSError(None, "there is not enough space")
            while entry := archive.next():
                expected = missing.pop(entry.name, None)
                if expected is None or entry.size != expected.size:
                    raise ValueError("it holds what the manifest does not name")
                _take(_opened(archive, entry), work / entry.name, expected.sha256)
        # The checksum of the whole comes last, and is compared only when it is read.
        if missing or len(zipped.read(_MOST)) == _MOST:
            raise ValueError("it lacks a file, or goes on after the last one")
    return manifest


def _opened(archive: tarfile.TarFile, entry: tarfile.TarInfo) -> IO[bytes]:
    opened = archive.extractfile(entry) if entry.type in (tarfile.REGTYPE, tarfile.AREGTYPE) else None
    if opened is None:
        raise ValueError("it holds a link, a folder or a device")
    return opened


def _take(source: IO[bytes], target: Path, sha256: str) -> None:
    """Write a file (0600) and compare its hash."""
    target.parent.mkdir(mode=0o700, exist_ok=True)
    told = hashlib.sha256()
    with os.fdopen(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as out:
        while chunk := source.read(_CHUNK):
            told.update(chunk)
            out.write(chunk)
    if told.hexdigest() != sha256:
        raise ValueError("a file has another hash than the manifest says")


@contextmanager
def _refusing(told: str) -> Iterator[None]:
    """What the disk or SQLite refuses, as a refusal of ours; `told` has a place for the reason."""
    try:
        yield
    except (OSError, sqlite3.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise BackupRefused(told.format(reason or type(error).__name__)) from error


def _sync(path: Path) -> None:
    """Whatever happens to the machine now, the file, or the folder's list of names, is on the disk."""
    opened = os.open(path, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)

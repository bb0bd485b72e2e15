"""Is a bundle as it was written, and does the book still say the same? Trusts nothing that the file says of itself."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar, get_args

from pydantic import BaseModel, ConfigDict, ValidationError

from assistant.export.archive import LARGEST, packed, unpacked
from assistant.export.legible import legible
from corpus.library import Library

MANIFEST, MEMO = "manifest.json", "memo.json"
FORMAT, VERSION = "kei-bundle", 1
# Faults of the bundle; what the ledger says, or that none was asked; what the book says today of a cited statement.
Fault = Literal["unreadable", "unsafe", "too large", "missing", "extra", "altered", "unrecorded"]
Kind = Fault | Literal["recorded", "unproved"] | Literal["same", "changed", "gone", "outside"]
_FAULTS = get_args(Fault)
_Model = TypeVar("_Model", bound=BaseModel)
LedgerSays = Callable[[str], bool | None]


@dataclass(frozen=True)
class Finding:
    """One thing that the check found: its kind, the part or source it is about ("" for the whole), and what to know."""

    kind: Kind
    where: str
    text: str

    @property
    def fault(self) -> bool:
        """Whether the bundle is not what was exported; that the book has moved on is no fault of the bundle."""
        return self.kind in _FAULTS


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class _Statement(_Strict):
    id: str
    hash: str
    words: str


class _Source(_Strict):
    turn: int
    n: int
    citation: str
    coordinate: str
    words: str
    official: str | None
    statements: tuple[_Statement, ...]


class _Manifest(_Strict):
    format: str
    version: int
    exported: str
    book: str
    parts: dict[str, str]
    sources: tuple[_Source, ...]


class _Cited(BaseModel):
    """What a check needs of a stored source; answers of other versions hold other things beside it."""

    n: int
    citation: str
    coordinate: str
    statement: str
    official_text: str | None = None


class _Answer(BaseModel):
    citations: tuple[_Cited, ...]


class _Turn(BaseModel):
    answer: _Answer


class _Memo(BaseModel):
    turns: tuple[_Turn, ...]


def check(path: Path, library: Library, ledger_says: LedgerSays | None = None) -> list[Finding]:
    """What is to be said of a bundle, faults first. Raises OSError when the file cannot be read at all.

    `ledger_says` is given the manifest's hash: True when this export is on record, False when it is not, None when it
    cannot tell. Without it a bundle that was rewritten as a whole, manifest and all, cannot be told from a true one.
    """
    size = path.stat().st_size
    if size > LARGEST:
        return [Finding("too large", "", f"the file has {size:,} bytes; a bundle is far smaller")]
    data = path.read_bytes()
    parts, faults = unpacked(data)
    found = [Finding(one.kind, one.part, one.text) for one in faults]
    held = {one.where for one in found}
    found += [Finding("missing", name, "the bundle has no such part") for name in _missing(parts, held)]
    if MANIFEST not in parts:
        return found
    try:
        manifest = _read(_Manifest, parts[MANIFEST])
    except ValueError as error:
        return [*found, Finding("unreadable", MANIFEST, f"this version of Kei Assistant cannot read it: {error}")]
    if (manifest.format, manifest.version) != (FORMAT, VERSION):
        told = f"it is {_shown(manifest.format)}, version {manifest.version}; this is read: {FORMAT}, {VERSION}"
        return [*found, Finding("unreadable", MANIFEST, told)]
    found += _of_parts(parts, manifest)
    if not found and data != packed({name: parts[name] for name in (MANIFEST, MEMO)}):
        found.append(Finding("altered", "", "the zip file was packed anew or holds bytes beside its parts"))
    found += _of_ledger(hashlib.sha256(parts[MANIFEST]).hexdigest(), ledger_says)
    found += [_of_book(source, one, library) for source in manifest.sources for one in source.statements or (None,)]
    return sorted(found, key=lambda one: not one.fault)


def manifest_hash(data: bytes) -> str:
    """sha256 of the manifest in a bundle's bytes: what a ledger records of an export. ValueError when there is none."""
    parts, _ = unpacked(data)
    if MANIFEST not in parts:
        raise ValueError("this is no bundle: it has no manifest")
    return hashlib.sha256(parts[MANIFEST]).hexdigest()


def _read(model: type[_Model], data: bytes) -> _Model:
    """A part as its model. Raises ValueError, whose message quotes nothing of the part.

    Read by `json`, because pydantic's own reader refuses half a surrogate pair.
    """
    try:
        return model.model_validate(json.loads(data))
    except ValidationError as error:
        raise ValueError(f"{error.error_count()} of its fields do not fit") from None
    except (ValueError, RecursionError) as error:
        raise ValueError(f"it is no JSON ({type(error).__name__})") from None


def _missing(parts: dict[str, bytes], told: set[str]) -> Iterator[str]:
    if "" not in told:  # of a file that is no zip, the parts need not be told one by one
        yield from (name for name in (MANIFEST, MEMO) if name not in parts and name not in told)


def _of_parts(parts: dict[str, bytes], manifest: _Manifest) -> Iterator[Finding]:
    for name in parts:
        if name not in (MANIFEST, *manifest.parts):
            yield Finding("extra", name, "the manifest does not name this part")
    for name, expected in manifest.parts.items():
        if name not in parts:
            if name != MEMO:
                yield Finding("missing", _shown(name), "the manifest names this part")
        elif hashlib.sha256(parts[name]).hexdigest() != expected:
            yield Finding("altered", name, "its sha256 is not the one in the manifest")
    if MEMO not in manifest.parts:
        yield Finding("altered", MANIFEST, f"it does not name {MEMO}")
    if MEMO in parts:
        yield from _of_memo(parts[MEMO], manifest)


def _of_memo(data: bytes, manifest: _Manifest) -> Iterator[Finding]:
    """The manifest's list of sources against the answers themselves."""
    try:
        memo = _read(_Memo, data)
    except ValueError as error:
        yield Finding("unreadable", MEMO, str(error))
        return
    said = {(n, c.n): c for n, turn in enumerate(memo.turns, 1) for c in turn.answer.citations}
    listed = {(s.turn, s.n): s for s in manifest.sources}
    for key in sorted(said.keys() | listed.keys()):
        where = f"answer {key[0]}, source [{key[1]}]"
        if key not in said or key not in listed:
            yield Finding("altered", where, "it stands in one of answer and manifest only")
        elif _told(said[key]) != _listed(listed[key]):
            yield Finding("altered", where, "the answer gives other words than the manifest")


def _told(one: _Cited) -> tuple[str, str, str, str | None]:
    return one.citation, one.coordinate, _sha(one.statement), _sha(one.official_text) if one.official_text else None


def _listed(one: _Source) -> tuple[str, str, str, str | None]:
    return one.citation, one.coordinate, one.words, one.official


def _of_ledger(digest: str, ledger_says: LedgerSays | None) -> Iterator[Finding]:
    known = ledger_says(digest) if ledger_says else None
    if known is None:
        yield Finding("unproved", MANIFEST, f"no ledger vouches for this manifest ({digest}): it may be written anew")
    elif known:
        yield Finding("recorded", MANIFEST, f"the ledger holds this export ({digest})")
    else:
        yield Finding("unrecorded", MANIFEST, f"the ledger holds no export of this manifest ({digest})")


def _of_book(source: _Source, one: _Statement | None, library: Library) -> Finding:
    where = f"answer {source.turn}, source [{source.n}], {_shown(source.citation)}"
    if one is None:
        return Finding("outside", where, "the book did not hold these words when the bundle was written")
    today, name = library.statements.get(one.id), _shown(one.id)
    if today is None:
        return Finding("gone", where, f"the book holds {name} no longer")
    if today.hash == one.hash:
        return Finding("same", where, f"the book says the same ({name})")
    what = "its standing, dates or pinpoint" if _sha(today.text) == one.words else "its words"
    return Finding("changed", where, f"the book has changed {what} ({name})")


def _shown(text: str) -> str:
    """A word of the file that a terminal can show safely."""
    return legible(" ".join(text.split()))[:160]


def _sha(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

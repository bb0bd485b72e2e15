"""How the rows of the ledger vouch for each other: their tables, their hashes, and the check of the whole chain."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa

from assistant.database import TABLES

_BATCH = 500


class Head(NamedTuple):
    """The number of rows and the hash of the last one; written as `12:9f86…` to be noted elsewhere."""

    n: int
    hash: str

    def __str__(self) -> str:
        return f"{self.n}:{self.hash}"

    @classmethod
    def parse(cls, noted: str) -> Head:
        """Read what `str` wrote; anything else raises ValueError."""
        n, _, hash = noted.strip().partition(":")
        if not (n.isascii() and n.isdigit() and len(hash) == 64):
            raise ValueError("a noted head is a number, a colon and 64 hexadecimal digits, as the ledger printed it")
        return cls(int(n), hash)


EMPTY = Head(0, "0" * 64)


@dataclass(frozen=True)
class Finding:
    """The first row that cannot be trusted, and what is wrong with it."""

    n: int
    told: str


LEDGER = sa.Table(
    "kei_ledger",
    TABLES,
    sa.Column("n", sa.Integer, primary_key=True, autoincrement=False),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("at", "actor", "action", "subject", "facts")),
    sa.Column("content_hash", sa.Text),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("previous", "hash")),
    sa.Index("kei_ledger_by_subject", "subject", "n"),
    sa.Index("kei_ledger_by_actor", "actor", "n"),
)
HEAD = sa.Table(
    "kei_ledger_head",
    TABLES,
    sa.Column("only", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
)
CONTENT = sa.Table(
    "kei_ledger_content",
    TABLES,
    sa.Column("n", sa.Integer, sa.ForeignKey("kei_ledger.n"), primary_key=True, autoincrement=False),
    sa.Column("salt", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
)
_HASHED = tuple(column.name for column in LEDGER.c if column.name != "hash")


def canonical(value: object) -> str:
    """JSON that says the same with the same bytes, in ASCII, which every database keeps as it is."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False)


def hash_of_row(row: Mapping[str, Any]) -> str:
    """sha256 of the canonical JSON object of all columns but `hash`; `facts` is in it as the text that is stored."""
    return _sha256({name: row[name] for name in _HASHED})


def hash_of_content(salt: object, text: object) -> str:
    """sha256 of the canonical JSON list of both: without the salt nobody can try whether a guess was the text."""
    return _sha256([salt, text])


def _sha256(value: object) -> str:
    # Somebody may have put bytes where text belongs; that has some hash too, only not the right one.
    told = json.dumps(value, sort_keys=True, separators=(",", ":"), default=repr)
    return hashlib.sha256(told.encode()).hexdigest()


class _Contents:
    """Whether each row's content is where the purges before and after it leave it; known only of a whole chain."""

    def __init__(self) -> None:
        # By actor and thread, the first row since the last purge with its content, and without.
        self._held = dict[tuple[str, str], int]()
        self._gone = dict[tuple[str, str], int]()
        self._back: list[Finding] = []

    def take(self, row: Mapping[Any, Any]) -> None:
        """The next row."""
        if row["action"] == "purge":
            for gone in [key for key in self._gone if row["subject"] in key]:
                del self._gone[gone]
            for held in [key for key in self._held if row["subject"] in key]:
                told = f"its content was purged by row {row['n']} and is there again"
                self._back.append(Finding(self._held.pop(held), told))
        elif row["content_hash"] is not None:
            key = (row["actor"], row["subject"].partition("/")[0])
            (self._gone if row["kept"] is None else self._held).setdefault(key, row["n"])

    def fault(self) -> Finding | None:
        """The first one, after the last row."""
        gone = [Finding(n, "its content is gone, and no later purge says so") for n in self._gone.values()]
        return min(self._back + gone, key=lambda finding: finding.n, default=None)


def check(db: sa.Connection, noted: Head | None) -> Finding | None:
    """Walk all rows in order, a batch at a time; the first fault, or None. `db` must see one moment."""
    last, contents = EMPTY, _Contents()
    wanted = sa.select(LEDGER, CONTENT.c.n.label("kept"), CONTENT.c.salt, CONTENT.c.text)
    wanted = wanted.select_from(LEDGER.outerjoin(CONTENT)).order_by(LEDGER.c.n)
    with db.execute(wanted, execution_options={"yield_per": _BATCH}) as rows:
        for row in rows.mappings():
            if found := _row_fault(db, row, last):
                return found
            last = Head(row["n"], row["hash"])
            if noted and noted.n == last.n and noted.hash != last.hash:
                return Finding(last.n, "it is not the row that was noted: it, or a row before it, was written anew")
            if row["kept"] is not None and row["content_hash"] != hash_of_content(row["salt"], row["text"]):
                return Finding(last.n, "its content was edited")
            contents.take(row)
    return _tail_fault(db, last, noted) or contents.fault()


def _row_fault(db: sa.Connection, row: Mapping[Any, Any], last: Head) -> Finding | None:
    """What is wrong with a row, or with one before it that it shows to be false."""
    n = row["n"]
    if n != last.n + 1:
        return Finding(last.n + 1, "it is missing") if n > last.n else Finding(n, "it was put in before the first row")
    whole, follows = row["hash"] == hash_of_row(row), row["previous"] == last.hash
    if whole and follows:
        return None
    if follows or row["hash"] == hash_of_row({**row, "previous": last.hash}):
        return Finding(n, "it was edited")
    # A row that once followed an earlier one was moved here by those that were put in between.
    before = sa.select(LEDGER.c.n).where(LEDGER.c.hash == row["previous"], LEDGER.c.n < n - 1)
    origin = 0 if row["previous"] == EMPTY.hash else db.execute(before).scalar()
    if origin is not None and _at(db, origin + 1, "hash") != row["hash"]:
        return Finding(origin + 1, "it was put in, or written anew with a right hash")
    # Of two rows that do not fit together, the one that the next row names, or the head, is the true one.
    named = _at(db, n + 1, "previous") or db.execute(sa.select(HEAD.c.hash).where(HEAD.c.n == n)).scalar()
    if whole and last.n and named == row["hash"]:
        return Finding(last.n, f"it was written anew with a right hash: row {n} does not follow from it")
    return Finding(n, "it was edited or moved, or does not belong here")


def _at(db: sa.Connection, n: int, column: str) -> Any:
    return db.execute(sa.select(LEDGER.c[column]).where(LEDGER.c.n == n)).scalar()


def _tail_fault(db: sa.Connection, last: Head, noted: Head | None) -> Finding | None:
    """Compare the last row with the head beside the chain and with the one that was noted."""
    if noted and noted.n > last.n:
        return Finding(last.n + 1, f"it is missing: the ledger had {noted.n} rows when its head was noted")
    head = db.execute(sa.select(HEAD.c.n, HEAD.c.hash).where(HEAD.c.only == 1)).one_or_none()
    if head is None or not isinstance(head.n, int):
        return Finding(last.n + 1, "the head of the ledger is gone, so rows from here on may have been cut off")
    if head.n > last.n:
        return Finding(last.n + 1, f"it is missing: the head counts {head.n} rows")
    if head.n < last.n:
        return Finding(max(head.n, 0) + 1, f"it was put in, or the head was set back: that counts {head.n} rows")
    if head.hash != last.hash:
        return Finding(last.n, "it was written anew with a right hash, or the head was edited")
    stray = sa.select(sa.func.min(CONTENT.c.n)).where(sa.or_(CONTENT.c.n < 1, CONTENT.c.n > last.n))
    if (n := db.execute(stray).scalar()) is not None:
        return Finding(n, "there is a content without its row")
    return None

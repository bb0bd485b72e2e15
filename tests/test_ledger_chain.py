"""The check of the ledger's chain, on both databases: every tampering is found, and the first bad row is named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.database import Database
from assistant.ledger import Finding, Head, Ledger
from assistant.ledger_chain import CONTENT, HEAD, LEDGER, check, hash_of_row
from tests import postgres
from tests.postgres import raw

server, url = postgres.server, postgres.url
ROWS = 9
PURGE = 6
UNLOCKED = {
    "s": [f"drop trigger kei_ledger_no_{verb}" for verb in ("update", "delete", "replace")],
    "p": [
        "drop trigger kei_ledger_append_only on kei_ledger",
        "alter table kei_ledger_content drop constraint kei_ledger_content_n_fkey",
    ],
}
often = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
number = st.integers(1, ROWS)
text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
cell = st.sampled_from([column.name for column in LEDGER.c if column.name != "n"])


@pytest.fixture
def tampered(url: str) -> Iterator[Database]:
    """A ledger of nine rows whose database no longer keeps anybody from changing them: 1-3 and 8 Ann's, of which 1 and
    3 were purged by 6; 4, 5 and 9 Bob's, with contents but 5; 7 a sign-in."""
    with closing(Database(url)) as database:
        ledger = Ledger(database)
        for actor, content in (("ann", "a"), ("ann", None), ("ann", "b"), ("bob", "c"), ("bob", None)):
            ledger.append("question", actor, "t", {"x": content}, content)
        assert ledger.purge("ann", by="admin").n == PURGE
        for actor, content in (("ann", None), ("ann", "d"), ("bob", "e")):
            ledger.append("answer", actor, "t", {}, content)
        raw(url, *UNLOCKED[url[0]])
        assert ledger.verify() is None
        yield database


class Undone(Exception):  # noqa: N818 - no error: it takes the tampering back
    pass


@contextmanager
def undone(database: Database) -> Iterator[sa.Connection]:
    """A transaction that is taken back at its end."""
    with suppress(Undone), database.transaction() as db:
        if database.dialect == "sqlite":
            db.exec_driver_sql("BEGIN")
            db.exec_driver_sql("PRAGMA defer_foreign_keys = on")
        yield db
        raise Undone


def rows_of(db: sa.Connection) -> list[dict[str, Any]]:
    return [dict(row) for row in db.execute(sa.select(LEDGER).order_by(LEDGER.c.n)).mappings()]


def put(db: sa.Connection, rows: list[dict[str, Any]]) -> None:
    """Make these the rows of the ledger, as they are."""
    db.execute(sa.delete(LEDGER))
    db.execute(sa.insert(LEDGER), rows)


def found(db: sa.Connection, noted: Head | None = None) -> int | None:
    finding = check(db, noted)
    assert finding is None or finding.told
    return finding and finding.n


def forged(row: dict[str, Any], **changed: Any) -> dict[str, Any]:
    """The row with other values and the hash that belongs to them."""
    row = {**row, **changed}
    return {**row, "hash": hash_of_row(row)}


@often
@given(n=number, column=cell, value=st.none() | text, other=number)
def test_any_edit_of_one_cell(tampered: Database, n: int, column: str, value: str | None, other: int) -> None:
    with undone(tampered) as db:
        rows = rows_of(db)
        old = rows[n - 1][column]
        for new in (value, rows[other - 1][column], f"{old} ", old and old[:-1] + chr(ord(old[-1]) ^ 1)):
            if new == old or (new is None and not LEDGER.c[column].nullable):
                continue
            db.execute(sa.update(LEDGER).where(LEDGER.c.n == n).values({column: new}))
            assert found(db) == n
            db.execute(sa.update(LEDGER).where(LEDGER.c.n == n).values({column: old}))
        assert found(db) is None


@often
@given(n=number, to=st.integers(-3, ROWS + 5))
def test_any_other_number_of_a_row(tampered: Database, n: int, to: int) -> None:
    with undone(tampered) as db:
        if 1 <= to <= ROWS:
            return
        db.execute(sa.update(LEDGER).where(LEDGER.c.n == n).values(n=to))
        assert found(db) == min(n, to)


@often
@given(n=number, closed=st.booleans())
def test_any_deletion(tampered: Database, n: int, closed: bool) -> None:
    """With the gap left open, or with the rows after it moved up."""
    with undone(tampered) as db:
        rows = rows_of(db)
        put(db, rows[: n - 1] + [{**row, "n": row["n"] - closed} for row in rows[n:]])
        assert found(db) == n


@often
@given(one=number, other=number)
def test_any_swap_of_two_rows(tampered: Database, one: int, other: int) -> None:
    with undone(tampered) as db:
        rows = rows_of(db)
        rows[one - 1], rows[other - 1] = {**rows[other - 1], "n": one}, {**rows[one - 1], "n": other}
        put(db, rows)
        assert found(db) == (None if one == other else min(one, other))


@often
@given(n=st.integers(1, ROWS + 1), source=number, with_hash=st.booleans())
def test_any_insertion(tampered: Database, n: int, source: int, with_hash: bool) -> None:
    """A copy of a row, or one that follows from the row before by a right hash; the rows after it are moved down."""
    with undone(tampered) as db:
        rows = rows_of(db)
        new = {**rows[source - 1], "n": n}
        if with_hash:
            new = forged(new, actor="eve", previous=rows[n - 2]["hash"] if n > 1 else "0" * 64)
        put(db, [*rows[: n - 1], new, *({**row, "n": row["n"] + 1} for row in rows[n - 1 :])])
        # Where a row was doubled in its own place, the second of the two is the false one.
        assert found(db) == n + (source == n and not with_hash)


@often
@given(n=number, column=cell.filter(lambda name: name not in ("hash", "content_hash")), value=text)
def test_any_row_written_anew_with_a_right_hash(tampered: Database, n: int, column: str, value: str) -> None:
    with undone(tampered) as db:
        rows = rows_of(db)
        rows[n - 1] = forged(rows[n - 1], **{column: f"{value}."})
        put(db, rows)
        assert found(db) == n


@pytest.mark.parametrize("first", range(1, ROWS + 1))
def test_what_only_a_noted_head_shows(tampered: Database, first: int) -> None:
    """All rows from one on and the head written anew, or cut off with the head set back."""
    with undone(tampered) as db:
        rows = rows_of(db)
        noted = [Head(row["n"], row["hash"]) for row in rows]
        for n in range(first, ROWS + 1):
            before = rows[n - 2]["hash"] if n > 1 else "0" * 64
            rows[n - 1] = forged(rows[n - 1], at=f"{rows[n - 1]['at']}!", previous=before)
        put(db, rows)
        db.execute(sa.update(HEAD).values(hash=rows[-1]["hash"]))
        assert found(db) is None
        assert [found(db, head) for head in noted] == [None] * (first - 1) + list(range(first, ROWS + 1))
        db.execute(sa.delete(CONTENT))
        put(db, rows[: PURGE + 1])
        db.execute(sa.update(HEAD).values(n=PURGE + 1, hash=rows[PURGE]["hash"]))
        if first > PURGE + 1:
            assert [found(db, noted[n]) for n in (PURGE, PURGE + 1, ROWS - 1)] == [4, PURGE + 2, PURGE + 2]


TAILS = {
    "delete from kei_ledger where n > 7": 8,
    "delete from kei_ledger": 1,
    "update kei_ledger_head set n = 12": 10,
    "update kei_ledger_head set n = 7": 8,
    "update kei_ledger_head set n = -7": 1,
    "update kei_ledger_head set hash = 'x'": 9,
    "delete from kei_ledger_head": 10,
    "update kei_ledger_content set text = 'x' where n = 4": 4,
    "update kei_ledger_content set salt = 'x' where n = 8": 8,
    "insert into kei_ledger_content values (2, 'x', 'x')": 2,
    "insert into kei_ledger_content values (77, 'x', 'x')": 77,
    "update kei_ledger_content set n = 5 where n = 4": 5,
    "delete from kei_ledger_content where n = 4": 4,
    "delete from kei_ledger_content": 4,
    # Chain first: without the purge, row 1 would lack its content too.
    "delete from kei_ledger where n = 6": 6,
    "update kei_ledger set subject = 'bob' where n = 6": 6,
}


@pytest.mark.parametrize("change", TAILS)
def test_a_changed_tail_head_or_content(tampered: Database, change: str) -> None:
    with undone(tampered) as db:
        db.execute(sa.text(change))
        assert found(db) == TAILS[change]


def test_a_content_that_is_back_after_its_purge(url: str) -> None:
    with closing(Ledger(Database(url))) as ledger:
        ledger.append("question", "bob", "t", {}, "his")
        ledger.append("question", "ann", "t", {}, "hers")
        [(salt,)] = raw(url, "select salt from kei_ledger_content where n = 2")
        ledger.purge("ann", by="admin")
        raw(url, f"insert into kei_ledger_content values (2, '{salt}', 'hers')")
        assert ledger.verify() == Finding(2, "its content was purged by row 3 and is there again")


def test_bytes_that_are_no_text_are_found_and_hide_no_other_row(tmp_path: Any) -> None:
    address = f"sqlite:///{tmp_path}/kei.db"
    with closing(Database(address)) as database:
        ledger = Ledger(database)
        for _ in range(3):
            ledger.append("question", "ann", "t", {})
        raw(address, *UNLOCKED["s"])
        for value in ("x'ff'", "cast(x'ff' as text)", "cast('t' as blob)", "7", "0.5"):
            for n in (3, 2):
                raw(address, f"update kei_ledger set subject = {value} where n = {n}")
                assert (finding := ledger.verify())
                assert finding.n == n, value
            raw(address, "update kei_ledger set subject = 't'")
        raw(address, "update kei_ledger_head set n = 'x'")
        assert ledger.verify() == Finding(
            4, "the head of the ledger is gone, so rows from here on may have been cut off"
        )

"""The database, SQLite and PostgreSQL: opened, brought up to date by revisions, refused with a word, kept private."""

from __future__ import annotations

import logging
import traceback
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext

from assistant import access, feedback, migrations, reviews, tokens, uses  # noqa: F401 - their tables belong to TABLES
from assistant.database import TABLES, Database, StoreUnusable
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.threads import ThreadStore
from tests import postgres
from tests.postgres import raw

server, url = postgres.server, postgres.url
LAST = max(path.name[:4] for path in (Path(migrations.__file__).parent / "versions").glob("[0-9]*.py"))


@pytest.fixture
def old(url: str) -> str:
    """The address of a database that was left at revision 0001, with a conversation in it."""
    with pytest.MonkeyPatch.context() as patch:
        whole = migrations.upgrade
        patch.setattr(migrations, "upgrade", lambda db: whole(db, "0001"))
        with closing(ThreadStore(Database(url))) as store:
            store.begin("ann", "kept")
    return url


def tables(url: str) -> set[str]:
    named = {"s": "select name from sqlite_master where type = 'table'", "p": "select tablename from pg_tables"}
    return {name for (name,) in raw(url, named[url[0]]) if name.startswith("kei_")}


def test_a_new_database_has_every_table_as_the_program_knows_it(url: str) -> None:
    with closing(Database(url)) as database, database.transaction() as db:
        assert compare_metadata(MigrationContext.configure(db, opts={"version_table": "kei_schema"}), TABLES) == []
    assert tables(url) == {*TABLES.tables, "kei_schema"}
    assert raw(url, "select version_num from kei_schema") == [(LAST,)]


def test_an_older_database_is_brought_up_to_date_and_keeps_its_rows(old: str) -> None:
    assert tables(old) == {"kei_schema", "kei_threads", "kei_turns"}
    with closing(Database(old)) as database:
        assert [heading.title for heading in ThreadStore(database).headings("ann")] == ["kept"]
        assert Ledger(database).append("question", "ann", "t", {}).n == 1
    assert raw(old, "select version_num from kei_schema") == [(LAST,)]
    test_a_new_database_has_every_table_as_the_program_knows_it(old)


def test_a_newer_database_is_refused_and_left_as_it_is(old: str) -> None:
    raw(old, "update kei_schema set version_num = '9999'")
    with pytest.raises(StoreUnusable, match=r"newer Kei Assistant \(revision 9999\); install that version"):
        Database(old)
    assert tables(old) == {"kei_schema", "kei_threads", "kei_turns"}


def test_a_revision_that_fails_leaves_nothing_half(old: str) -> None:
    raw(old, "create table kei_ledger_content (n integer)")
    with pytest.raises(StoreUnusable, match="kei_ledger_content"):
        Database(old)
    assert tables(old) == {"kei_schema", "kei_threads", "kei_turns", "kei_ledger_content"}
    assert raw(old, "select version_num from kei_schema") == [("0001",)]


def test_older_databases_are_opened_at_once(old: str) -> None:
    """By processes, and by threads of one, which share what Alembic keeps in a variable."""
    given = "from assistant.database import Database"
    with ThreadPoolExecutor(3) as threads:
        opened = [threads.submit(lambda: Database(old).close()) for _ in range(3)]
        others = postgres.started(old, given, "Database(URL).close()", *[()] * 3)
    assert [process.returncode for process in others if process.communicate()] == [0] * 3
    assert [one.result() for one in opened] == [None] * 3
    test_a_new_database_has_every_table_as_the_program_knows_it(old)


def test_different_databases_are_opened_by_threads_at_once(tmp_path: Path) -> None:
    urls = [f"sqlite:///{tmp_path}/{i}/kei.db" for i in range(8)]
    with ThreadPoolExecutor(8) as threads:
        for database in threads.map(Database, urls):
            database.close()
    assert {frozenset(tables(url)) for url in urls} == {frozenset({*TABLES.tables, "kei_schema"})}


def test_opening_leaves_logging_alone(url: str) -> None:
    root = logging.getLogger()
    before = (root.level, [*root.handlers], logging.getLogger("sqlalchemy").disabled)
    Database(url).close()
    assert (root.level, [*root.handlers], logging.getLogger("sqlalchemy").disabled) == before


def test_a_transaction_that_fails_leaves_nothing(url: str) -> None:
    def fail(database: Database) -> None:
        with database.transaction() as db:
            assert db.execute(sa.text("insert into kei_ledger_head values (2, 0, 'x')")).rowcount == 1
            db.execute(sa.text("delete from no_such_table"))

    with closing(Database(url)) as database:
        with pytest.raises(StoreUnusable, match="no_such_table"):
            fail(database)
        assert raw(url, "select count(*) from kei_ledger_head") == [(1,)]


def test_a_snapshot_sees_one_moment(url: str) -> None:
    counted = sa.text("select count(*) from kei_threads")
    with closing(Database(url)) as database, database.snapshot() as db:
        assert db.execute(counted).scalar() == 0
        ThreadStore(database).begin("ann", "t")
        assert (db.execute(counted).scalar(), raw(url, "select count(*) from kei_threads")) == (0, [(1,)])


def test_the_settings_name_the_database(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEI_DATABASE_URL", url)
    Database.open(Settings(data_dir=tmp_path / "data")).close()
    assert raw(url, "select count(*) from kei_threads") == [(0,)]
    assert not (tmp_path / "data").exists()


def test_without_a_setting_it_is_a_file_that_only_its_user_reads(tmp_path: Path) -> None:
    folder = tmp_path / "a?b#c%41 d" / "data"
    with closing(Database.open(Settings(data_dir=folder, database_url=None))):
        modes = {path.name: oct(path.stat().st_mode)[-3:] for path in (folder, *folder.glob("kei.db*"))}
    assert modes == {"data": "700", **{f"kei.db{end}": "600" for end in ("", "-wal", "-shm", ".lock")}}


@pytest.mark.parametrize(
    "address",
    ["", "nonsense", "mysql://u:hunter2@h/d", "postgresql://u:p@hunter2@h/d", "postgresql://u:p@hunter2:x/d",
     "postgresql://u:p@hunter2?@h/d", "postgresql://u:hunter2@127.0.0.1:1/d", "sqlite://", "sqlite:///:memory:",
     "postgresql://u@127.0.0.1:1/d?password=hunter2", "postgresql://u@127.0.0.1:1/d?sslpassword=hunter2&sslmode=hunter2",
     "sqlite:///file:x?uri=true"],
)  # fmt: skip
def test_an_address_that_cannot_be_used_says_what_to_do_without_its_password(address: str) -> None:
    with pytest.raises(StoreUnusable, match="KEI_DATA") as caught:
        Database(address)
    assert "hunter2" not in "".join(traceback.format_exception(caught.value))


def test_a_file_that_is_no_database_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "memo.txt").write_text("not ours " * 200)
    (tmp_path / "memo.txt").chmod(0o644)
    for place in ("memo.txt", "memo.txt/kei.db", ""):
        with pytest.raises(StoreUnusable, match="move the file away"):
            Database(f"sqlite:///{tmp_path / place}")
    assert (tmp_path / "memo.txt").read_text() == "not ours " * 200
    assert (oct((tmp_path / "memo.txt").stat().st_mode)[-3:], oct(tmp_path.stat().st_mode)[-3:]) == ("644", "700")


def test_a_wrong_password_is_not_shown_and_a_lost_connection_is_made_anew(server: str) -> None:
    with postgres.database(server) as url, closing(Database(f"{url}?application_name=x".replace("sql:", "s:"))) as held:
        raw(url, "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'x'")
        assert ThreadStore(held).headings("ann") == ()
        with pytest.raises(StoreUnusable, match="password authentication failed") as caught:
            Database(url.replace("@", "hunter2@"))
        assert "hunter2" not in str(caught.value)

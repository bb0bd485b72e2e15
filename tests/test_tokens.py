"""The tokens of programs: made, good, revoked, ended with their person; on SQLite and PostgreSQL, and by `kei user`."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from typer.testing import CliRunner

from assistant.access import UserError, Users
from assistant.cli import app
from assistant.database import Database
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.tokens import Token, Tokens
from tests import postgres
from tests.postgres import raw

server, url = postgres.server, postgres.url
PASSWORD = "a long enough one"
NOON = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    with closing(Database(url)) as held:
        yield held


@pytest.fixture
def users(database: Database) -> Users:
    held = Users(database, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    held.add("ann", "client", "Ann", PASSWORD)
    held.add("smith", "attorney", "A. Smith", PASSWORD)
    return held


@pytest.fixture
def tokens(database: Database, users: Users) -> Tokens:
    return Tokens(database, users, now=lambda: NOON)


def id_of(text: str) -> str:
    return text.split("_")[1]


def test_a_token_speaks_for_its_person_and_no_other(tokens: Tokens, users: Users) -> None:
    first, second, other = tokens.make(" ANN "), tokens.make("ann"), tokens.make("smith")
    assert len({first, second, other}) == 3
    ann = users.sign_in("ann", PASSWORD)
    assert tokens.person(first) == tokens.person(second) == ann
    found = tokens.person(other)
    assert found is not None
    assert (found.name, found.role) == ("A. Smith", "attorney")


def test_only_its_hash_is_kept(tokens: Tokens, url: str, database: Database) -> None:
    text = tokens.make("ann")
    held = raw(url, "select hash, id from kei_tokens")
    assert held == [(hashlib.sha256(text.encode()).hexdigest(), id_of(text))]
    secret = text.split("_", 2)[2]
    assert secret not in str(raw(url, "select * from kei_tokens"))
    assert secret not in str(Ledger(database).entries())


def test_what_is_no_token_is_nobodys(tokens: Tokens) -> None:
    text, other = tokens.make("ann"), tokens.make("smith")
    mixed = f"kei_{id_of(text)}_{other.split('_', 2)[2]}"
    for bad in ("", "kei_", text[:-1], text + "x", text[:-1] + "é", text.upper(), f" {text}", f"{text}\n", mixed,
                "kei_" + "0" * 12 + text[16:], "kei_' or 1=1 --", "\0", "\ud800", text * 1000):  # fmt: skip
        assert tokens.person(bad) is None, repr(bad[:80])
    assert tokens.person(text) is not None


def test_a_revoked_token_is_over_for_good(tokens: Tokens) -> None:
    text, kept = tokens.make("ann"), tokens.make("ann")
    tokens.revoke(id_of(text))
    assert tokens.person(text) is None
    assert tokens.person(kept) is not None
    for id in (id_of(text), "nothing", "", "\0", "\ud800"):
        with pytest.raises(UserError, match="that could be revoked"):
            tokens.revoke(id)


def test_it_ends_with_the_sign_ins_of_its_person(tokens: Tokens, users: Users) -> None:
    shut, changed, other = tokens.make("ann"), tokens.make("smith"), tokens.make("smith")
    users.set_active("ann", False)
    assert tokens.person(shut) is None
    with pytest.raises(UserError, match="let-in ann"):
        tokens.make("ann")
    users.set_active("ann", True)
    assert tokens.person(shut) is None
    users.set_password("smith", "another long one")
    assert tokens.person(changed) is tokens.person(other) is None
    assert tokens.person(tokens.make("ann")) == users.sign_in("ann", PASSWORD)


def test_they_are_listed_without_their_text(tokens: Tokens, users: Users) -> None:
    ended, good = tokens.make("smith"), tokens.make("ann")
    revoked = tokens.make("ann")
    tokens.revoke(id_of(revoked))
    users.set_password("smith", "another long one")
    assert set(tokens.listed()) == {
        Token(id_of(good), "ann", NOON, "good"),
        Token(id_of(revoked), "ann", NOON, "revoked"),
        Token(id_of(ended), "smith", NOON, "ended"),
    }
    assert [one.login for one in tokens.listed()] == ["ann", "ann", "smith"]
    users.set_active("ann", False)
    assert {one.state for one in tokens.listed()} == {"ended", "revoked"}


def test_nobody_has_no_token(tokens: Tokens, database: Database) -> None:
    with pytest.raises(UserError, match="no person with the name bob"):
        tokens.make("bob")
    assert tokens.listed() == ()
    assert [e.action for e in Ledger(database).entries()] == ["user_added"] * 2


def test_the_ledger_names_making_and_revoking(tokens: Tokens, users: Users, database: Database) -> None:
    text = tokens.make("ann", by="u-admin")
    tokens.revoke(id_of(text))
    ann = users.sign_in("ann", PASSWORD).id
    rows = [(e.action, e.actor, e.subject, e.facts) for e in Ledger(database).entries()][2:4]
    assert rows == [
        ("user_changed", "u-admin", ann, {"what": "token", "token": id_of(text)}),
        ("user_changed", "local", ann, {"what": "token_revoked", "token": id_of(text)}),
    ]
    assert Ledger(database).verify() is None


def test_kei_user_token_shows_it_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEI_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("KEI_DATABASE_URL", raising=False)
    run = CliRunner()

    def kei(*words: str) -> str:
        done = run.invoke(app, ["user", *words], catch_exceptions=False)
        assert done.exit_code == 0, done.output
        return done.stdout

    assert kei("tokens") == "None.\n"
    kei("add", "ann", "--password", PASSWORD)
    text = kei("token", "ann").strip()
    with closing(Database.open(Settings())) as database:
        tokens = Tokens(database, Users(database))
        assert tokens.person(text) is not None
        listed = kei("tokens")
        assert listed.split("\t")[0] == id_of(text)
        assert listed.endswith("\tgood\n")
        assert text not in listed
        assert kei("revoke", id_of(text)) == "Revoked.\n"
        assert tokens.person(text) is None
    with pytest.raises(UserError):
        run.invoke(app, ["user", "token", "bob"], catch_exceptions=False)

"""People, roles, passwords, lock-out: on SQLite and PostgreSQL."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from assistant.access import ATTEMPTS, LOCAL, LOCKED, SignInRefused, UserError, Users
from assistant.database import Database
from assistant.ledger import Ledger
from tests import postgres

server, url = postgres.server, postgres.url
PASSWORD = "a long enough one"
# The real cost of a hash would only slow the tests down.
CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


class Clock:
    def __init__(self) -> None:
        self.now = dt.datetime(2026, 11, 25, 12, tzinfo=dt.UTC)

    def __call__(self) -> dt.datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def database(url: str) -> Iterator[Database]:
    held = Database(url)
    yield held
    held.close()


@pytest.fixture
def users(database: Database, clock: Clock) -> Users:
    return Users(database, hasher=CHEAP, now=clock)


def test_without_people_nobody_signs_in(users: Users) -> None:
    assert not users.configured()
    assert users.by_id("local") == LOCAL
    users.add("ann", "client", "Ann", PASSWORD)
    assert users.configured()
    assert users.by_id("local") is None


def test_sign_in_and_the_session_of_a_person(users: Users) -> None:
    added = users.add("A.Smith@firm.example", "attorney", "A. Smith", PASSWORD)
    person = users.sign_in(" a.smith@FIRM.example ", PASSWORD)
    assert (person.id, person.name, person.role) == (added.id, "A. Smith", "attorney")
    assert person.reviews
    assert not person.administers
    assert users.held(person.id, person.version) == person
    assert users.held(person.id, person.version + 1) is None
    assert users.held("u-nobody", 0) is None


@pytest.mark.parametrize(
    ("login", "password"),
    [("ann", "wrong"), ("bob", PASSWORD), ("", ""), ("ann", ""), ("ann", PASSWORD + "x" * 2_000), ("ann\0", "\ud800")],
)
def test_what_does_not_fit_is_refused_with_the_same_words(users: Users, login: str, password: str) -> None:
    users.add("ann", "client", "Ann", PASSWORD)
    with pytest.raises(SignInRefused, match="do not fit"):
        users.sign_in(login, password)


def test_a_name_is_locked_and_opens_again(users: Users, clock: Clock) -> None:
    users.add("ann", "client", "Ann", PASSWORD)
    for _ in range(ATTEMPTS):
        with pytest.raises(SignInRefused):
            users.sign_in("ann", "wrong")
    with pytest.raises(SignInRefused):
        users.sign_in("ann", PASSWORD)
    clock.now += LOCKED - dt.timedelta(seconds=1)
    with pytest.raises(SignInRefused):
        users.sign_in("ann", PASSWORD)
    clock.now += dt.timedelta(seconds=2)
    assert users.sign_in("ann", PASSWORD).name == "Ann"


def test_a_right_password_starts_the_count_anew(users: Users) -> None:
    users.add("ann", "client", "Ann", PASSWORD)
    for _ in range(3):
        for _ in range(ATTEMPTS - 1):
            with pytest.raises(SignInRefused):
                users.sign_in("ann", "wrong")
        users.sign_in("ann", PASSWORD)


def test_a_new_password_ends_sign_ins_and_a_lock(users: Users) -> None:
    users.add("ann", "client", "Ann", PASSWORD)
    person = users.sign_in("ann", PASSWORD)
    for _ in range(ATTEMPTS):
        with pytest.raises(SignInRefused):
            users.sign_in("ann", "wrong")
    users.set_password("ann", "another long one")
    assert users.held(person.id, person.version) is None
    assert users.sign_in("ann", "another long one").id == person.id


def test_another_role_ends_the_sign_ins_with_the_old_one(users: Users) -> None:
    users.add("ann", "client", "Ann", PASSWORD)
    person = users.sign_in("ann", PASSWORD)
    users.set_role("ann", "attorney")
    assert users.held(person.id, person.version) is None
    assert users.sign_in("ann", PASSWORD).role == "attorney"
    with pytest.raises(UserError, match="no role"):
        users.set_role("ann", "boss")  # type: ignore[arg-type]


def test_who_is_shut_out_is_out_at_once(users: Users) -> None:
    users.add("ann", "client", "Ann", PASSWORD)
    person = users.sign_in("ann", PASSWORD)
    users.set_active("ann", False)
    assert users.held(person.id, person.version) is None
    assert users.by_id(person.id) is None
    with pytest.raises(SignInRefused):
        users.sign_in("ann", PASSWORD)
    with pytest.raises(SignInRefused):
        users.from_elsewhere("ann")
    users.set_active("ann", True)
    assert users.sign_in("ann", PASSWORD).id == person.id
    assert users.held(person.id, person.version) is None


def test_the_firms_own_sign_in_opens_only_to_whom_an_admin_added(users: Users) -> None:
    users.add("ann@firm.example", "client", "Ann", None)
    assert users.from_elsewhere("Ann@firm.example").name == "Ann"
    for login in ("bob@firm.example", "", "ann"):
        with pytest.raises(SignInRefused, match="admin"):
            users.from_elsewhere(login)
    with pytest.raises(SignInRefused):
        users.sign_in("ann@firm.example", "")


@pytest.mark.parametrize(
    ("login", "role", "name", "password", "told"),
    [
        ("", "client", "A", PASSWORD, "sign-in name"),
        ("a b", "client", "A", PASSWORD, "sign-in name"),
        ("ann", "boss", "A", PASSWORD, "no role"),
        ("ann", "client", " ", PASSWORD, "name that clients see"),
        ("ann", "client", "A", "short", "12 to"),
        ("ann-marie", "client", "A", "ann-marie-2026", "does not hold"),
        ("taken", "client", "A", PASSWORD, "already"),
    ],
)
def test_who_cannot_be_added(users: Users, login: str, role: str, name: str, password: str, told: str) -> None:
    users.add("taken", "client", "T", PASSWORD)
    with pytest.raises(UserError, match=told):
        users.add(login, role, name, password)  # type: ignore[arg-type]
    assert [held for held, _, _ in users.listed()] == ["taken"]


def test_the_ledger_knows_who_came_and_no_password(users: Users, database: Database) -> None:
    person = users.add("ann", "client", "Ann", PASSWORD)
    users.sign_in("ann", PASSWORD)
    with pytest.raises(SignInRefused):
        users.sign_in("my secret password", "x")
    with pytest.raises(UserError, match="no person"):
        users.set_active("bob", False)
    ledger = Ledger(database)
    entries = ledger.entries()
    assert [(e.action, e.actor, e.subject) for e in entries] == [
        ("user_added", "local", person.id), ("sign_in", person.id, person.id), ("sign_in_failed", "nobody", "nobody")
    ]  # fmt: skip
    assert PASSWORD not in str(entries)
    assert "secret" not in str(entries)
    assert ledger.verify() is None

"""Who may do what: people with a role, their passwords as argon2 hashes, lock-out, and the revoking of sign-ins.

With no person in the table nobody signs in, and whoever sits at this machine is `LOCAL`, with both desks.
"""

from __future__ import annotations

import datetime as dt
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, get_args

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from assistant.database import TABLES, Database, Utc, storable
from assistant.ledger import Ledger

Role = Literal["client", "attorney", "admin"]
# After so many wrong passwords in a row a name is locked for so long; a right one in between starts the count anew.
ATTEMPTS = 5
LOCKED = dt.timedelta(minutes=15)
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 1_000
_LOGIN = re.compile(r"[a-z0-9][a-z0-9._@+-]{0,99}")


class SignInRefused(PermissionError):  # noqa: N818 - says what is the matter
    """Not signed in. The message is the same for a wrong name, a wrong password and a person who was shut out."""


class UserError(ValueError):
    """A person that cannot be added or changed; the message says why and what to do."""


@dataclass(frozen=True)
class Person:
    """Who asks. `id` says nothing about the person and is what the ledger and the threads hold; `name` is shown."""

    id: str
    name: str
    role: Role
    # Counts up when a password is changed or the person is shut out; a sign-in of before is no longer good.
    version: int = 0

    @property
    def reviews(self) -> bool:
        """Whether the review desk is open to them."""
        return self.role in ("attorney", "admin")

    @property
    def administers(self) -> bool:
        """Whether they may see who there is and what the ledger holds."""
        return self.role == "admin"


LOCAL = Person("local", "You", "admin")

_USERS = sa.Table(
    "kei_users",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("login", sa.Text, nullable=False, unique=True),
    *(sa.Column(name, sa.Text, nullable=False) for name in ("name", "role")),
    # Null for a person who signs in at the firm's own sign-in only.
    sa.Column("password", sa.Text),
    *(sa.Column(name, sa.Integer, nullable=False) for name in ("version", "failed")),
    sa.Column("locked_until", Utc),
    sa.Column("active", sa.Boolean, nullable=False),
)


class Users:
    """The people of one database. Every verb may raise StoreUnusable; every change is a row of the ledger."""

    def __init__(
        self,
        database: Database,
        *,
        hasher: PasswordHasher | None = None,
        now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC),
    ) -> None:
        self._database, self._ledger, self._now = database, Ledger(database, now=now), now
        self._hasher, self._configured = hasher or PasswordHasher(), False
        # A name that is not there takes as long as one that is.
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def configured(self) -> bool:
        """Whether anybody must sign in. Nobody is ever removed, so once true it stays so."""
        if not self._configured:
            with self._database.transaction() as db:
                self._configured = db.execute(sa.select(_USERS.c.id).limit(1)).first() is not None
        return self._configured

    def add(self, login: str, role: str, name: str, password: str | None, *, by: str = LOCAL.id) -> Person:
        """A new person; without a password they can only come from the firm's own sign-in. Raises UserError."""
        login, name = _login(login), _named(name)
        person = Person(f"u-{secrets.token_hex(6)}", name, _role(role))
        row = {
            "id": person.id, "login": login, "name": name, "role": role, "version": 0, "failed": 0, "active": True,
            "password": None if password is None else self._hasher.hash(_strong(password, login)),
        }  # fmt: skip
        with self._database.transaction() as db:
            if db.execute(sa.select(_USERS.c.id).where(_USERS.c.login == login)).first():
                raise UserError(f"there is a person with the name {login} already")
            db.execute(sa.insert(_USERS).values(row))
            self._ledger.append("user_added", by, person.id, {"role": role}, within=db)
        return person

    def listed(self) -> tuple[tuple[str, Person, bool], ...]:
        """Login, person, and whether they may sign in, by login."""
        with self._database.transaction() as db:
            rows = db.execute(sa.select(_USERS).order_by(_USERS.c.login)).all()
        return tuple((row.login, _person(row), row.active) for row in rows)

    def set_password(self, login: str, password: str, *, by: str = LOCAL.id) -> None:
        """Another password; it ends every sign-in of that person and a lock. Raises UserError."""
        hashed = self._hasher.hash(_strong(password, _login(login)))
        self._change(login, "password", by, password=hashed, failed=0, locked_until=None)

    def set_active(self, login: str, active: bool, *, by: str = LOCAL.id) -> None:
        """Shut a person out, ending every sign-in of theirs, or let them in again. Raises UserError."""
        self._change(login, "let_in" if active else "shut_out", by, active=active)

    def set_role(self, login: str, role: Role, *, by: str = LOCAL.id) -> None:
        """Another role; it ends every sign-in of that person. Raises UserError."""
        self._change(login, "role", by, role=_role(role))

    def sign_in(self, login: str, password: str) -> Person:
        """The person of that name and password. Raises SignInRefused; after ATTEMPTS of them the name is locked."""
        known = login.strip().lower() if _LOGIN.fullmatch(login.strip().lower()) else ""
        with self._database.transaction() as db:
            row = db.execute(sa.select(_USERS).where(_USERS.c.login == known)).one_or_none()
        right = self._right(row.password if row and row.password else self._nobody, password)
        locked = bool(row and row.locked_until and row.locked_until > self._now())
        if row and row.active and row.password and right and not locked:
            with self._database.transaction() as db:
                db.execute(sa.update(_USERS).where(_USERS.c.id == row.id).values(failed=0, locked_until=None))
                self._ledger.append("sign_in", row.id, row.id, {"with": "password"}, within=db)
            return _person(row)
        self._failed(row, locked)
        raise SignInRefused(
            "That name and password do not fit. After five wrong passwords a name is locked for fifteen minutes."
        )

    def from_elsewhere(self, login: str) -> Person:
        """The person whom the firm's own sign-in vouches for. Raises SignInRefused unless an admin has added them."""
        known = login.strip().lower() if _LOGIN.fullmatch(login.strip().lower()) else ""
        with self._database.transaction() as db:
            row = db.execute(sa.select(_USERS).where(_USERS.c.login == known)).one_or_none()
            if row and row.active:
                self._ledger.append("sign_in", row.id, row.id, {"with": "oidc"}, within=db)
                return _person(row)
            self._ledger.append("sign_in_failed", "nobody", row.id if row else "nobody", {"with": "oidc"}, within=db)
        raise SignInRefused(
            "You are signed in at your firm, but nobody has opened Kei Assistant to you; ask its admin."
        )

    def by_id(self, id: str) -> Person | None:
        """The person of that id; the local one where nobody must sign in."""
        if id == LOCAL.id:
            return None if self.configured() else LOCAL
        with self._database.transaction() as db:
            row = db.execute(sa.select(_USERS).where(_USERS.c.id == id)).one_or_none()
        return _person(row) if row and row.active else None

    def held(self, id: str, version: int) -> Person | None:
        """The person of a sign-in that is still good."""
        with self._database.transaction() as db:
            row = db.execute(sa.select(_USERS).where(_USERS.c.id == id)).one_or_none()
        return _person(row) if row and row.active and row.version == version else None

    def _right(self, hashed: str, password: str) -> bool:
        try:
            return len(password) <= LONGEST_PASSWORD and self._hasher.verify(hashed, storable(password))
        except (VerifyMismatchError, InvalidHashError):
            return False

    def _failed(self, row: sa.Row[tuple[object, ...]] | None, locked: bool) -> None:
        with self._database.transaction() as db:
            if row and not locked:
                counted = sa.update(_USERS).where(_USERS.c.id == row.id).values(failed=_USERS.c.failed + 1)
                if db.execute(counted.returning(_USERS.c.failed)).scalar_one() >= ATTEMPTS:
                    until = {"failed": 0, "locked_until": self._now() + LOCKED}
                    db.execute(sa.update(_USERS).where(_USERS.c.id == row.id).values(until))
            # A name that is nobody's is not kept: it may be a password in the wrong box.
            self._ledger.append(
                "sign_in_failed", "nobody", row.id if row else "nobody", {"with": "password"}, within=db
            )

    def _change(self, login: str, what: str, by: str, **values: object) -> None:
        with self._database.transaction() as db:
            changed = sa.update(_USERS).where(_USERS.c.login == _login(login))
            bumped = changed.values(version=_USERS.c.version + 1, **values).returning(_USERS.c.id)
            id = db.execute(bumped).scalar_one_or_none()
            if id is None:
                raise UserError(f"there is no person with the name {login}; `kei user list` shows who there is")
            self._ledger.append("user_changed", by, id, {"what": what}, within=db)


def _person(row: sa.Row[tuple[object, ...]]) -> Person:
    return Person(row.id, row.name, row.role, row.version)


def _login(text: str) -> str:
    login = text.strip().lower()
    if not _LOGIN.fullmatch(login):
        raise UserError("a sign-in name has 1 to 100 letters, digits and . _ @ + -, and begins with a letter or digit")
    return login


def _role(text: str) -> Role:
    if text not in get_args(Role):
        raise UserError(f"{text!r} is no role; name client, attorney or admin")
    return text  # type: ignore[return-value]


def _named(text: str) -> str:
    name = " ".join(storable(text).split())
    if not 0 < len(name) <= 80:
        raise UserError("the name that clients see has 1 to 80 characters")
    return name


def _strong(password: str, login: str) -> str:
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD or (len(login) > 3 and login in password.lower()):
        raise UserError(
            f"a password has {SHORTEST_PASSWORD} to {LONGEST_PASSWORD:,} characters and does not hold the sign-in name"
        )
    return storable(password)

"""Tokens: how another program signs in for a person.

A token is random and shown once; kept is its sha256, which says nothing about it. It ends for good when it is revoked,
or the person is shut out or gets another password.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import sqlalchemy as sa

from assistant.access import LOCAL, Person, UserError, Users
from assistant.database import TABLES, Database, Utc, storable
from assistant.ledger import Ledger

_FORM = re.compile(r"kei_([0-9a-f]{12})_[A-Za-z0-9_-]{43}")

_TOKENS = sa.Table(
    "kei_tokens",
    TABLES,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, sa.ForeignKey("kei_users.id"), nullable=False),
    sa.Column("hash", sa.Text, nullable=False),
    # The person's when it was made; a new password or a shutting out counts that up, and ends the token.
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("made", Utc, nullable=False),
    sa.Column("revoked", Utc),
)


@dataclass(frozen=True)
class Token:
    """A token as it is listed: never its text. `made` is in UTC; `ended` is a person shut out or another password."""

    id: str
    login: str
    made: dt.datetime
    state: Literal["good", "revoked", "ended"]


class Tokens:
    """The tokens of one database. Every verb may raise StoreUnusable; every change is a row of the ledger."""

    def __init__(
        self, database: Database, users: Users, *, now: Callable[[], dt.datetime] = lambda: dt.datetime.now(dt.UTC)
    ) -> None:
        self._database, self._users, self._now = database, users, now
        self._ledger = Ledger(database, now=now)

    def make(self, login: str, *, by: str = LOCAL.id) -> str:
        """The text of a new token of that person, which cannot be shown again. Raises UserError."""
        wanted = login.strip().lower()
        found = next(((person, active) for held, person, active in self._users.listed() if held == wanted), None)
        if found is None:
            raise UserError(f"there is no person with the name {login}; `kei user list` shows who there is")
        person, active = found
        if not active:
            raise UserError(f"{wanted} is shut out and can have no token; run: kei user let-in {wanted}")
        id = secrets.token_hex(6)
        text = f"kei_{id}_{secrets.token_urlsafe(32)}"
        row = {"id": id, "person": person.id, "hash": _hash(text), "version": person.version, "made": self._now()}
        with self._database.transaction() as db:
            db.execute(sa.insert(_TOKENS).values(row))
            self._ledger.append("user_changed", by, person.id, {"what": "token", "token": id}, within=db)
        return text

    def person(self, text: str) -> Person | None:
        """Whom a program with this token speaks for; None when it is not good, whatever the reason."""
        form = _FORM.fullmatch(text)
        if form is None:
            return None
        with self._database.transaction() as db:
            row = db.execute(sa.select(_TOKENS).where(_TOKENS.c.id == form[1])).one_or_none()
        if row is None or row.revoked is not None or not hmac.compare_digest(row.hash, _hash(text)):
            return None
        return self._users.held(row.person, row.version)

    def revoke(self, id: str, *, by: str = LOCAL.id) -> None:
        """End a token at once and for good. Raises UserError when there is none of that id that could be revoked."""
        held = sa.and_(_TOKENS.c.id == storable(id), _TOKENS.c.revoked.is_(None))
        ended = sa.update(_TOKENS).where(held).values(revoked=self._now()).returning(_TOKENS.c.person)
        with self._database.transaction() as db:
            person = db.execute(ended).scalar_one_or_none()
            if person is None:
                raise UserError(f"there is no token {id} that could be revoked; `kei user tokens` shows them")
            self._ledger.append("user_changed", by, person, {"what": "token_revoked", "token": id}, within=db)

    def listed(self) -> tuple[Token, ...]:
        """Every token there ever was, by login, the oldest first."""
        with self._database.transaction() as db:
            rows = db.execute(sa.select(_TOKENS).order_by(_TOKENS.c.made, _TOKENS.c.id)).all()
        people = {person.id: (login, person, active) for login, person, active in self._users.listed()}
        tokens = [_token(row, *people[row.person]) for row in rows]
        return tuple(sorted(tokens, key=lambda token: token.login))


def _token(row: sa.Row[tuple[object, ...]], login: str, person: Person, active: bool) -> Token:
    good = active and row.version == person.version
    return Token(row.id, login, row.made, "revoked" if row.revoked else "good" if good else "ended")


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()

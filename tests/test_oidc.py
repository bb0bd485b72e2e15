"""Signing in at the firm's own provider: a real one on this machine, what it may do wrong, and nobody let in by it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import sqlalchemy as sa
from argon2 import PasswordHasher
from fastapi import FastAPI, Request
from fastapi.testclient import TestClient

from assistant.access import Person, Role, Users
from assistant.database import Database
from assistant.ondisk import OnDisk
from assistant.settings import Settings
from assistant.web import sign_in
from assistant.web.logs import JsonLines
from assistant.web.services import Services
from assistant.web.serving import pages
from assistant.web.session import person_of
from corpus.library import Library
from tests import oidc_provider
from tests.oidc_provider import DISCOVERY, Provider, Reply, Script, left, mail, session, told

HOST = "http://testserver"
BACK = f"{HOST}/sign-in/firm/back"
PASSWORD = "a long enough one"
ROLES: dict[str, Role] = {"ann": "client", "smith": "attorney", "root": "admin"}


@pytest.fixture(scope="module")
def provider() -> Iterator[Provider]:
    with Provider(BACK) as held:
        yield held


@pytest.fixture(scope="module")
def services(provider: Provider, library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """People of the firm who were added with `--firm`, and Bob; of the assistant the pages need the book alone."""
    database = Database.open(settings := provider.settings(tmp_path_factory.mktemp("oidc")))
    stub: Any = SimpleNamespace(library=library, on_disk=OnDisk())
    held = Services.open(settings, database, lambda standings: stub)
    held = replace(held, users=Users(database, hasher=PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)))
    for name, role in ROLES.items():
        held.users.add(f"{name}@firm.example", role, name.title(), None)
    held.users.add("bob@firm.example", "client", "Bob", PASSWORD)
    yield held
    database.close()


@pytest.fixture
def app(services: Services, provider: Provider) -> FastAPI:
    provider.reset()
    return made(services)


def made(services: Services, settings: Settings | None = None) -> FastAPI:
    """The pages, which know nothing of the provider yet; one more says who asks, and leaves a trace in the session."""
    app = pages(replace(services, settings=settings or services.settings))

    @app.get("/who")
    def who(request: Request) -> list[str]:
        request.session["planted"] = True
        return [person_of(request).name, person_of(request).role]

    return app


def browser(app: FastAPI, cookies: dict[str, str] | None = None, at: str = HOST) -> TestClient:
    return TestClient(app, base_url=at, cookies=cookies, follow_redirects=False)


def nobody(client: TestClient, answer: Any, status: int, word: str) -> None:
    """The answer is a page that says `word`, and whoever got it is not signed in."""
    assert answer.status_code == status, answer.text
    assert "<h1>Sign in</h1>" in answer.text
    assert word in answer.text
    assert client.get("/who").status_code == 401


@pytest.mark.parametrize(("name", "verified"), [("ann", True), ("smith", True), ("root", "true")])
def test_who_was_added_comes_in_with_their_role(
    app: FastAPI, services: Services, provider: Provider, name: str, verified: object
) -> None:
    provider.person = mail(name) | {"email": f"{name.upper()}@Firm.example", "email_verified": verified}
    client, rows = browser(app), services.ledger.head().n
    arrived = client.get(left(client, "/review?place=TX"))
    assert (arrived.status_code, arrived.headers["location"]) == (303, "/review?place=TX")
    assert client.get("/who").json() == [name.title(), ROLES[name]]
    [entry] = services.ledger.entries(after=rows)
    assert (entry.action, entry.facts) == ("sign_in", {"with": "oidc"})
    assert entry.actor == entry.subject == session(client)["id"]
    assert provider.asked == [DISCOVERY, "/authorize", "/token", "/jwks"]


@pytest.mark.parametrize(
    ("person", "word"),
    [
        (mail("eve"), "nobody has opened"),
        ({"sub": "s-ann", "email_verified": True}, "not confirmed"),
        *((mail("ann") | {"email_verified": said}, "not confirmed") for said in (False, "false", None)),
        # In lower case the sign of the kelvin is a k.
        *((mail("ann") | {"email": said}, "not confirmed") for said in (["a"], "ann\0", "\N{KELVIN SIGN}im")),
    ],
)
def test_who_is_not_ours_is_refused_with_a_word(
    app: FastAPI, services: Services, provider: Provider, person: dict[str, Any], word: str
) -> None:
    provider.person, client, rows = person, browser(app), services.ledger.head().n
    nobody(client, client.get(left(client)), 403, word)
    [entry] = services.ledger.entries(after=rows)
    assert (entry.action, entry.actor, entry.facts) == ("sign_in_failed", "nobody", {"with": "oidc"})
    assert "kei" not in client.cookies


@pytest.mark.parametrize(
    ("userinfo", "status"), [({}, 303), ({"email_verified": False}, 403), ({"sub": "s-eve"}, 401), ({"sub": None}, 401)]
)
def test_the_address_may_be_told_beside_the_id_token(
    app: FastAPI, provider: Provider, userinfo: dict[str, Any], status: int
) -> None:
    replies = {"/userinfo": told(provider.person | userinfo)} if userinfo else {}
    provider.script = Script(claims={"email": None, "email_verified": None}, replies=replies)
    client = browser(app)
    assert client.get(left(client)).status_code == status
    assert provider.asked[-1] == "/userinfo"


@pytest.mark.parametrize("script", oidc_provider.UNPROVEN, ids=str)
def test_what_does_not_prove_who_is_there(app: FastAPI, services: Services, provider: Provider, script: Script) -> None:
    provider.script, client, rows = script, browser(app), services.ledger.head().n
    answer = client.get(left(client, "/memo"))
    nobody(client, answer, 401, "did not vouch for you")
    assert "told by the provider" not in answer.text
    assert "<script>alert" not in answer.text
    assert services.ledger.head().n == rows


@pytest.mark.parametrize("path", [DISCOVERY, "/token", "/jwks", "/userinfo"])
@pytest.mark.parametrize("reply", oidc_provider.BROKEN, ids=str)
def test_what_is_no_answer_is_asked_for_again(
    app: FastAPI, provider: Provider, monkeypatch: pytest.MonkeyPatch, path: str, reply: Reply
) -> None:
    client = browser(app)
    way = "/sign-in/firm" if path == DISCOVERY else left(client)
    provider.script = Script(claims={"email": None} if path == "/userinfo" else {}, replies={path: reply})
    monkeypatch.setattr(sign_in, "WAIT_SECONDS", 0.5 if reply.hangs else 30)
    answer = client.get(way)
    # JSON that is only not what it should be proves nothing.
    proves_nothing = answer.status_code == 401 and reply.body[:1] in ("[", "{")
    nobody(client, answer, *((401, "did not vouch") if proves_nothing else (502, "does not answer")))
    monkeypatch.undo()
    provider.script = Script()
    assert client.get(left(client)).status_code == 303


def test_a_provider_that_is_down_and_comes_back(services: Services, tmp_path: Path) -> None:
    with Provider(BACK) as first:
        client = browser(made(services, first.settings(tmp_path)))
    nobody(client, client.get("/sign-in/firm"), 502, "does not answer")
    with Provider(BACK, first.port):
        back = left(client)
    nobody(client, client.get(back), 502, "does not answer")
    with Provider(BACK, first.port):
        assert client.get(left(client)).status_code == 303


def test_new_keys_of_the_provider(app: FastAPI, provider: Provider) -> None:
    for provider.kid in ("one", "two", "one"):
        assert (client := browser(app)).get(left(client)).status_code == 303


@pytest.mark.parametrize("ends", [("/", ""), ("", "/"), ("/", "/")])
def test_slashes_at_the_end_of_addresses_and_a_cookie_for_https(
    services: Services, tmp_path: Path, ends: tuple[str, str]
) -> None:
    public = "https://kei.firm.example"
    with Provider(f"{public}/sign-in/firm/back") as held:
        held.script = Script(claims={"iss": held.issuer + ends[1]})
        ours = held.settings(tmp_path, public_url=public + ends[0], oidc_issuer=held.issuer + ends[0])
        client = browser(made(services, ours), at=public)
        arrived = client.get(left(client))
    assert arrived.status_code == 303
    assert {"secure", "httponly", "samesite=lax"} <= set(arrived.headers["set-cookie"].split("; "))


def test_a_way_back_is_good_once_and_in_its_own_browser(app: FastAPI, provider: Provider) -> None:
    ann, smith, thief = browser(app), browser(app), browser(app)
    for_ann, provider.person = left(ann), mail("smith")
    for_smith, for_thief = left(smith), left(thief)
    nobody(ann, ann.get(for_smith), 401, "did not vouch")
    for bad in ({"state": "another"}, {"code": "another"}, {}):
        nobody(thief, thief.get(f"{BACK}?{urlencode(bad)}"), 401, "did not vouch")
    before = dict(ann.cookies)
    assert [ann.get(for_ann).status_code, smith.get(for_smith).status_code] == [303, 303]
    assert [one.get("/who").json()[0] for one in (ann, smith)] == ["Ann", "Smith"]
    assert ann.get(for_ann).status_code == 401
    # Who kept the cookie of before comes as far as the provider, which takes a code once,
    asked, kept = len(provider.asked), browser(app, before)
    nobody(kept, kept.get(for_ann), 401, "did not vouch")
    assert provider.asked[asked:] == ["/token"]
    # and a code is worth nothing to who did not ask for it.
    code, state = (parse_qs(urlsplit(one).query) for one in (left(browser(app)), for_thief))
    nobody(thief, thief.get(f"{BACK}?{urlencode({**code, 'state': state['state']}, True)}"), 401, "did not vouch")
    assert provider.asked[-1] == "/token"


def test_the_session_is_a_new_one(app: FastAPI, services: Services, provider: Provider) -> None:
    provider.person, client = mail("smith"), browser(app)
    client.post("/sign-in", data={"login": "bob@firm.example", "password": PASSWORD})
    back = left(client, "/review")
    assert client.get("/who").json()[0] == "Bob"
    assert client.get(back).status_code == 303
    [smith] = [person for login, person, _ in services.users.listed() if login == "smith@firm.example"]
    assert session(client) == {"id": smith.id, "version": 0}


@pytest.mark.parametrize("next", ["//evil.example", "https://evil.example/", "/\\evil", "/" + "x" * 3_000, "/é" * 900])
def test_the_way_on_stays_here_and_fits_into_the_cookie(app: FastAPI, next: str) -> None:
    back = left(client := browser(app), next)
    assert len(client.cookies["kei"]) < 4_000
    assert client.get(back).headers["location"] == "/"


def test_half_of_it_is_not_offered(provider: Provider, caplog: pytest.LogCaptureFixture, tmp_path: Path) -> None:
    assert sign_in.Firm.of(provider.settings(tmp_path))
    assert sign_in.Firm.of(provider.settings(tmp_path, oidc_client_secret=None)) is None
    assert "KEI_OIDC_CLIENT_SECRET" in caplog.text


def test_nothing_of_it_is_in_a_log_or_in_the_ledger(
    services: Services, provider: Provider, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    for name in (None, *logging.root.manager.loggerDict):
        caplog.set_level(logging.DEBUG, logger=name)
    tried = [Script(), Script(signed="altered"), Script(denies="planted-word"), Script(claims={"email": None})]
    tried += [Script(replies={path: Reply(body="planted-word")}) for path in (DISCOVERY, "/token", "/jwks")]
    provider.reset()
    passing = list[str]()
    for secret in (oidc_provider.CLIENT_SECRET, "another-secret"):
        for provider.script in tried:
            client = browser(made(services, provider.settings(tmp_path, oidc_client_secret=secret)))
            if client.get("/sign-in/firm").status_code == 302:
                back = left(client)
                [held] = [value["data"] for name, value in session(client).items() if name.startswith("_state_")]
                passing += [held["nonce"], held["code_verifier"], *parse_qs(urlsplit(back).query)["state"]]
                client.get(back)
    secrets = [oidc_provider.CLIENT_SECRET, "another-secret", "planted-word", *provider.given]
    # The test's own browser writes addresses too.
    records = [one for one in caplog.records if not (one.name == "httpx2" and HOST in one.getMessage())]
    assert {"httpx2", "httpcore2.http11", "kei.web"} <= {one.name for one in records}
    assert "invalid_client" in caplog.text
    for one in records:
        raw = f"{caplog.handler.format(one)} {one.args!r}"
        # At DEBUG SQLAlchemy writes the rows it reads, and Authlib its verifier; ours keeps no text of either.
        hidden = [] if one.name.startswith("sqlalchemy") else ["@firm.example", "@FIRM.example"]
        assert not [word for word in (*secrets, *hidden) if word in raw], one.name
    kept = "\n".join(map(JsonLines().format, records)) + str(services.ledger.entries())
    assert not [word for word in (*secrets, *passing, "@firm.example") if word in kept]


def test_who_loses_a_role_or_is_shut_out_notices_at_once(app: FastAPI, services: Services, provider: Provider) -> None:
    services.users.add("lee@firm.example", "admin", "Lee", None)
    provider.person, lee = mail("lee"), browser(app)
    assert [lee.get(path).status_code for path in (left(lee), "/ledger")] == [303, 200]
    with closing(Database.open(services.settings)) as other, other.transaction() as db:
        db.execute(sa.text("UPDATE kei_users SET role = 'client' WHERE login = 'lee@firm.example'"))
    assert lee.get("/ledger").status_code == 403
    assert lee.get("/who").json() == ["Lee", "client"]
    back = left(lee)
    services.users.set_active("lee@firm.example", False)
    nobody(lee, lee.get(back), 403, "nobody has opened")
    services.users.set_active("lee@firm.example", True)
    assert lee.get("/who").status_code == 401
    assert lee.get(left(lee)).status_code == 303


def test_many_sign_in_at_once(services: Services) -> None:
    rows, ready, names = services.ledger.head().n, threading.Barrier(12), ["ann", "smith", "bob"] * 4

    def come(name: str) -> Person:
        ready.wait(30)
        login = f"{name}@firm.example"
        return services.users.sign_in(login, PASSWORD) if name == "bob" else services.users.from_elsewhere(login)

    with ThreadPoolExecutor(12) as pool:
        came = list(pool.map(come, names))
    assert [one.name.lower() for one in came] == names
    assert sorted(one.actor for one in services.ledger.entries(after=rows)) == sorted(one.id for one in came)
    assert services.ledger.verify() is None

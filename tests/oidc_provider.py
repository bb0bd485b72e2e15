"""An OpenID provider on this machine: it lets its person in at once, and does wrong what its script says.

It holds the program to its part: the right client and secret, the address to come back to, PKCE, each code once.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import http.client
import json
import secrets
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal
from urllib.parse import parse_qs, urlencode, urlsplit

from fastapi.testclient import TestClient
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from assistant.settings import Settings

DISCOVERY = "/.well-known/openid-configuration"
CLIENT_ID, CLIENT_SECRET = "kei", "the-secret-of-kei-at-the-provider"


@dataclass(frozen=True)
class Reply:
    """What is sent back; `status` 0 closes the connection in the middle, `hangs` says nothing before the test ends."""

    status: int = 200
    body: str = ""
    kind: str = "application/json"
    location: str | None = None
    hangs: bool = False

    def __str__(self) -> str:
        return _changed(self)


def told(value: object, status: int = 200) -> Reply:
    return Reply(status, json.dumps(value))


def mail(name: str) -> dict[str, Any]:
    """What the provider knows of a person of the firm."""
    return {"sub": f"s-{name}", "email": f"{name}@firm.example", "email_verified": True}


def session(client: TestClient) -> dict[str, Any]:
    """What the program's cookie holds."""
    held: dict[str, Any] = json.loads(base64.b64decode(client.cookies["kei"].partition(".")[0]))
    return held


def left(client: TestClient, next: str = "/") -> str:
    """Goes to the provider as a browser does, and gives the address with which the provider sends the person back."""
    sent = client.get("/sign-in/firm", params={"next": next})
    assert sent.status_code == 302, sent.text
    way = urlsplit(sent.headers["location"])
    connection = http.client.HTTPConnection(way.netloc)
    connection.request("GET", f"{way.path}?{way.query}")
    reply = connection.getresponse()
    location = reply.getheader("location")
    assert location, reply.read()
    connection.close()
    return location


@dataclass(frozen=True)
class Script:
    """What the provider does wrong; as it stands, nothing.

    `claims` go over the ID token's own (None leaves one out), `fields` over the token reply's, `replies` (by path) take
    the place of the right ones, and `denies` is the error with which the person comes back instead of with a code.
    """

    claims: Mapping[str, Any] = field(default_factory=dict)
    signed: Literal["right", "wrong key", "shared key", "none", "altered"] = "right"
    fields: Mapping[str, Any] = field(default_factory=dict)
    replies: Mapping[str, Reply] = field(default_factory=dict)
    denies: str | None = None

    def __str__(self) -> str:
        return _changed(self)


def _changed(held: Reply | Script) -> str:
    """The fields that are not as they stand, to name a test."""
    told = ((one.name, getattr(held, one.name)) for one in fields(held))
    blank = type(held)()
    return ",".join(f"{name}={value}" for name, value in told if value != getattr(blank, name))


# What a provider may send that does not prove who is there,
UNPROVEN = [
    Script(claims={"nonce": "another"}), Script(claims={"nonce": None}),
    Script(claims={"iss": "https://evil.example"}), Script(claims={"iss": None}),
    Script(claims={"aud": "another"}), Script(claims={"aud": "another", "azp": CLIENT_ID}),
    Script(claims={"aud": None}), Script(claims={"aud": [CLIENT_ID, "another"]}),
    Script(claims={"exp": 1_700_000_000}), Script(claims={"exp": None}), Script(claims={"iat": 4_000_000_000}),
    Script(claims={"at_hash": "another"}), Script(claims={"sub": None}),
    Script(signed="wrong key"), Script(signed="altered"), Script(signed="none"), Script(signed="shared key"),
    Script(fields={"id_token": None}), Script(fields={"id_token": "x.y.z"}),
    Script(replies={"/token": told({"error": "invalid_grant"}, 400)}),
    Script(replies={"/token": told({"error": ["<b>"]}, 400)}),
    Script(denies="access_denied"), Script(denies="<script>alert(1)</script>"),
]  # fmt: skip
# and what is no answer at all.
BROKEN = [
    Reply(200, "<!doctype html><p>Portal</p>", "text/html"), Reply(503, "<p>Closed</p>", "text/html"),
    Reply(302, location="/elsewhere"), Reply(0), told([]), told({"keys": "x", "issuer": 1}), Reply(hangs=True),
]  # fmt: skip


@functools.cache
def key_named(kid: str) -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _half_hash(text: str) -> str:
    return _base64(hashlib.sha256(text.encode()).digest()[:16])


@dataclass(frozen=True)
class _Grant:
    person: dict[str, Any]
    nonce: str
    challenge: str


class Provider:
    """Use it as a context. `person` is who sits before it, `kid` the name of its key of now; `given` holds every code
    and token it gave away, `asked` the paths in the order in which they were asked for."""

    def __init__(self, back: str, port: int = 0) -> None:
        self._back, self._codes, self._access = back, dict[str, _Grant](), dict[str, dict[str, Any]]()
        self.given, self.asked = list[str](), list[str]()
        self.ended = threading.Event()
        self._server = _Server(("127.0.0.1", port), _Handler)
        self._server.provider = self
        self.port: int = self._server.server_address[1]
        self.issuer = f"http://127.0.0.1:{self.port}"
        self.reset()

    def settings(self, folder: Path, **other: Any) -> Settings:
        """What the program must be told to send people here."""
        public = self._back.removesuffix("/sign-in/firm/back")
        given = {"oidc_issuer": self.issuer, "oidc_client_id": CLIENT_ID, "oidc_client_secret": CLIENT_SECRET}
        return Settings(**{"data_dir": folder, "public_url": public, **given, **other})

    def reset(self) -> None:
        """Everything right again, nobody asked yet, and Ann sits there."""
        self.script, self.kid, self.person = Script(), "one", mail("ann")
        self.given.clear()
        self.asked.clear()

    def __enter__(self) -> Provider:
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.ended.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answer(self, path: str, sent: Mapping[str, str], authorization: str) -> Reply:
        self.asked.append(path)
        if path in self.script.replies:
            return self.script.replies[path]
        match path:
            case "/.well-known/openid-configuration":
                return self._discovery()
            case "/jwks":
                return told({"keys": [key_named(self.kid).as_dict(private=False)]})
            case "/authorize":
                return self._authorize(sent)
            case "/token":
                return self._token(sent, authorization)
            case "/userinfo" if person := self._access.get(authorization.removeprefix("Bearer ")):
                return told(person)
        return told({"error": "not_found"}, 404)

    def _discovery(self) -> Reply:
        ends = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "jwks"}
        ends["userinfo_endpoint"] = "userinfo"
        # It lists more than may be used, as providers do.
        algorithms = {"id_token_signing_alg_values_supported": ["none", "HS256", "RS256"]}
        return told(
            {"issuer": self.issuer, **{name: f"{self.issuer}/{end}" for name, end in ends.items()}, **algorithms}
        )

    def _authorize(self, sent: Mapping[str, str]) -> Reply:
        right = {"client_id": CLIENT_ID, "redirect_uri": self._back, "response_type": "code"}
        right["code_challenge_method"] = "S256"
        if any(sent.get(name) != value for name, value in right.items()) or "openid" not in sent["scope"].split():
            return Reply(400, "<p>This program is not known here.</p>", "text/html")
        if self.script.denies:
            denied = {"error": self.script.denies, "error_description": "<b>told by the provider</b>"}
            return Reply(302, location=f"{self._back}?{urlencode({**denied, 'state': sent['state']})}")
        code = self._new()
        self._codes[code] = _Grant(self.person, sent["nonce"], sent["code_challenge"])
        return Reply(302, location=f"{self._back}?{urlencode({'code': code, 'state': sent['state']})}")

    def _token(self, sent: Mapping[str, str], authorization: str) -> Reply:
        if authorization != "Basic " + base64.b64encode(f"{CLIENT_ID}:{CLIENT_SECRET}".encode()).decode():
            return told({"error": "invalid_client", "error_description": CLIENT_SECRET}, 401)
        held = self._codes.pop(sent.get("code", ""), None)
        proof = _base64(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        if held is None or sent.get("redirect_uri") != self._back or proof != held.challenge:
            return told({"error": "invalid_grant", "error_description": sent.get("code", "")}, 400)
        access = self._new()
        self._access[access] = held.person
        given = {"access_token": access, "token_type": "Bearer", "expires_in": 300}
        given |= {"id_token": self._id_token(held, access)} | dict(self.script.fields)
        return told({name: value for name, value in given.items() if value is not None})

    def _id_token(self, held: _Grant, access: str) -> str:
        now = int(time.time())
        own = {"iss": self.issuer, "aud": CLIENT_ID, "iat": now, "exp": now + 300, "nonce": held.nonce}
        claims = {**own, "at_hash": _half_hash(access), **held.person, **self.script.claims}
        token = self._sign({name: value for name, value in claims.items() if value is not None})
        self.given.append(token)
        return token

    def _sign(self, claims: dict[str, Any]) -> str:
        match self.script.signed:
            case "none":
                return ".".join(_base64(json.dumps(part).encode()) for part in ({"alg": "none"}, claims)) + "."
            case "shared key":
                return jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(CLIENT_SECRET), ["HS256"])
            case "altered":
                header, _, signature = jwt.encode({"alg": "RS256", "kid": self.kid}, {}, key_named(self.kid)).split(".")
                return f"{header}.{_base64(json.dumps(claims).encode())}.{signature}"
        key = key_named("stranger's" if self.script.signed == "wrong key" else self.kid)
        return jwt.encode({"alg": "RS256", "kid": self.kid}, claims, key)

    def _new(self) -> str:
        self.given.append(secrets.token_urlsafe())
        return self.given[-1]


class _Server(ThreadingHTTPServer):
    provider: Provider


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        self._reply(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._reply(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _reply(self, sent: str) -> None:
        first = {name: values[0] for name, values in parse_qs(sent).items()}
        reply = self.server.provider.answer(urlsplit(self.path).path, first, self.headers.get("Authorization", ""))
        if reply.hangs:
            self.server.provider.ended.wait(60)
            return
        if reply.status == 0:
            self.wfile.write(b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{")
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.kind)
        self.send_header("Content-Length", str(len(reply.body.encode())))
        if reply.location:
            self.send_header("Location", reply.location)
        self.end_headers()
        self.wfile.write(reply.body.encode())

    def log_message(self, format: str, *args: object) -> None:
        """Nothing on the test's stderr."""

"""Signed sessions: which person a request comes from, what each path asks of them, and the key that signs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from fastapi import APIRouter, HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, RedirectResponse

from assistant.access import LOCAL, Person, Users
from assistant.database import StoreUnusable
from assistant.settings import Settings
from assistant.tokens import Tokens
from assistant.web.sites import drawn

HOURS = 12
# What anybody may see: health, and the sign-in with what its page is drawn with.
HEALTH = ("/healthz", "/readyz")
OPEN = ("/sign-in", "/site/", "/session")
SIGNED_OUT = f"You were signed out: in another window, or because {HOURS} hours have passed."
ENDED = "Your sign-in was ended: your password or your role was changed, or your access was closed."
# To whoever sends a form without our script, which would have asked before.
UNSENT = (
    "You were signed out, and nothing was stored. Sign in again in another tab, then go back here: what you typed is "
    "still in its form."
)
# For other programs, which may sign in by a token, and to which every refusal is JSON.
API = "/api/"
KEY_FILE = "session.key"
_SAFE = ("GET", "HEAD", "OPTIONS")


def session_key(settings: Settings) -> str:
    """The key that signs sessions: KEI_SESSION_KEY, or a file of the data folder that only its owner may read."""
    if settings.session_key is not None:
        return settings.session_key.get_secret_value()
    path = settings.data_dir / KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as out:
            out.write(secrets.token_urlsafe(48))
    except FileExistsError:
        pass
    return path.read_text("ascii")


class Gate:
    """Every request passes here: it gets its person, or is sent to the sign-in.

    Without people configured everybody is the local person; serving refuses other machines then.
    """

    def __init__(self, users: Users, tokens: Tokens) -> None:
        self._users, self._tokens = users, tokens

    async def __call__(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Starlette's http middleware. Authority is asked anew on every request, so shutting out works at once."""
        if request.url.path in HEALTH:
            return await call_next(request)  # whether or not the database can say who asks
        token = _token(request)
        # No page of another site can send a token: its browser would ask us first, and we never agree.
        if token is None and foreign(request):
            return _refused(request, "This request came from another site.", 403)
        try:
            person = await run_in_threadpool(self._person, request, token)
        except StoreUnusable:
            return _refused(request, "The database cannot be used just now.", 503)
        if person is None and not request.url.path.startswith(OPEN):
            return _sent_away(request)
        request.state.person = person
        return await call_next(request)

    def _person(self, request: Request, token: str | None) -> Person | None:
        if not self._users.configured():
            return LOCAL
        if token is not None:
            return self._tokens.person(token)
        id, version = request.session.get("id"), request.session.get("version")
        return self._users.held(id, version) if isinstance(id, str) and isinstance(version, int) else None


def routes(edition: str) -> APIRouter:
    """/session, which every open page asks now and then: whether it is still signed in, as whom, to which process and
    to which `edition` of the pages. Asking prolongs nothing."""
    router, process = APIRouter(), secrets.token_hex(8)

    @router.get("/session")
    def here(request: Request) -> JSONResponse:
        person: Person | None = request.state.person
        unkept = {"Cache-Control": "no-store"}
        if person is not None:
            return JSONResponse({"person": person.id, "process": process, "edition": edition}, headers=unkept)
        return JSONResponse({"told": ENDED if "id" in request.session else SIGNED_OUT}, 401, unkept)

    return router


def foreign(request: Request) -> bool:
    """Whether a browser sends something that changes things from a page that is not ours."""
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if request.method in _SAFE or (site is None and origin is None):
        return False  # a program sends neither, and has no session that another site could use
    if site is not None:
        return site not in ("same-origin", "none")
    return urlsplit(origin or "").netloc != request.headers.get("host")


def person_of(request: Request) -> Person:
    """The person of a request that passed the gate. Raises 401 when there is none."""
    person: Person | None = getattr(request.state, "person", None)
    if person is None:
        raise HTTPException(401, "Please sign in.")
    return person


def attorney(request: Request) -> Person:
    """A person who reviews. Raises 403 for a client."""
    person = person_of(request)
    if not person.reviews:
        raise HTTPException(403, "The review desk is for the firm's attorneys.")
    return person


def admin(request: Request) -> Person:
    """A person who administers. Raises 403 for everybody else."""
    person = person_of(request)
    if not person.administers:
        raise HTTPException(403, "This page is for admins.")
    return person


def local_path(text: str) -> str:
    """A path of this site to go on to after signing in; the chat for anything else."""
    parts = urlsplit(text)
    local = text.startswith("/") and not text.startswith(("//", "/\\")) and not (parts.scheme or parts.netloc)
    return text if local and text.isprintable() else "/"


def _sent_away(request: Request) -> Response:
    if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/sign-in?next={quote(path, safe='')}", 303)
    if "text/html" in request.headers.get("accept", ""):
        return drawn(request, "refused.html", 401, told=UNSENT)
    return _refused(request, "Please sign in.", 401)


def _refused(request: Request, told: str, status: int) -> Response:
    if not request.url.path.startswith(API):
        return PlainTextResponse(told, status)
    return JSONResponse({"error": told}, status, {"WWW-Authenticate": "Bearer"} if status == 401 else None)


def _token(request: Request) -> str | None:
    """The token that a program sent. It opens the API alone: who finds one signs off nothing with it."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if request.url.path.startswith(API) and scheme.lower() == "bearer" else None

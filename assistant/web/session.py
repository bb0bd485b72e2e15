"""Signed sessions: which person a request comes from, what each path asks of them, and the key that signs."""

from __future__ import annotations

import os
import secrets
from collections.abc import Awaitable, Callable
from urllib.parse import quote, urlsplit

from fastapi import HTTPException, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import PlainTextResponse, RedirectResponse

from assistant.access import LOCAL, Person, Users
from assistant.settings import Settings

HOURS = 12
# What anybody may see: health, and the sign-in with what its page is drawn with.
HEALTH = ("/healthz", "/readyz")
OPEN = ("/sign-in", "/site/")
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

    def __init__(self, users: Users) -> None:
        self._users = users

    async def __call__(self, request: Request, call_next: Callable[[Request], Awaitable[Response]]) -> Response:
        """Starlette's http middleware. Authority is asked anew on every request, so shutting out works at once."""
        if request.url.path in HEALTH:
            return await call_next(request)  # whether or not the database can say who asks
        if foreign(request):
            return PlainTextResponse("This request came from another site.", 403)
        person = await run_in_threadpool(self._person, request)
        if person is None and not request.url.path.startswith(OPEN):
            return _sent_away(request)
        request.state.person = person
        return await call_next(request)

    def _person(self, request: Request) -> Person | None:
        if not self._users.configured():
            return LOCAL
        id, version = request.session.get("id"), request.session.get("version")
        return self._users.held(id, version) if isinstance(id, str) and isinstance(version, int) else None


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
    return PlainTextResponse("Please sign in.", 401)

"""Signing in and out: by name and password, or at the firm's own sign-in (OpenID Connect)."""

from __future__ import annotations

from typing import Annotated

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from httpx import HTTPError

from assistant.access import LONGEST_PASSWORD, Person, SignInRefused, Users
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.web.limits import Limit
from assistant.web.session import local_path, person_of
from assistant.web.sites import drawn

# Tries from one address in a minute, whatever the name.
TRIES = 10


def routes(users: Users, ledger: Ledger, settings: Settings) -> APIRouter:
    """/sign-in, /sign-out and, where one is configured, /sign-in/firm."""
    router, tries, firm = APIRouter(), Limit(TRIES, 60), _firm(settings)

    def page(request: Request, next: str, told: str = "", login: str = "", status: int = 200) -> Response:
        return drawn(
            request, "sign_in.html", status, next=local_path(next), told=told, login=login, elsewhere=firm is not None
        )

    @router.get("/sign-in", name="sign_in_page")
    def sign_in_page(request: Request, next: str = "/") -> Response:
        return page(request, next)

    @router.post("/sign-in")
    def sign_in(
        request: Request,
        login: Annotated[str, Form(max_length=200)],
        password: Annotated[str, Form(max_length=LONGEST_PASSWORD + 1)],
        next: Annotated[str, Form(max_length=2_000)] = "/",
    ) -> Response:
        if not tries.allows(request.client.host if request.client else ""):
            return page(request, next, "Too many tries from here. Please wait a minute.", login, 429)
        try:
            person = users.sign_in(login, password)
        except SignInRefused as error:
            return page(request, next, str(error), login, 401)
        return _signed_in(request, person, next)

    @router.post("/sign-out")
    def sign_out(request: Request) -> Response:
        person = person_of(request)
        ledger.append("sign_out", person.id, person.id, {})
        request.session.clear()
        return RedirectResponse("/sign-in", 303)

    if firm is None:
        return router
    back = f"{(settings.public_url or '').rstrip('/')}/sign-in/firm/back"

    @router.get("/sign-in/firm")
    async def to_firm(request: Request, next: str = "/") -> Response:
        request.session["next"] = local_path(next)
        try:
            sent: Response = await firm.authorize_redirect(request, back)
        except (HTTPError, OAuthError):
            return page(request, next, "The firm's sign-in does not answer. Try again, or tell its admin.", status=502)
        return sent

    @router.get("/sign-in/firm/back")
    async def from_firm(request: Request) -> Response:
        next = str(request.session.get("next", "/"))
        try:
            told = (await firm.authorize_access_token(request)).get("userinfo", {})
            # An address that the firm's sign-in has not verified is anybody's word.
            login = told.get("email", "") if told.get("email_verified", False) else ""
            person = await run_in_threadpool(users.from_elsewhere, login)
        except (HTTPError, OAuthError):
            return page(request, next, "The firm's sign-in did not vouch for you. Please try again.", status=401)
        except SignInRefused as error:
            return page(request, next, str(error), status=403)
        return _signed_in(request, person, next)

    return router


def _signed_in(request: Request, person: Person, next: str) -> Response:
    request.session.clear()
    request.session.update(id=person.id, version=person.version)
    return RedirectResponse(local_path(next), 303)


def _firm(settings: Settings) -> OAuth | None:
    """The firm's sign-in, read from its discovery page at the first use; None where none is configured."""
    if not (settings.oidc_issuer and settings.oidc_client_id and settings.oidc_client_secret and settings.public_url):
        return None
    return OAuth().register(
        "firm",
        server_metadata_url=f"{settings.oidc_issuer.rstrip('/')}/.well-known/openid-configuration",
        client_id=settings.oidc_client_id,
        client_secret=settings.oidc_client_secret.get_secret_value(),
        client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
    )

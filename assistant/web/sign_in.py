"""Signing in and out: by name and password, or at the firm's own sign-in (OpenID Connect)."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, Final

from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.starlette_client import OAuth
from fastapi import APIRouter, Form, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError

from assistant.access import LONGEST_PASSWORD, Person, SignInRefused, Users
from assistant.ledger import Ledger
from assistant.settings import Settings
from assistant.web.limits import Limit
from assistant.web.session import local_path, person_of
from assistant.web.sites import drawn

# Tries from one address in a minute, whatever the name.
TRIES = 10
# So long may the firm's sign-in take for all that one step asks of it.
WAIT_SECONDS = 10.0
# A longer way on is forgotten: with the state of the sign-in it would not fit into the 4,096 bytes of a cookie.
LONGEST_WAY = 1_000
# An ID token is signed by a key pair of the provider; "none" and shared keys are refused, whatever it lists.
SIGNED: Final = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512")
# Of what a provider or a stranger's address calls an error, only these words are logged (RFC 6749, 4.1.2.1 and 5.2).
_CODES: Final = frozenset(
    {"access_denied", "invalid_client", "invalid_grant", "invalid_request", "invalid_scope", "server_error"}
    | {"temporarily_unavailable", "unauthorized_client", "unsupported_grant_type", "unsupported_response_type"}
)

log = logging.getLogger("kei.web")


class FirmSilent(RuntimeError):  # noqa: N818 - says what is the matter
    """The firm's sign-in cannot be reached, is too slow, or sends what is no answer."""


class NotVouched(PermissionError):  # noqa: N818 - says what is the matter
    """The firm's sign-in refused, or what it sent does not prove who is there."""


def routes(users: Users, ledger: Ledger, settings: Settings) -> APIRouter:
    """/sign-in, /sign-out and, where one is configured, /sign-in/firm."""
    router, tries, firm = APIRouter(), Limit(TRIES, 60), Firm.of(settings)

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
    silent = "The firm's sign-in does not answer. Try again, or tell its admin."

    def let_in(email: str | None) -> Person:
        if email is None:
            ledger.append("sign_in_failed", "nobody", "nobody", {"with": "oidc"})
            raise SignInRefused("Your firm's sign-in has not confirmed your e-mail address; ask its admin.")
        return users.from_elsewhere(email)

    @router.get("/sign-in/firm")
    async def to_firm(request: Request, next: str = "/") -> Response:
        try:
            sent = await firm.sent(request)
        except (FirmSilent, NotVouched):
            return page(request, next, silent, status=502)
        request.session["next"] = local_path(next) if len(json.dumps(next)) <= LONGEST_WAY else "/"
        return sent

    @router.get("/sign-in/firm/back")
    async def from_firm(request: Request) -> Response:
        next = str(request.session.pop("next", "/"))
        try:
            person = await run_in_threadpool(let_in, await firm.email(request))
        except FirmSilent:
            return page(request, next, silent, status=502)
        except NotVouched:
            return page(request, next, "The firm's sign-in did not vouch for you. Please try again.", status=401)
        except SignInRefused as error:
            return page(request, next, str(error), status=403)
        return _signed_in(request, person, next)

    return router


class Firm:
    """The firm's own sign-in; its discovery page and its keys are read at the first use and kept."""

    def __init__(self, issuer: str, client_id: str, secret: str, back: str) -> None:
        """`issuer` is its address, `back` the address of ours to which it sends people back with a code."""
        self._issuer, self._client_id, self._secret, self._back = issuer.rstrip("/"), client_id, secret, back
        self._app = self._fresh()

    @classmethod
    def of(cls, settings: Settings) -> Firm | None:
        """The one that the settings name; None where they name none."""
        issuer, client_id, secret = settings.oidc_issuer, settings.oidc_client_id, settings.oidc_client_secret
        if issuer and client_id and secret and settings.public_url:
            back = f"{settings.public_url.rstrip('/')}/sign-in/firm/back"
            return cls(issuer, client_id, secret.get_secret_value(), back)
        if issuer or client_id or secret:
            log.warning(
                "the firm's sign-in is not offered: it needs KEI_OIDC_ISSUER, KEI_OIDC_CLIENT_ID, "
                "KEI_OIDC_CLIENT_SECRET and KEI_PUBLIC_URL"
            )
        return None

    async def sent(self, request: Request) -> Response:
        """The way there; what must come back with the person is kept in the session. Raises FirmSilent, NotVouched."""
        async with self._heard() as app:
            way: Response = await app.authorize_redirect(request, self._back)
        return way

    async def email(self, request: Request) -> str | None:
        """The address of the person who came back, None where it is not confirmed. Raises FirmSilent, NotVouched."""
        # Left to itself the library takes the issuer from the discovery page, and any audience. Whether an issuer ends
        # with a slash differs among providers.
        wanted = {
            "iss": {"essential": True, "values": [self._issuer, f"{self._issuer}/"]},
            "aud": {"essential": True, "value": self._client_id},
        }
        async with self._heard() as app:
            (await app.load_server_metadata())["id_token_signing_alg_values_supported"] = list(SIGNED)
            token = await app.authorize_access_token(request, claims_options=wanted)
            if (who := token.get("userinfo")) is None:
                raise OAuthError("no_id_token")
            if "email" not in who and "userinfo_endpoint" in app.server_metadata:
                told = await app.userinfo(token=token)
                if told.get("sub") != who["sub"]:  # OpenID Connect Core, 5.3.2
                    raise OAuthError("another_sub")
                who = told
        email = who.get("email")
        # An address that the provider has not verified is anybody's word. Some say it as text.
        confirmed = who.get("email_verified") is True or who.get("email_verified") == "true"
        # Letters of other alphabets may turn into ours when names are compared in lower case.
        return email if confirmed and isinstance(email, str) and email.isascii() and email.isprintable() else None

    def _fresh(self) -> Any:
        return OAuth().register(
            "firm",
            server_metadata_url=f"{self._issuer}/.well-known/openid-configuration",
            client_id=self._client_id,
            client_secret=self._secret,
            client_kwargs={"scope": "openid email profile", "code_challenge_method": "S256"},
        )

    @asynccontextmanager
    async def _heard(self) -> AsyncIterator[Any]:
        """The library's client; whatever goes wrong with it becomes NotVouched or FirmSilent, and a line of the log.

        It fails at nonsense in many ways, TypeError among them, and would keep it, so it is made anew then.
        """
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                yield self._app
        except OAuthError as error:
            raise _not_vouched(str(error.error) if str(error.error) in _CODES else type(error).__name__) from error
        except Exception as error:
            self._app = self._fresh()
            if isinstance(error, JoseError):
                raise _not_vouched(type(error).__name__) from error
            log.warning("the firm's sign-in does not answer as it should: %s", type(error).__name__)
            raise FirmSilent from error


def _not_vouched(why: str) -> NotVouched:
    log.warning("the firm's sign-in did not vouch for somebody: %s", why)
    return NotVouched()


def _signed_in(request: Request, person: Person, next: str) -> Response:
    request.session.clear()
    request.session.update(id=person.id, version=person.version)
    return RedirectResponse(local_path(next), 303)

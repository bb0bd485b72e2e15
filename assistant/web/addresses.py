"""Which address is listened on, who may look there, and under which names it answers."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit

from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.types import ASGIApp

from assistant.settings import Settings

# Under these names a browser of this machine reaches it; "[" is how the middleware reads the start of "[::1]:7860".
LOCAL_NAMES = ("localhost", "127.0.0.1", "[")


class AddressRefused(ValueError):  # noqa: N818 - says what is the matter
    """An address that cannot be served: another machine could look without sign-in, or the port is taken."""


def loopback_only(host: str) -> None:
    """Raises AddressRefused unless `host` is this machine alone."""
    try:
        local = host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        local = False
    if not local:
        raise AddressRefused(
            f"{host} would show the chat to other machines and nobody has to sign in; "
            "add a person first (kei user add), or use 127.0.0.1"
        )


def listening(host: str, port: int) -> socket.socket:
    """A socket that listens there; whoever calls it closes it. Raises AddressRefused when it cannot be used."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET)
    except OSError as error:
        told = f"port {port} on {host} cannot be used ({error.strerror}); name another, such as {port + 1}"
        raise AddressRefused(told) from error


def named(app: ASGIApp, host: str, settings: Settings) -> ASGIApp:
    """The app for those who reach it under a name of this machine, of `host` or of KEI_PUBLIC_URL.

    A page elsewhere could give its own name the address of this machine, and then read what nobody signs in to.
    """
    public = urlsplit(settings.public_url or "").hostname
    return TrustedHostMiddleware(app, allowed_hosts=[host, *LOCAL_NAMES, *([public] if public else [])])

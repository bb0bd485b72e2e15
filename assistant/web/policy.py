"""What every response of ours says to the browser: where the page may load from and what it may tell to others."""

from __future__ import annotations

from fastapi import Response

# Gradio's templates need inline scripts and eval; nothing may be loaded from, or sent to, another host.
POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; font-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-src 'none'; object-src 'none'; base-uri 'self'; frame-ancestors 'none'"
)


def guarded(response: Response) -> Response:
    """The response with the content security policy and the headers beside it."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    # Other hosts get no referrer; our own forms must name where they come from (session.foreign).
    response.headers["Referrer-Policy"] = "same-origin"
    return response

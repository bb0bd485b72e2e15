"""The pages that are drawn here, beside the chat: their templates and what every one of them shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from fastapi import Request, Response
from fastapi.templating import Jinja2Templates
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from assistant.access import Person

HERE = Path(__file__).parent
STATIC = HERE / "static"
# Every value is escaped, whatever the template's name: the law and the notes hold < and &.
_TEMPLATES = Jinja2Templates(
    env=Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
)


def drawn(request: Request, template: str, status: int = 200, **values: Any) -> Response:
    """A page from `templates/`, with the person who asks for it as `person` (None before signing in)."""
    person: Person | None = getattr(request.state, "person", None)
    page: Response = _TEMPLATES.TemplateResponse(request, template, {"person": person, **values}, status_code=status)
    return page


def top(person: Person | None) -> str:
    """The top of the chat as HTML; the name of the program alone while nobody is known."""
    return _TEMPLATES.get_template("top.html").render(person=person, here="/", chat=True)

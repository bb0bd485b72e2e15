"""The top of the chat page, as on the other pages (`templates/base.html`): where else to go, and the way out."""

from __future__ import annotations

from html import escape

from assistant.access import LOCAL, Person

PAGES = (("/", "Ask"), ("/checker", "Import checker"), ("/states", "States"), ("/library", "Library"))


def header(person: Person | None) -> str:
    """The HTML for a person; the name of the program alone while nobody is known."""
    title = "<h1>Kei Assistant</h1>"
    if person is None:
        return f"<header>{title}</header>"
    pages = [*PAGES, *[("/review", "Review desk")] * person.reviews, *[("/ledger", "Ledger")] * person.administers]
    links = " ".join(
        f'<a href="{path}"{" aria-current=page" if path == "/" else ""}>{name}</a>' for path, name in pages
    )
    out = (
        f'<form method="post" action="/sign-out"><span>{escape(person.name)}</span> <button>Sign out</button></form>'
        if person.id != LOCAL.id
        else ""
    )
    return f'<header>{title}<nav aria-label="Pages">{links}</nav>{out}</header>'

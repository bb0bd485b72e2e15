"""A numbered source as a card: our words and the official ones, badges, dates, links. Every value is escaped."""

from __future__ import annotations

import datetime as dt
from html import escape
from urllib.parse import quote, urlsplit

from assistant.compose import ONLY_OFFICIAL, UNCONFIRMED
from assistant.contract import Cited
from assistant.highlight import located
from assistant.labels import CONFIDENCE, REVIEW
from assistant.web.badges import badges

LOCATED = "Underlined: words and figures that our statement and the official text have in common, exactly."
NOT_LOCATED = "The deciding words were not located exactly; the whole passage is shown."
_HINT = "<span class=hint> ({}new tab)</span></a>"


def source(one: Cited, turn: int, as_of: dt.date | None = None, *, opens: bool = False) -> str:
    """One source with a heading, so that keyboard and screen reader land on it.

    With the day of its answer it says where it stands on it, and leads to the library; with `opens` its heading is a
    button, for a script that shows the whole card only then.
    """
    named = escape(one.citation)
    heading = f'<button type="button" class="open">{named}</button>' if opens else named
    told = "" if one.confidence in ("high", "medium") else f"&#9888; {escape(UNCONFIRMED[1:-1].capitalize())}."
    facts = [
        ("Source read", CONFIDENCE[one.confidence]),
        ("Text checked", one.checked.isoformat() if one.checked else "date unknown"),
        ("In force from", one.effective_from.isoformat() if one.effective_from else "date unknown"),
        *([("In force until", one.effective_until.isoformat())] if one.effective_until else []),
        ("Attorney review", one.reviewed or REVIEW[one.review]),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    links = (library(one.coordinate, as_of) if as_of and not _is_paper(one.coordinate) else "") + official(one.url)
    return (
        f'<article id="src-{turn}-{one.n}" class="source" tabindex="-1" aria-labelledby="h-{turn}-{one.n}">'
        f'<h3 id="h-{turn}-{one.n}"><span class="n">{one.n}</span> {heading}</h3>'
        f'{badges(one, as_of)}<p class="title">{escape(one.title)}</p>'
        f'<div class="both"><div class="ours"><p class="whose">Our words</p>'
        f'<p class="words">{escape(one.statement)}</p></div>{_official_words(one)}</div>'
        f"{_paragraph('doubt', told)}<dl>{rows}</dl>{_paragraph('links', links)}</article>"
    )


def _paragraph(kind: str, html: str) -> str:
    return f'<p class="{kind}">{html}</p>' if html else ""


def library(coordinate: str, as_of: dt.date) -> str:
    """The link to a provision in the library on a day; a tab of its own, so that the conversation stays where it is."""
    address = f"/library/{quote(coordinate, safe='/:,')}?as_of={as_of}"
    return f'<a class="library" href="{escape(address)}" target="_blank">Open in the library{_HINT.format("")}'


def official(url: str) -> str:
    """The link to the official page; "" for anything but a web address."""
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    hint = _HINT.format(f"{escape(parts.netloc)}, ")
    return (
        f'<a class="official" href="{escape(url)}" target="_blank" rel="noopener noreferrer">'
        f"Open the official page{hint}"
    )


def _official_words(one: Cited) -> str:
    """The official words, told apart from ours, with what text they are from; the deciding ones are marked."""
    if not one.official_text:
        return ""
    told = words = ""
    if one.statement != ONLY_OFFICIAL:
        spans = located(one.statement, one.official_text)
        told = f'<p class="located">{LOCATED if spans else NOT_LOCATED}</p>'
        at = 0
        for start, end in spans:
            words += f"{escape(one.official_text[at:start])}<mark>{escape(one.official_text[start:end])}</mark>"
            at = end
        words += escape(one.official_text[at:])
    return (
        f'<figure class="official-words"><figcaption>Official text</figcaption>'
        f"<blockquote>{words or escape(one.official_text)}</blockquote>{told}"
        f'<p class="from">{escape(one.official_source or "")}</p></figure>'
    )


def _is_paper(coordinate: str) -> bool:
    """Whether it is a document of the firm's shelf, which the library does not hold."""
    return coordinate.startswith("us/document/alert-")

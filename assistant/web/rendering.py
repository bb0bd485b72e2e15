"""What may reach the browser: our own Markdown with links to numbered sources, and our own HTML, all else escaped.

Gradio's sanitizer lets a reply load remote images and draw forms, so text is made harmless here.
"""

from __future__ import annotations

import re
from html import escape
from urllib.parse import urlsplit

from assistant.compose import UNCONFIRMED
from assistant.contract import Answer, Cited
from assistant.kept import Kept
from assistant.labels import AUTHORITY, CONFIDENCE

_MARK = re.compile(r"\[(\d{1,3})\]")
# Everything that could open a link, an image or a tag in Markdown.
_ACTIVE = str.maketrans(
    {"<": "&lt;", ">": "&gt;", "[": "&#91;", "]": "&#93;", "`": "&#96;", "|": "&#124;", "$": "&#36;"}
)


def harmless(text: str) -> str:
    """A client's or an answer's text in which nothing is markup, a link or an image."""
    broken = re.sub(r"(?i)\b(https?|ftp|data|javascript|mailto):", r"\1&#58;", text.translate(_ACTIVE))
    return re.sub(r"(?i)\bwww\.", "www&#46;", broken).replace("@", "&#64;")


def message(paragraph: str, turn: int, sources: int) -> str:
    """A paragraph of an answer: `[3]` becomes a link to source 3 of this turn; a number without a source is dropped."""
    marks: list[str] = []

    def keep(match: re.Match[str]) -> str:
        n = int(match[1])
        marks.append(f"[{n}](#src-{turn}-{n})" if 1 <= n <= sources else "")
        return f"\0{len(marks) - 1}\0"

    held = _MARK.sub(keep, paragraph)
    safe = "\n".join(_line(line) for line in held.split("\n"))
    return re.sub(r"\0(\d+)\0", lambda m: marks[int(m[1])], safe)


def _line(line: str) -> str:
    """A line made harmless; the sign of a quoted block stays."""
    quoted = re.match(r"> ?|", line)
    start = quoted[0] if quoted else ""
    return start + harmless(line[len(start) :])


def _link(url: str) -> str:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.netloc:
        return ""
    return (
        f'<a class="official" href="{escape(url)}" target="_blank" rel="noopener noreferrer">'
        f"Open the official page<span class=hint> ({escape(parts.netloc)}, new tab)</span></a>"
    )


def source(one: Cited, turn: int) -> str:
    """One source as a card with a heading, so that keyboard and screen reader land on it."""
    doubt = (
        ""
        if one.confidence in ("high", "medium")
        else f'<p class="doubt">&#9888; {escape(UNCONFIRMED[1:-1].capitalize())}.</p>'
    )
    facts = [
        ("Place", "Federal" if one.place == "US" else one.place.removeprefix("US-")),
        ("Source read", CONFIDENCE[one.confidence]),
        ("Text checked", one.checked.isoformat() if one.checked else "date unknown"),
        ("In force from", one.effective_from.isoformat() if one.effective_from else "date unknown"),
        ("Attorney review", one.reviewed or one.review),
    ]
    rows = "".join(f"<div><dt>{name}</dt><dd>{escape(value)}</dd></div>" for name, value in facts)
    return (
        f'<article id="src-{turn}-{one.n}" class="source" tabindex="-1" aria-labelledby="h-{turn}-{one.n}">'
        f'<h3 id="h-{turn}-{one.n}"><span class="n">{one.n}</span> {escape(one.citation)}</h3>'
        f'<p class="kind {escape(one.authority)}">{escape(AUTHORITY.get(one.authority, one.authority))}</p>'
        f'<p class="title">{escape(one.title)}</p><p class="words">{escape(one.statement)}</p>'
        f"{_official(one)}{doubt}<dl>{rows}</dl>{_link(one.url)}</article>"
    )


def _official(one: Cited) -> str:
    """The official words, told apart from ours, with what text they are from."""
    if not one.official_text:
        return ""
    return (
        f'<figure class="official-words"><figcaption>Official text</figcaption>'
        f"<blockquote>{escape(one.official_text)}</blockquote>"
        f"<p>{escape(one.official_source or '')}</p></figure>"
    )


def chips(held: tuple[Kept, ...]) -> str:
    """What the conversation keeps in mind, each with a button that takes it out."""
    if not held:
        return ""
    buttons = "".join(
        f'<button class="chip" type="button" data-key="{escape(one.key)}" aria-label="Leave out: {escape(one.label)}">'
        f'{escape(one.label)} <span aria-hidden="true">&#10005;</span></button>'
        for one in held
    )
    return f'<div role="group" aria-label="Kept in mind"><span>Kept in mind:</span> {buttons}</div>'


def sources(answers: list[Answer]) -> str:
    """The panel: one list of sources a turn, the newest shown; the script shows the list of a clicked mark."""
    if not any(a.citations for a in answers):
        empty = "The sources of an answer appear here. Every number in the answer opens its source."
        return f'<div id="source-lists"><p class="empty">{empty}</p></div>'
    lists = []
    shown = max(turn for turn, a in enumerate(answers) if a.citations)
    for turn, answer in enumerate(answers):
        cards = "".join(source(c, turn) for c in answer.citations)
        hidden = "" if turn == shown else " hidden"
        lists.append(
            f'<section data-turn="{turn}"{hidden} aria-label="Sources of answer {turn + 1}">'
            f'<p class="asked">Sources of: {escape(answer.question[:160])}</p>{cards}</section>'
        )
    return f'<div id="source-lists">{"".join(lists)}</div>'

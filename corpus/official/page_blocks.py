"""The blocks of an HTML page as a reader sees them: paragraphs, headings, tables; what is hidden is kept apart.

A block ends at a block element or a <br>. Menus, scripts and controls are passed over, but a <form> is not: some
legislatures' pages stand in one as a whole (ASP.NET).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

_CHROME = {
    "head", "script", "style", "template", "noscript", "nav", "footer", "select", "option", "button", "input",
    "textarea", "svg", "iframe", "dialog", "aside", "object", "canvas", "audio", "video",
}  # fmt: skip
_CHROME_ROLES = {"navigation", "banner", "contentinfo", "search", "menu", "menubar", "dialog"}
# Only whole words of a class or id: "header" and "section-nav-title" also mark heads of sections.
_CHROME_NAMES = {
    "nav", "navbar", "navigation", "menu", "breadcrumb", "breadcrumbs", "footer", "sidebar", "skip-link", "skiplink",
    "site-header", "site-footer", "pagination", "toolbar", "no-print", "noprint",
}  # fmt: skip
_BLOCKS = {
    "p", "div", "li", "h1", "h2", "h3", "h4", "h5", "h6", "section", "article", "main", "ul", "ol", "dl", "dt", "dd",
    "blockquote", "pre", "address", "center", "header", "table", "thead", "tbody", "tfoot", "tr", "td", "th",
    "caption", "form", "fieldset", "figure", "body", "hr",
}  # fmt: skip
_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_BOLD = {"b", "strong", "th"}
_UNSEEN = re.compile(
    r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|font-size\s*:\s*0*(?:\.0+)?(?:p[xt]|r?em|%)?\s*(?:[;!]|$)"
    r"|opacity\s*:\s*0*(?:\.0+)?%?\s*(?:[;!]|$)|(?<![\w-])color\s*:\s*(?:transparent|white\b|#fff(?:fff)?\b)"
    r"|(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}",
    re.I,
)
_UNSEEN_NAMES = {"hidden", "sr-only", "visually-hidden", "d-none", "visuallyhidden"}
LONGEST_CELL = 80  # on average; tables of more are there for the layout


@dataclass(frozen=True)
class Block:
    """One block, white space collapsed. `bold` counts the characters in bold with which it begins."""

    text: str
    heading: bool = False
    bold: int = 0
    table: bool = False
    hidden: bool = False


@dataclass
class _Run:
    """The words since the last block ended, and those hidden among them."""

    parts: list[tuple[str, bool]] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)


def blocks(element: etree._Element) -> list[Block]:
    """The blocks below an element, in the order of the page."""
    run = _Run()
    return [*_walk(element, run, heading=False, bold=False), *_flush(run, heading=False)]


def _walk(element: etree._Element, run: _Run, *, heading: bool, bold: bool) -> Iterator[Block]:
    run.parts.append((element.text or "", bold))
    for child in element:
        name = str(child.tag)
        if _is_hidden(child):
            run.hidden.append(_spaced("".join(child.itertext())))
        elif name == "table" and _is_data(child):
            yield from _flush(run, heading=heading)
            yield Block(_rows(child), table=True)
        elif name == "br":
            yield from _flush(run, heading=heading)
        elif _is_chrome(child):
            run.parts.append((" ", bold))
        elif name in _BLOCKS:
            yield from _flush(run, heading=heading)
            inside = heading or name in _HEADINGS
            yield from _walk(child, run, heading=inside, bold=bold or name in _BOLD)
            yield from _flush(run, heading=inside)
        else:
            yield from _walk(child, run, heading=heading, bold=bold or name in _BOLD)
        run.parts.append((child.tail or "", bold))


def _flush(run: _Run, *, heading: bool) -> Iterator[Block]:
    text = _spaced("".join(part for part, _ in run.parts))
    if text:
        first = next((n for n, (part, bold) in enumerate(run.parts) if part.strip() and not bold), len(run.parts))
        yield Block(text, heading, len(_spaced("".join(part for part, _ in run.parts[:first]))))
    yield from (Block(words, hidden=True) for words in run.hidden if words)
    run.parts, run.hidden = [], []


def _is_hidden(element: etree._Element) -> bool:
    if str(element.tag) in _CHROME:
        return False
    return (
        element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or bool(_UNSEEN.search(element.get("style") or ""))
        or bool(_UNSEEN_NAMES.intersection((element.get("class") or "").lower().split()))
    )


def _is_chrome(element: etree._Element) -> bool:
    name = str(element.tag)
    if name == "header":  # that of the page; a section's own header may hold its number
        return not any(str(one.tag) in ("main", "article", "section") for one in element.iterancestors())
    names = f"{element.get('class') or ''} {element.get('id') or ''}".lower().split()
    return name in _CHROME or element.get("role") in _CHROME_ROLES or bool(_CHROME_NAMES.intersection(names))


def _is_data(table: etree._Element) -> bool:
    """Whether a table holds data in columns; one with a single column, long cells or headings inside is layout."""
    cells = list(table.iter("td", "th"))
    widest = max((len(row.findall("td")) + len(row.findall("th")) for row in table.iter("tr")), default=0)
    words = sum(len(_spaced("".join(cell.itertext()))) for cell in cells)
    inside = any(one is not table for one in table.iter("table", "h1", "h2", "h3"))
    return widest > 1 and not inside and words < LONGEST_CELL * len(cells)


def _rows(table: etree._Element) -> str:
    rows = ("\t".join(_spaced("".join(cell.itertext())) for cell in row.iter("td", "th")) for row in table.iter("tr"))
    return "\n".join(row.rstrip() for row in [_caption(table), *rows] if row.strip())


def _caption(table: etree._Element) -> str:
    return _spaced("".join("".join(one.itertext()) for one in table.iter("caption")))


def _spaced(text: str) -> str:
    return " ".join(text.split())

"""An answer taken apart: what it says itself, what it quotes from papers and official texts, what a browser runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from lxml import html
from markdown_it import MarkdownIt

from assistant.contract import Answer, Cited
from assistant.web.rendering import message
from assistant.web.source_panel import sources
from evals.reading import paragraphs

# Under which the firm's papers stand in an answer.
NOT_LAW = "(not law)**"
_MARK = re.compile(r"\[(\d+)\]")
_QUOTE = re.compile(r"“[^”]*”")
_ADDRESS = re.compile(r"(?i)\b(?:https?|ftp|javascript|vbscript|mailto):|\bdata:\w+/|\bwww\.|(?<![:\w])//\w")
# What a browser makes a link of by itself, after rendering.
_LINKED = re.compile(r"(?i)\b(?:https?|ftp)://|\bwww\.|[\w.+-]+@[\w-]+\.\w")
_OWN_LINK = re.compile(r"#src-0-(\d+)")
# The elements of the source panel (assistant.web.source_panel.sources).
_PANEL = frozenset(
    ("div", "section", "p", "article", "h3", "span", "dl", "dt", "dd", "ul", "li", "figure", "figcaption", "blockquote")
) | {"mark", "button", "a"}
# Its links into the book.
_LIBRARY = re.compile(r"/library/[\w./:,%-]+\?as_of=\d{4}-\d{2}-\d{2}", re.ASCII)
# Marks and letters that print nothing and are of no format category.
_BLANK = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u2800\u3164\uffa0")


@dataclass(frozen=True)
class Told:
    """`own` are the lines that are no quotation of a paper, each mark as the coordinate it leads to; `quoting` those
    under the heading of the firm's papers, as they stand."""

    own: tuple[str, ...]
    quoting: tuple[str, ...]


def told(answer: Answer, *, blank: bool = False) -> Told:
    """An answer by its lines; with `blank`, quoted words are left out of its own lines."""
    own: list[str] = []
    quoting: list[str] = []
    below = False
    for block in answer.answer.split("\n\n"):
        if block.startswith("**") and block.rstrip().endswith(NOT_LAW):
            below = True
            continue
        (quoting if below else own).extend(block.splitlines())
        below = False
    return Told(tuple(resolved(_QUOTE.sub("“”", one) if blank else one, answer) for one in own), tuple(quoting))


def resolved(text: str, answer: Answer) -> str:
    """The text with each mark as what it leads to, since a source more or less moves the numbers of the others."""
    held = {one.n: f"[{one.coordinate}, {one.authority}]" for one in answer.citations}
    return _MARK.sub(lambda match: held.get(int(match[1]), match[0]), text)


def opening(answer: Answer) -> tuple[str, ...]:
    """The first sentence of each paragraph of the short answer that decides something, else the first of all."""
    held = [p.text for p in paragraphs(answer) if p.verdict] or [p.text for p in paragraphs(answer)][:1]
    return tuple(_MARK.sub("", re.split(r"(?<=[.:])\s", one, maxsplit=1)[0]) for one in held)


def law(answer: Answer) -> tuple[Cited, ...]:
    """The sources that are no paper of the firm."""
    return tuple(one for one in answer.citations if not is_paper(one))


def is_paper(one: Cited) -> bool:
    """Whether a source is a document of the firm's shelf."""
    return one.coordinate.startswith("us/document/alert-")


def foreign_marks(answer: Answer) -> Iterator[str]:
    """Marks without a source, and marks in quoted words or in the name of a paper, which come from whoever wrote it and
    lead to a source that they do not mean."""
    numbers = {str(one.n) for one in answer.citations}
    yield from (f"[{n}]" for n in _MARK.findall(answer.answer) if n not in numbers)
    for line in answer.answer.splitlines():
        named, cited, rest = line.partition(", word for word")
        if cited:
            own = frozenset(_MARK.findall(rest.partition("“")[0]))
            yield from (f"[{n}] in the name: {named[:60]}" for n in _MARK.findall(named) if n not in own)
            yield from (f"[{n}] in {words[:60]}" for words in _QUOTE.findall(rest) for n in _MARK.findall(words))


def broken_quotes(told: Told) -> Iterator[str]:
    """Lines that quote a paper and whose quotation ends before the line does, so that its words read as ours."""
    for line in told.quoting:
        depth, words = 0, line.partition("“")
        for sign in words[2][:-1]:
            depth += (sign == "“") - (sign == "”")
            if depth < 0:
                break
        if not words[1] or not line.endswith("”") or depth:
            yield line


def addresses(answer: Answer) -> Iterator[str]:
    """Remote addresses in what is read: the answer, its notes and what it proposes to ask."""
    for text in (answer.answer, *(note.text for note in answer.notes), *answer.follow_ups):
        yield from (text[m.start() : m.start() + 40] for m in _ADDRESS.finditer(text))


def unseen(answer: Answer) -> Iterator[str]:
    """Characters that print nothing, anywhere but in the client's own question."""
    text = answer.model_copy(update={"question": ""}).model_dump_json()
    for sign in dict.fromkeys(text):
        ignored = "\ufe00" <= sign <= "\ufe0f" or "\U000e0100" <= sign <= "\U000e01ef"
        if unicodedata.category(sign) in ("Cc", "Cf", "Co", "Cn", "Cs") or sign in _BLANK or ignored:
            yield f"U+{ord(sign):04X}"


def live(answer: Answer) -> Iterator[str]:
    """What a browser would draw, load or follow beside our own links: in the message as the web page gets it, parsed as
    Markdown, and in the source panel."""
    shown = message(answer.answer, 0, len(answer.citations))
    for block in MarkdownIt("commonmark").enable("table").parse(shown):
        for token in (block, *(block.children or ())):
            link = _OWN_LINK.fullmatch(str(token.attrs.get("href", "")))
            if token.type in ("image", "html_inline", "html_block") or (token.type == "link_open" and not link):
                yield f"{token.type} {token.content or token.attrs}"
    yield from (f"address {shown[m.start() : m.start() + 40]}" for m in _LINKED.finditer(shown))
    yield from _panel(answer)


def _panel(answer: Answer) -> Iterator[str]:
    official = {one.url for one in law(answer)}
    for element in html.fromstring(sources([answer])).iter():
        name = str(element.tag)
        if name not in _PANEL or any(key.startswith("on") or key in ("src", "style") for key in element.attrib):
            yield f"<{name}> in the source panel"
        elif name == "a" and not ((href := str(element.get("href"))) in official or _LIBRARY.fullmatch(href)):
            yield f"link to {element.get('href')} in the source panel"

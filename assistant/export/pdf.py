"""The memo as a PDF on letter paper, by reportlab: outline, links from mark to source, heads and feet on every page."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from reportlab.lib.pagesizes import letter
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import inch
from reportlab.lib.utils import TimeStamp
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import BaseDocTemplate, CondPageBreak, Flowable, Frame, KeepTogether, PageTemplate, Paragraph
from reportlab.platypus import Table as Grid

from assistant.export.figures import Drawing, Table
from assistant.export.markdown import Block, Span, Spans
from assistant.export.memo import Memo, Section, Source, in_words, said
from assistant.export.pdf_parts import Clocks, Ticked
from assistant.export.typeface import TEXT, pieces, register, substituted

MARGIN = inch
LINK = "#1a3e6e"
# A note or a source of more letters may go on over the page; a shorter one is moved to the next page whole.
MOVED_WHOLE = 1_800
# So many letters of a fact stay on one line.
SHORT_FACT = 42
# A question begins where so much room is left, else on the next page.
ROOM = 3 * inch
_BODY = ParagraphStyle("body", fontName=TEXT, fontSize=11, leading=14.5, spaceAfter=7, allowWidows=0, allowOrphans=0)
_SMALL = ParagraphStyle("small", _BODY, fontSize=9, leading=11.5, spaceAfter=4, textColor="#333333")
_BOXED = {"leftIndent": 14, "rightIndent": 14, "borderPadding": (5, 7, 5, 7), "spaceBefore": 12, "spaceAfter": 13}
_STYLES = {
    "title": ParagraphStyle("title", _BODY, fontName="Times-Bold", fontSize=18, leading=22, spaceAfter=10),
    "fact": ParagraphStyle("fact", _BODY, leftIndent=76, firstLineIndent=-76, spaceAfter=3),
    "h1": ParagraphStyle("h1", _BODY, fontName="Times-Bold", fontSize=15, leading=19, spaceBefore=14, keepWithNext=1),
    "h2": ParagraphStyle("h2", _BODY, fontName="Times-Bold", fontSize=13, leading=17, spaceBefore=10, keepWithNext=1),
    "h3": ParagraphStyle("h3", _BODY, fontName="Times-Bold", spaceBefore=8, spaceAfter=2, keepWithNext=1),
    "body": _BODY,
    "question": ParagraphStyle("question", _BODY, fontSize=12, leading=16),
    "bullet": ParagraphStyle("bullet", _BODY, leftIndent=16, bulletIndent=4, spaceAfter=4),
    "note": ParagraphStyle("note", _BODY, **_BOXED, backColor="#f2f2f2", fontSize=10.5, leading=13.5),
    "official": ParagraphStyle("official", _BODY, **_BOXED, borderColor="#888888", borderWidth=0.5, fontSize=10.5),
    "doubt": ParagraphStyle("doubt", _BODY, fontName="Times-Bold", spaceAfter=3),
    "kind": ParagraphStyle("kind", _BODY, spaceAfter=3, keepWithNext=1),
    "check": ParagraphStyle("check", _BODY, leftIndent=16, spaceBefore=8, spaceAfter=3, keepWithNext=1),
    "cell": ParagraphStyle("cell", _BODY, fontSize=9.5, leading=12, spaceAfter=0),
    "card": ParagraphStyle("card", _BODY, spaceAfter=3),
    "small": _SMALL,
}


def pdf(memo: Memo) -> bytes:
    """The file. The same memo gives the same bytes. No text of a memo is read as markup, and none makes this fail."""
    register()
    pages = _built(memo, 0)[1]  # how many pages there are is known only when they are laid out
    return _built(memo, pages)[0]


def _built(memo: Memo, pages: int) -> tuple[bytes, int]:
    held = io.BytesIO()
    frame = Frame(MARGIN, MARGIN, letter[0] - 2 * MARGIN, letter[1] - 2 * MARGIN, 0, 0, 0, 0)
    document = BaseDocTemplate(
        held,
        pagesize=letter,
        title=memo.title,
        author="Kei Assistant",
        subject=f"Law as of {memo.as_of}",
        creator="Kei Assistant",
        lang="en-US",
        displayDocTitle=1,
        invariant=1,
    )
    document.addPageTemplates(PageTemplate("memo", [frame], onPage=lambda canvas, at: _edges(canvas, at, memo, pages)))
    document.afterFlowable = lambda flowable: _outlined(document.canv, flowable)
    document.build(list(_story(memo)))
    return held.getvalue(), document.page


def _edges(canvas: Any, document: Any, memo: Memo, pages: int) -> None:
    """Head and foot of a page; on the first also what holds for the file."""
    if document.page == 1:
        canvas.showOutline()
        canvas._doc._timeStamp = _stamp(memo.exported)
    canvas.saveState()
    canvas.setStrokeColor("#888888")
    left, right, top, foot = MARGIN, letter[0] - MARGIN, letter[1] - 0.62 * inch, 0.62 * inch
    canvas.line(left, top - 5, right, top - 5)
    canvas.line(left, foot + 12, right, foot + 12)
    as_of = _fitting(f"Law as of {memo.as_of}", 190)
    _line(canvas, left, top, _fitting(memo.title, right - left - _width(as_of) - 20))
    _line(canvas, right - _width(as_of), top, as_of)
    _line(canvas, left, foot, memo.foot)
    page = f"Page {document.page} of {pages}"
    _line(canvas, right - _width(page), foot, page)
    canvas.restoreState()


def _stamp(day: dt.date) -> Any:
    """The export's day as the file's date, whatever the clock of this machine says."""
    stamp = TimeStamp(invariant=1)
    stamp.YMDhms = (day.year, day.month, day.day, 0, 0, 0)
    return stamp


def _line(canvas: Any, x: float, y: float, text: str) -> None:
    for font, run in pieces(text):
        canvas.setFont(font, 8.5)
        canvas.drawString(x, y, run)
        x += stringWidth(run, font, 8.5)


def _width(text: str) -> float:
    return float(sum(stringWidth(run, font, 8.5) for font, run in pieces(text)))


def _fitting(text: str, width: float) -> str:
    """The text in one line, cut with an ellipsis where it is wider (in points)."""
    if _width(text) <= width:
        return text
    while text and _width(f"{text}…") > width:
        text = text[:-1]
    return f"{text.rstrip()}…"


def _outlined(canvas: Any, flowable: Flowable) -> None:
    """The entry of a heading in the outline, at the page where it came to stand."""
    if entry := getattr(flowable, "outline", None):
        name, title, level = entry
        canvas.bookmarkPage(name)
        canvas.addOutlineEntry(title, name, level)


def _heading(text: str, level: int, name: str, title: str = "") -> Paragraph:
    """A heading of level 1 to 3 that links can go to, with its entry in the outline."""
    paragraph = Paragraph(f"<a name={quoteattr(name)}/>{_markup(text)}", _STYLES[f"h{level}"])
    paragraph.outline = (f"outline_{name}", " ".join((title or text).split()), level - 1)
    return paragraph


def _story(memo: Memo) -> Iterator[Flowable]:
    yield Paragraph(_markup(memo.heading), _STYLES["title"])
    yield from _facts(memo.facts, "fact")
    yield Paragraph(f"<i>{_markup(memo.disclaimer)}</i>", ParagraphStyle("once", _BODY, spaceBefore=8))
    for section in memo.sections:
        yield from _section(section)
    yield _heading(f"About this {memo.name}", 1, "about")
    printed_otherwise = [said(name) for name in sorted(substituted(repr(memo)))]
    for remark in dict.fromkeys((*memo.remarks, *printed_otherwise)):
        yield Paragraph(_markup(remark), _SMALL)
    yield Paragraph(_markup(f"Exported on {in_words(memo.exported)}. {memo.disclaimer}"), _SMALL)


def _section(section: Section) -> Iterator[Flowable]:
    n, headings = section.number, section.headings
    yield CondPageBreak(ROOM)
    yield _heading(headings.question, 1, f"question_{n}", f"{headings.question}: {section.question[:80]}")
    yield Paragraph(_markup(section.question), _STYLES["question"])
    if section.understood:
        yield Paragraph(f"<b>Understood as:</b> {_markup(section.understood)}", _BODY)
    yield from _facts(section.facts, "small")
    yield _heading(headings.answer, 2, f"answer_{n}")
    for block in section.blocks:
        if isinstance(block, Drawing):
            yield KeepTogether([Clocks(block.picture), Paragraph(_markup(block.picture.told), _SMALL)])
        elif isinstance(block, Table):
            yield KeepTogether([_table(block, section)])
        else:
            yield from _block(block, section)
    for source in section.sources:
        above = [_heading(headings.sources, 2, f"sources_{n}")] if source is section.sources[0] else []
        length = len(source.words) + len(source.official or "")
        yield from _together([*above, *_source(source, section)], length)


def _together(flowables: list[Flowable], length: int) -> list[Flowable]:
    return [KeepTogether(flowables)] if length <= MOVED_WHOLE else flowables


def _facts(facts: Iterable[tuple[str, str]], style: str) -> Iterator[Flowable]:
    if style == "small":
        whole = (f"<b>{_markup(_unbroken(k))}:</b>\N{NO-BREAK SPACE}{_markup(_unbroken(v))}" for k, v in facts)
        yield Paragraph("&nbsp; ".join(whole), _SMALL)
        return
    for name, value in facts:
        yield Paragraph(f"<b>{_markup(name)}:</b> {_markup(value)}", _STYLES[style])


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}") if len(text) <= SHORT_FACT else text


def _block(block: Block, section: Section) -> Iterator[Flowable]:
    if block.kind == "quote":
        text = "<br/><br/>".join(_spans(item, section) for item in block.items)
        yield from _together([Paragraph(text, _STYLES["note"])], len(text))
        return
    style = {"heading": "h3", "bullets": "bullet", "paragraph": "body", "check": "check"}[block.kind]
    for item in block.items:
        if block.kind == "check":
            yield Ticked(_spans(item, section), _STYLES[style])
            continue
        bullet = {"bulletText": "•"} if block.kind == "bullets" else {}
        yield Paragraph(_spans(item, section), _STYLES[style], **bullet)


def _table(table: Table, section: Section) -> Flowable:
    head = [Paragraph(f"<b>{_markup(name)}</b>", _STYLES["cell"]) for name in table.head]
    rows = [[Paragraph(_spans(item, section), _STYLES["cell"]) for item in row] for row in table.rows]
    width = letter[0] - 2 * MARGIN
    look = [("LINEBELOW", (0, 0), (-1, -1), 0.5, "#888888"), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    look += [("LEFTPADDING", (0, 0), (0, -1), 0), ("BACKGROUND", (0, 0), (-1, 0), "#f2f2f2")]
    columns = [width * share for share in table.widths]
    return Grid([head, *rows], columns, repeatRows=1, splitInRow=0, style=look, spaceBefore=4, spaceAfter=10)


def _source(source: Source, section: Section) -> Iterator[Flowable]:
    told = f"[{source.n}] {source.citation}"
    yield _heading(told, 3, section.anchor(source.n))
    yield Paragraph(f"<i>{_markup(source.kind)}</i> &nbsp; {_markup(source.title)}", _STYLES["kind"])
    if source.doubt:
        yield Paragraph(_markup(source.doubt), _STYLES["doubt"])
    yield Paragraph(f"<b>{source.words_are}:</b> {_markup(source.words)}", _STYLES["card"])
    if source.official:
        yield Paragraph(f"<b>Official text:</b> “{_markup(source.official)}”", _STYLES["official"])
        yield Paragraph(f"Official text from: {_markup(source.official_source or said('unknown'))}", _SMALL)
    yield from _facts(source.facts, "small")
    where = _markup(source.address)
    if source.link:
        yield Paragraph(f"Official page: <a href={quoteattr(source.link)} color={quoteattr(LINK)}>{where}</a>", _SMALL)
    else:
        yield Paragraph(f"Document: {where}", _SMALL)


def _spans(item: Spans, section: Section) -> str:
    return "".join(_span(one, section) for one in item)


def _span(one: Span, section: Section) -> str:
    shown = _markup(one.text)
    if one.source is not None:
        shown = f'<a href="#{section.anchor(one.source)}" color={quoteattr(LINK)}>{shown}</a>'
    shown = f"<i>{shown}</i>" if one.italic else shown
    return f"<b>{shown}</b>" if one.bold else shown


def _markup(text: str) -> str:
    """Any text as reportlab's markup: escaped, its lines kept, each character in a font that holds it."""
    runs = []
    for font, run in pieces(text):
        safe = escape(run).replace("\n", "<br/>")
        runs.append(safe if font == TEXT else f'<font name="{font}">{safe}</font>')
    return "".join(runs)

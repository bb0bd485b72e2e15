"""The memo as a Word document, by python-docx: real headings, and links from each mark to its source."""

from __future__ import annotations

import io
import itertools
import zipfile
from collections.abc import Iterator

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.oxml.ns import qn
from docx.text.paragraph import Paragraph

from assistant.export.archive import packed
from assistant.export.docx_look import CELL, CHECK, FACTS, LINK, NOTE, OFFICIAL, dress, element
from assistant.export.docx_parts import grid, head, tick
from assistant.export.figures import Table
from assistant.export.markdown import Block, Span, Spans
from assistant.export.memo import Memo, Section, Source, in_words, said

# A source of more letters may go on over the page.
MOVED_WHOLE = 1_800
_STYLES = {"heading": "Heading 3", "paragraph": "Normal", "bullets": "List Bullet", "quote": NOTE, "check": CHECK}


def word(memo: Memo) -> bytes:
    """The file. The same memo gives the same bytes. No text of a memo is read as markup, and none makes this fail."""
    document = docx.Document()
    dress(document, memo)
    _Writer(document).write(memo)
    held = io.BytesIO()
    document.save(held)
    with zipfile.ZipFile(held) as package:  # written anew, because python-docx dates the parts by the clock
        return packed({name: package.read(name) for name in package.namelist()}, deflated=True)


class _Writer:
    """Writes a memo into a dressed document; holds the count of bookmarks, which Word wants numbered."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.bookmarks = itertools.count(1)

    def write(self, memo: Memo) -> None:
        """Everything from the title to the remarks."""
        self.document.add_paragraph(memo.heading, "Title")
        for name, value in memo.facts:
            self._facts(((name, value),), "Normal")
        self.document.add_paragraph().add_run(memo.disclaimer).italic = True
        for section in memo.sections:
            self._section(section)
        self.document.add_heading(f"About this {memo.name}", 1)
        for remark in (*memo.remarks, f"Exported on {in_words(memo.exported)}. {memo.disclaimer}"):
            self.document.add_paragraph(remark, FACTS)

    def _section(self, section: Section) -> None:
        self.document.add_heading(section.headings.question, 1)
        self.document.add_paragraph(section.question)
        if section.understood:
            self._facts((("Understood as", section.understood),), "Normal")
        self._facts(section.facts)
        self.document.add_heading(section.headings.answer, 2)
        for block in section.blocks:
            if isinstance(block, Table):
                self._table(block, section)
            elif isinstance(block, Block):
                self._block(block, section)
        if section.sources:
            self.document.add_heading(section.headings.sources, 2)
        for source in section.sources:
            card = list(self._source(source, section))
            if len(source.words) + len(source.official or "") <= MOVED_WHOLE:
                for paragraph in card:
                    paragraph.paragraph_format.keep_together = True
                    paragraph.paragraph_format.keep_with_next = paragraph is not card[-1]

    def _block(self, block: Block, section: Section) -> None:
        for item in block.items:
            paragraph = self.document.add_paragraph(style=_STYLES[block.kind])
            if block.kind == "check":
                tick(paragraph)
            self._spans(paragraph, item, section)

    def _table(self, table: Table, section: Section) -> None:
        drawn = self.document.add_table(rows=0, cols=len(table.head))
        grid(drawn, table.widths)
        for row in (tuple((Span(name, bold=True),) for name in table.head), *table.rows):
            for cell, item in zip(drawn.add_row().cells, row, strict=True):
                cell.paragraphs[0].style = self.document.styles[CELL]
                self._spans(cell.paragraphs[0], item, section)
        head(drawn)
        self.document.add_paragraph(style=CELL)

    def _spans(self, paragraph: Paragraph, item: Spans, section: Section) -> None:
        for one in item:
            if one.source is None:
                run = paragraph.add_run(one.text)
                run.bold, run.italic = one.bold or None, one.italic or None
            else:
                _link(paragraph, one.text, anchor=section.anchor(one.source))

    def _source(self, source: Source, section: Section) -> Iterator[Paragraph]:
        heading = self.document.add_heading(f"[{source.n}] {source.citation}", 3)
        self._bookmark(heading, section.anchor(source.n))
        yield heading
        kind = self.document.add_paragraph()
        kind.add_run(source.kind).italic = True
        kind.add_run(f". {source.title}")
        yield kind
        if source.doubt:
            doubt = self.document.add_paragraph()
            doubt.add_run(source.doubt).bold = True
            yield doubt
        yield self._facts(((source.words_are, source.words),), "Normal")
        if source.official:
            yield self._facts((("Official text", f"“{source.official}”"),), OFFICIAL)
            yield self._facts((("Official text from", source.official_source or said("unknown")),))
        yield self._facts(source.facts)
        where = self.document.add_paragraph("Official page: " if source.link else "Document: ", FACTS)
        if source.link:
            _link(where, source.address, url=source.link)
        else:
            where.add_run(source.address)
        yield where

    def _facts(self, facts: tuple[tuple[str, str], ...], style: str = FACTS) -> Paragraph:
        paragraph = self.document.add_paragraph(style=style)
        for n, (name, value) in enumerate(facts):
            paragraph.add_run(f"{'   ' if n else ''}{name}: ").bold = True
            paragraph.add_run(value)
        return paragraph

    def _bookmark(self, paragraph: Paragraph, name: str) -> None:
        number = str(next(self.bookmarks))
        paragraph.runs[0]._r.addprevious(element("bookmarkStart", id=number, name=name))
        paragraph._p.append(element("bookmarkEnd", id=number))


def _link(paragraph: Paragraph, text: str, *, anchor: str = "", url: str = "") -> None:
    """A link to a bookmark of the file or to a page."""
    link = element("hyperlink", anchor=anchor) if anchor else element("hyperlink")
    if url:
        link.set(qn("r:id"), paragraph.part.relate_to(url, RELATIONSHIP.HYPERLINK, is_external=True))
    run = paragraph.add_run(text, LINK)
    paragraph._p.append(link)
    link.append(run._r)

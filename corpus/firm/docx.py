"""Read a DOCX. The only file that imports python-docx, which opens the package and knows its styles.

The text is walked in the XML (ECMA-376, part 1, 17): body, table rows, text boxes, footnotes. Tracked deletions, field
codes, comments, heads and feet are not read; hidden runs are flagged. Macros and linked files are never opened.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import suppress

import docx
from docx.document import Document
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.oxml.ns import qn
from docx.styles.style import BaseStyle, ParagraphStyle
from lxml import etree

from corpus.firm.assemble import Facts, Piece, assemble
from corpus.firm.document import FirmDocument, Flag
from corpus.official import parse
from corpus.official.section import ReadError

LARGEST_UNPACKED = 200_000_000
LARGEST_PART = 64_000_000
MOST_PARTS = 5_000
SMALLEST_TYPE = 4  # half points
_OLD = b"\xd0\xcf\x11\xe0"  # the container of .doc, and of an encrypted .docx
_LEFT_OUT = {qn(one) for one in ("w:del", "w:moveFrom", "w:instrText", "w:delText", "w:rPr", "w:pPr")}
_LEFT_OUT |= {"{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"}
_SIGNS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-", qn("w:ptab"): " "}
_NOTES = {
    qn("w:footnoteReference"): (RELATIONSHIP.FOOTNOTES, "w:footnote"),
    qn("w:endnoteReference"): (RELATIONSHIP.ENDNOTES, "w:endnote"),
}
_UNFLAGGED = ("0", "false", "off")


def read(data: bytes, *, name: str) -> FirmDocument:
    """The document of a DOCX. Raises ReadError when it is broken, too large unpacked, encrypted or an old .doc."""
    _checked(data)
    try:
        document = docx.Document(io.BytesIO(data))
        walk = _Walk(document)
        pieces = list(walk.blocks(document.element.body))
        facts, faults = _facts(document), _faults(document)
    except ReadError:
        raise
    except Exception as error:  # python-docx names no errors of its own for what a broken package lacks
        raise ReadError(f"it is damaged: {type(error).__name__} while reading the DOCX") from error
    hidden = [Flag("hidden text", f"in {where} ({why})", text) for where, why, text in walk.hidden]
    if not facts.title:
        facts = Facts(walk.title, facts.date, facts.author)
    return assemble(data, name, pieces, facts, flags=hidden, faults=faults)


def _checked(data: bytes) -> None:
    """What a package says of itself, looked at before anything of it is unpacked."""
    if data.startswith(_OLD):
        raise ReadError("it needs a password, or is an old .doc; save it as .docx without one")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package:
            parts = package.infolist()
            # zipfile never gives more of a part than its header says, so that a false size is an error, not a bomb.
            if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > LARGEST_UNPACKED:
                raise ReadError(f"it unpacks to more than {LARGEST_UNPACKED:,} bytes or {MOST_PARTS:,} parts")
            if any(part.flag_bits & 1 for part in parts):
                raise ReadError("it needs a password")
            for part in parts:
                if part.filename.endswith((".xml", ".rels")):
                    if part.file_size > LARGEST_PART:
                        raise ReadError(
                            f"a part of it unpacks to {part.file_size:,} bytes; the limit is {LARGEST_PART:,}"
                        )
                    text = package.read(part)
                    if b"<!DOCTYPE" in text or b"<!ENTITY" in text:
                        raise ReadError("it brings a DTD or entities of its own")
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, ValueError) as error:
        raise error if isinstance(error, ReadError) else ReadError("it is broken: not a whole DOCX package") from error


class _Walk:
    """Walks the blocks of a document in order; gathers what is hidden and the paragraph styled as the title."""

    def __init__(self, document: Document) -> None:
        self.hidden: list[tuple[str, str, str]] = []
        self.title = ""
        self._document = document
        self._styles: dict[str, BaseStyle] = {style.style_id: style for style in document.styles if style.style_id}
        self._notes: dict[str, dict[str, etree._Element]] = {}
        self._note = 0

    def blocks(self, parent: etree._Element) -> Iterator[Piece]:
        """The pieces of a body, cell, note or text box."""
        for child in parent:
            if child.tag == qn("w:p"):
                yield from self._paragraph(child)
            elif child.tag == qn("w:tbl"):
                yield from self._rows(child)
            elif child.tag in (qn("w:sdt"), qn("w:sdtContent"), qn("w:ins"), qn("w:customXml"), qn("w:smartTag")):
                yield from self.blocks(child)

    def _paragraph(self, paragraph: etree._Element) -> Iterator[Piece]:
        style = self._style(paragraph, "w:pPr", "w:pStyle")
        text, below = self._text(paragraph, style)
        level = self._level(paragraph, style) if text.strip() else 0
        if level and not self.title and style is not None and style.name == "Title":
            self.title = text
        yield Piece(text, level)
        for one in below:
            yield from self.blocks(one) if one.tag == qn("w:txbxContent") else self._footnote(one)

    def _text(self, paragraph: etree._Element, style: BaseStyle | None) -> tuple[str, list[etree._Element]]:
        """The text that shows, and what hangs on it: text boxes and references to notes."""
        parts: list[str] = []
        unseen: dict[str, list[str]] = {}
        below: list[etree._Element] = []

        def walk(element: etree._Element, why: str) -> None:
            for child in element:
                if child.tag in _LEFT_OUT:
                    continue
                if child.tag == qn("w:txbxContent") or child.tag in _NOTES:
                    below.append(child)
                elif child.tag == qn("w:t") or child.tag in _SIGNS:
                    text = child.text or "" if child.tag == qn("w:t") else _SIGNS[child.tag]
                    (unseen.setdefault(why, []) if why else parts).append(text)
                else:
                    walk(child, self._hidden(child, style) if child.tag == qn("w:r") else why)

        walk(paragraph, "")
        text = "".join(parts)
        where = f"“{' '.join(text.split()[:4])[:40]}”" if text.strip() else "a paragraph of its own"
        self.hidden += [(where, why, joined) for why, some in unseen.items() if (joined := "".join(some)).strip()]
        return text, below

    def _rows(self, table: etree._Element) -> Iterator[Piece]:
        """A row is a piece, its cells parted by a bar. The rows of a table within a cell are part of that cell."""
        for row in table.iter(qn("w:tr")):
            if next(row.iterancestors(qn("w:tbl"))) is table:
                own = (cell for cell in row.iter(qn("w:tc")) if next(cell.iterancestors(qn("w:tr"))) is row)
                cells = [" ".join(" ".join(piece.text for piece in self.blocks(cell)).split()) for cell in own]
                yield Piece(" | ".join(filter(None, cells)))

    def _footnote(self, reference: etree._Element) -> Iterator[Piece]:
        kind, tag = _NOTES[str(reference.tag)]
        if kind not in self._notes:
            self._notes[kind] = {}
            with suppress(KeyError):
                root = parse.xml(self._document.part.part_related_by(kind).blob)
                self._notes[kind] = {str(one.get(qn("w:id"))): one for one in root.iterchildren(qn(tag))}
        note = self._notes[kind].get(str(reference.get(qn("w:id"))))
        if note is not None:
            self._note += 1
            text = " ".join(piece.text.strip() for piece in self.blocks(note) if piece.text.strip())
            yield Piece(f"Note {self._note}: {text}" if text else "")

    def _style(self, element: etree._Element, properties: str, tag: str) -> BaseStyle | None:
        named = element.find(f"{qn(properties)}/{qn(tag)}")
        return self._styles.get(str(named.get(qn("w:val")))) if named is not None else None

    def _chain(self, style: BaseStyle | None) -> Iterator[BaseStyle]:
        seen: set[str] = set()
        while style is not None and style.style_id not in seen:
            seen.add(style.style_id)
            yield style
            style = style.base_style if isinstance(style, ParagraphStyle) or hasattr(style, "base_style") else None

    def _level(self, paragraph: etree._Element, style: BaseStyle | None) -> int:
        """1 to 9 by the outline level or the name of the style; the title counts as 1."""
        for owner in (paragraph, *(one.element for one in self._chain(style))):
            outline = owner.find(f"{qn('w:pPr')}/{qn('w:outlineLvl')}")
            if outline is not None and (value := str(outline.get(qn("w:val")))).isdigit():
                return int(value) + 1 if int(value) < 9 else 0
        for one in self._chain(style):
            word, _, number = (one.name or "").lower().partition(" ")
            if word == "title" or (word == "heading" and number.isdigit()):
                return int(number) if number.isdigit() else 1
        return 0

    def _hidden(self, run: etree._Element, style: BaseStyle | None) -> str:
        """Why nobody sees a run, "" when it is seen. The run decides before its style, that before the paragraph's."""
        own = self._style(run, "w:rPr", "w:rStyle")
        owners = [run, *(one.element for one in self._chain(own)), *(one.element for one in self._chain(style))]
        found: dict[str, str] = {}
        for owner in owners:
            for one in owner.find(qn("w:rPr")) if owner.find(qn("w:rPr")) is not None else ():
                found.setdefault(str(one.tag), str(one.get(qn("w:val"), "1")).lower())
        if found.get(qn("w:vanish"), "0") not in _UNFLAGGED:
            return "hidden font"
        size = found.get(qn("w:sz"), "")
        if size.isdigit() and int(size) < SMALLEST_TYPE:
            return "letters under 2 points"
        shaded = any(True for up in (run, *run.iterancestors()) for _ in _shades(up)) or qn("w:highlight") in found
        return "white letters" if found.get(qn("w:color")) == "ffffff" and not shaded else ""


def _shades(element: etree._Element) -> Iterator[etree._Element]:
    """The shading of a run, a paragraph, a cell or a table, if its own properties have one."""
    for properties in ("w:rPr", "w:pPr", "w:tcPr", "w:tblPr"):
        for shade in element.iterfind(f"{qn(properties)}/{qn('w:shd')}"):
            if str(shade.get(qn("w:fill"), "auto")).lower() not in ("auto", "ffffff"):
                yield shade


def _facts(document: Document) -> Facts:
    told = document.core_properties
    made = told.created
    # python-docx's and Word's empty template carries this day: it says nothing of the document.
    date = made.date() if made and (made.year, made.month, made.day) != (2013, 12, 23) else None
    return Facts(told.title or "", date, told.author or "")


def _faults(document: Document) -> list[str]:
    body = document.element.body
    found = {
        "it has comments, which are not read": next(body.iter(qn("w:commentReference")), None) is not None,
        "it holds another document inside, which is not read": next(body.iter(qn("w:altChunk")), None) is not None,
        "it has tracked deletions, which are not read": next(body.iter(qn("w:del")), None) is not None,
        "it has tracked insertions, which are read as text": next(body.iter(qn("w:ins")), None) is not None,
    }
    return [fault for fault, here in found.items() if here]

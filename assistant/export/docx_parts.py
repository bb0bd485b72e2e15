"""Parts of a Word memo that python-docx has no words for: a table's frame, widths and head, and a box to tick."""

from __future__ import annotations

from collections.abc import Sequence

from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches
from docx.table import Table
from docx.text.paragraph import Paragraph

from assistant.export.docx_look import element

# The text is so wide on letter paper, in inches.
WIDTH = 6.5
_BOX, _FONT = "\N{BALLOT BOX}", "MS Gothic"


def grid(table: Table, widths: Sequence[float]) -> None:
    """Thin lines between the rows, and columns of these shares of the page's width."""
    table.autofit = False
    lines = element("tblBorders")
    for side in ("top", "bottom", "insideH"):
        lines.append(element(side, val="single", sz="4", space="0", color="999999"))
    table._tbl.tblPr.append(lines)
    for column, share in zip(table.columns, widths, strict=True):
        column.width = Inches(WIDTH * share)


def head(table: Table) -> None:
    """The first row is said again on every page; no row is torn by the end of one; each cell has its column's width."""
    for n, row in enumerate(table.rows):
        told = row._tr.get_or_add_trPr()
        told.append(element("cantSplit"))
        if n == 0:
            told.append(element("tblHeader"))
        for cell, column in zip(row.cells, table.columns, strict=True):
            cell.width = column.width


def tick(paragraph: Paragraph) -> None:
    """A box before the text that Word ticks by a click."""
    box = OxmlElement("w14:checkbox")
    for name, value, font in (("checked", "0", ""), ("checkedState", "2612", _FONT), ("uncheckedState", "2610", _FONT)):
        state = OxmlElement(f"w14:{name}")
        state.set(qn("w14:val"), value)
        if font:
            state.set(qn("w14:font"), font)
        box.append(state)
    told, content = element("sdtPr"), element("sdtContent")
    told.append(box)
    run = paragraph.add_run(_BOX)
    fonts = run._r.get_or_add_rPr().get_or_add_rFonts()
    for script in ("ascii", "hAnsi", "eastAsia"):
        fonts.set(qn(f"w:{script}"), _FONT)
    control = element("sdt")
    control.append(told)
    control.append(content)
    paragraph._p.append(control)
    content.append(run._r)
    paragraph.add_run("  ")

"""How the Word memo looks: letter paper, styles with the names Word knows, heads and feet, properties of the file."""

from __future__ import annotations

import datetime as dt
from typing import Any

from docx.document import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.opc.constants import RELATIONSHIP_TYPE as RELATIONSHIP
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Inches, Pt, RGBColor
from docx.styles.style import CharacterStyle, ParagraphStyle
from docx.text.paragraph import Paragraph

from assistant.export.memo import Memo

FONT, JAPANESE = "Times New Roman", "MS Mincho"
NOTE, OFFICIAL, FACTS, LINK = "Memo Note", "Memo Official Text", "Memo Facts", "Hyperlink"
CHECK, CELL = "Memo Check", "Memo Cell"
_NAVY, _BLACK = RGBColor(0x1A, 0x3E, 0x6E), RGBColor(0, 0, 0)
# Size, space before and after, in points.
_SIZES = {
    "Normal": (11, 0, 7),
    "Title": (18, 0, 10),
    "Heading 1": (15, 16, 6),
    "Heading 2": (13, 12, 5),
    "Heading 3": (11, 10, 2),
    "List Bullet": (11, 0, 4),
    NOTE: (10.5, 6, 10),
    OFFICIAL: (10.5, 6, 8),
    FACTS: (9, 0, 4),
    CHECK: (11, 8, 3),
    CELL: (10, 1, 1),
    "Header": (8.5, 0, 0),
    "Footer": (8.5, 0, 0),
}


def dress(document: Document, memo: Memo) -> None:
    """Give an empty document its paper, styles, heads, feet and properties."""
    section = document.sections[0]
    section.page_width, section.page_height = Inches(8.5), Inches(11)
    section.left_margin = section.right_margin = section.top_margin = section.bottom_margin = Inches(1)
    _styles(document)
    head = section.header.paragraphs[0]
    head.text = memo.title
    section.header.add_paragraph(f"Law as of {memo.as_of}", "Header")
    foot = section.footer.paragraphs[0]
    # The style's own stop in the middle would catch the tab.
    document.styles["Footer"].paragraph_format.tab_stops.clear_all()
    foot.paragraph_format.tab_stops.add_tab_stop(Inches(6.5), WD_TAB_ALIGNMENT.RIGHT)
    foot.add_run(f"{memo.foot}\tPage ")
    _field(foot, "PAGE")
    foot.add_run(" of ")
    _field(foot, "NUMPAGES")
    _properties(document, memo)


def _styles(document: Document) -> None:
    for name, fill in ((NOTE, "F2F2F2"), (OFFICIAL, None), (FACTS, None), (CHECK, None), (CELL, None)):
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        assert isinstance(style, ParagraphStyle)
        style.base_style = document.styles["Normal"]
        style.paragraph_format.keep_with_next = name == CHECK or None
        if name in (NOTE, OFFICIAL):  # frame and shade first: Word wants them before the indents
            style.element.get_or_add_pPr().extend(_box(fill))
            style.paragraph_format.left_indent = style.paragraph_format.right_indent = Inches(0.2)
    for name, (size, before, after) in _SIZES.items():
        style = document.styles[name]
        assert isinstance(style, ParagraphStyle)
        style.font.size, style.font.name = Pt(size), FONT
        style.font.bold = name in ("Title", "Heading 1", "Heading 2", "Heading 3")
        style.font.color.rgb = _BLACK
        style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
        style.paragraph_format.line_spacing = 1.1
        _fonts(style)
    link = document.styles.add_style(LINK, WD_STYLE_TYPE.CHARACTER, builtin=True)
    assert isinstance(link, CharacterStyle)
    link.font.color.rgb, link.font.underline = _NAVY, True
    for border in list(document.styles["Title"].element.iter(qn("w:pBdr"))):
        border.getparent().remove(border)
    for setting in document.settings.element.iter(qn("w:compatSetting")):
        if setting.get(qn("w:name")) == "compatibilityMode":
            setting.set(qn("w:val"), "15")  # else Word opens the file as one of an older Word
    for language in document.styles.element.iter(qn("w:lang")):
        language.set(qn("w:eastAsia"), "ja-JP")


def _fonts(style: ParagraphStyle) -> None:
    """One font for every script that it holds, Mincho for Japanese; the theme's fonts would win over both."""
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in [key for key in fonts.attrib if str(key).endswith("Theme")]:
        del fonts.attrib[name]
    for script, font in (("ascii", FONT), ("hAnsi", FONT), ("cs", FONT), ("eastAsia", JAPANESE)):
        fonts.set(qn(f"w:{script}"), font)


def element(tag: str, **attributes: str) -> Any:
    """An element of WordprocessingML (`element("shd", fill="F2F2F2")`), for what python-docx has no words for."""
    made = OxmlElement(f"w:{tag}")
    for name, value in attributes.items():
        made.set(qn(f"w:{name}"), value)
    return made


def _box(fill: str | None) -> list[Any]:
    """A thin frame around a paragraph, and its shade."""
    frame = element("pBdr")
    for side in ("top", "left", "bottom", "right"):
        frame.append(element(side, val="single", sz="4", space="4", color="999999"))
    return [frame, element("shd", val="clear", color="auto", fill=fill)] if fill else [frame]


def _field(paragraph: Paragraph, code: str) -> None:
    """A field that Word computes, such as the page's number."""
    field = element("fldSimple", instr=code)
    run = paragraph.add_run("1")
    paragraph._p.append(field)
    field.append(run._r)


def _properties(document: Document, memo: Memo) -> None:
    """Title and day of the export; nothing of this machine or of the template."""
    told = document.core_properties
    told.title, told.subject, told.language = memo.title, f"Law as of {memo.as_of}"[:250], "en-US"
    told.author = told.last_modified_by = "Kei Assistant"
    told.comments = ""
    told.created = told.modified = dt.datetime.combine(memo.exported, dt.time())
    package = document.part.package
    unwanted = (RELATIONSHIP.EXTENDED_PROPERTIES, RELATIONSHIP.THUMBNAIL)
    for key in [key for key, one in package.rels.items() if one.reltype in unwanted] if package else ():
        del package.rels[key]

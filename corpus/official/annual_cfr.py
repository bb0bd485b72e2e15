"""The annual CFR in XML as govinfo gives it: a volume (CFRDOC), or one section of it (CFRGRANULE).

Front matter, tables of contents and finding aids are left out: only a SECTION or APPENDIX below a PART, or a part
that is reserved as a whole, becomes a section.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from corpus.official import parse
from corpus.official.cfr_file import appendix_address, day, document, number, printed, section, titled
from corpus.official.cfr_text import name, show_images
from corpus.official.section import Document, ReadError, Section, normalised

_ROOTS = {"CFRDOC", "CFRGRANULE", "TITLE", "PART", "SECTION"}
_LEVELS = ("TITLE", "SUBTITLE", "CHAPTER", "SUBCHAP", "PART", "SUBPART", "APPENDIX")
_HEADS = ("SECTNO", "SUBJECT", "RESERVED", "EAR", "HEAD")
_PARTS = re.compile(r"PARTS?\s+(\d[\w.]*(?:-\d[\w.]*)?)", re.IGNORECASE)
_TITLE = re.compile(r"(?:Title\s+)?(\d{1,2})(?:\s+CFR\b|\s*[-—–]|\s*$)", re.IGNORECASE)
_DAY = re.compile(r"\d{4}-\d\d-\d\d|[A-Z][a-z]+\.? \d{1,2}, \d{4}")


def read(data: bytes, *, title: str | None = None) -> Document:
    """Every section, appendix and reserved part. `title` ("49") is for files that do not tell theirs.

    Raises ReadError when it is not such a file, when it holds no section, or when nobody tells the title.
    """
    root = parse.xml(data)
    if name(root) not in _ROOTS:
        raise ReadError(f"the root is <{name(root)}>, not the <CFRDOC> or <CFRGRANULE> of the annual CFR")
    show_images(root)
    _mark_heads(root)
    told = _title(root) or title
    return document(tuple(_section(one, titled(told)) for one in _units(root)), _current(root))


def _units(root: etree._Element) -> Iterator[etree._Element]:
    for element in root.iter("PART", "SECTION", "APPENDIX"):
        if name(element) == "PART":
            if element.find("RESERVED") is not None and element.find(".//SECTION") is None:
                yield element
        elif name(root) != "CFRDOC" or next(element.iterancestors("PART"), None) is not None:
            yield element


def _mark_heads(root: etree._Element) -> None:
    """Call the heading of a level HEAD: an HD further down in an appendix is text, and is called the same."""
    for level in root.iter(*_LEVELS):
        if (first := level.find("HD")) is not None:
            first.tag = "HEAD"


def _section(element: etree._Element, title: str) -> Section:
    path = (_heading(one) for one in [*element.iterancestors()][::-1] if name(one) in _LEVELS)
    return section(element, f"us/cfr/{title}/{_address(element)}", _heading(element), path, _HEADS)


def _heading(element: etree._Element) -> str:
    found = (printed(child) for child in element if name(child) in ("SUBJECT", "RESERVED", "HEAD"))
    return " ".join(filter(None, found))


def _address(element: etree._Element) -> str:
    """What follows the title in the coordinate: 591.5, part/1311-1399, part/593/appendix-a."""
    heading = normalised(_heading(element))
    if name(element) == "SECTION":
        own = number(printed(element.find("SECTNO")))
        if not own:
            raise ReadError(f"a section without its SECTNO: {heading[:60]!r}")
        return own
    above = next(element.iterancestors("PART"), None)
    named = _PARTS.match(heading if above is None else normalised(_heading(above)))
    part = named[1] if named else ""
    if name(element) == "APPENDIX":
        return appendix_address(heading, part)
    if not part:
        raise ReadError(f"a reserved part without its number: {heading[:60]!r}")
    return f"part/{part}"


def _title(root: etree._Element) -> str | None:
    """The number of the title, of the front matter ("Title 14") or of the page heads ("14 CFR Ch. V")."""
    found = (_TITLE.match(normalised("".join(one.itertext()))) for one in root.iter("TITLENUM", "CFRTITLE", "LRH"))
    return next((match[1] for match in found if match), None)


def _current(root: etree._Element) -> str | None:
    """The day of which the volume is revised; that of the last amendment when it tells no other."""
    for told in (("DATE", "REVISED"), ("AMDDATE",)):
        days = (day(match[0]) for one in root.iter(*told) if (match := _DAY.search("".join(one.itertext()))))
        if found := next(filter(None, days), None):
            return found
    return None

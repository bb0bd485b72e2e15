"""The eCFR in XML: the versioner API's titles, parts and sections, and govinfo's bulk files.

A DIV1 to DIV7 is a title, subtitle, chapter, subchapter, part, subpart or subject group, a DIV8 a section and a DIV9
an appendix. What is asked for by part or section comes without the levels above, so the number of the title stands in
`hierarchy_metadata` or NODE ("49:7.1.1.1.18"), or must be told. Format: GPO, eCFR XML User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from corpus.official import parse
from corpus.official.cfr_file import (
    appendix_address,
    day,
    document,
    is_reserved,
    number,
    printed,
    section,
    titled,
    without,
)
from corpus.official.cfr_text import name, show_images
from corpus.official.section import Document, ReadError, Section, normalised

_DIV = re.compile(r"DIV[1-9]")
_ROOTS = re.compile(r"ECFR|DLPSTEXTCLASS|DIV[1-9]")
_HEADS = ("HEAD", "RESERVED")
_NUMBER = re.compile(r"§{1,2}\s*[\w.:‐‑–-]+(?:\s?[-–—]\s?\d[\w.]*)?\s*")
_IN_PATH = re.compile(r"/title-(\d+)/")
_DAY = re.compile(r"/on/(\d{4}-\d\d-\d\d)/")


def read(data: bytes, *, title: str | None = None) -> Document:
    """Every section, appendix and reserved part of the file. `title` ("49") is for files that do not tell theirs.

    Raises ReadError when it is not such a file, when it holds no section, or when nobody tells the title.
    """
    root = parse.xml(data)
    if not _ROOTS.fullmatch(name(root)):
        raise ReadError(f"the root is <{name(root)}>, not the <ECFR>, <DLPSTEXTCLASS> or <DIV…> of eCFR XML")
    show_images(root)
    return document(tuple(_section(one, titled(_title(one) or title)) for one in _units(root)), _current(root))


def _units(root: etree._Element) -> Iterator[etree._Element]:
    """What becomes a section: each DIV8 and DIV9, and each part or subpart that is reserved as a whole."""
    for element in root.iter("DIV5", "DIV6", "DIV8", "DIV9"):
        below = any(_DIV.fullmatch(name(child)) for child in element)
        reserved = not below and is_reserved(_head(element), without(element, *_HEADS))
        if name(element) in ("DIV8", "DIV9") or reserved:
            yield element


def _section(element: etree._Element, title: str) -> Section:
    head = _head(element)
    heading = _NUMBER.sub("", head, count=1) if name(element) == "DIV8" else head
    path = (_head(div) for div in [*element.iterancestors()][::-1] if _DIV.fullmatch(name(div)))
    return section(element, f"us/cfr/{title}/{_address(element)}", heading, path, _HEADS)


def _head(element: etree._Element) -> str:
    """The heading, and what stands in its place in a reserved part."""
    return " ".join(printed(child) for child in element if name(child) in _HEADS)


def _address(element: etree._Element) -> str:
    """What follows the title in the coordinate: 591.5, part/596-598, part/593/appendix-a."""
    own = normalised(element.get("N") or "")
    if not own:
        raise ReadError(f"a <{name(element)}> without its number N: {_head(element)[:60]!r}")
    if name(element) == "DIV8":
        return number(own)
    part = next((normalised(div.get("N") or "") for div in element.iterancestors("DIV5")), "")
    if name(element) == "DIV5":
        return f"part/{own}"
    if name(element) == "DIV6":
        return f"part/{part}/subpart/{own}"
    return appendix_address(own if " to " in own else _head(element), part)


def _title(element: etree._Element) -> str | None:
    """The number of the title: before the colon of NODE, in hierarchy_metadata, or of the DIV1 above."""
    for one in (element, *element.iterancestors()):
        if found := re.match(r"(\d+):", one.get("NODE") or "") or _IN_PATH.search(one.get("hierarchy_metadata") or ""):
            return found[1]
        if name(one) == "DIV1":
            return one.get("N")
    return None


def _current(root: etree._Element) -> str | None:
    """The latest day of amendment that the file tells, or the day for which it was asked; None when it tells none."""
    told = [one.text or "" for one in root.iter("AMDDATE")] + [one.get("AMDDATE") or "" for one in root.iter("VOLUME")]
    told += _DAY.findall(root.get("hierarchy_metadata") or "")
    return max(filter(None, map(day, told)), default=None)

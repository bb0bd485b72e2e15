"""What the two XML forms of the CFR have in common around the text of a section: notes, headings, dates, addresses."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from copy import deepcopy

from lxml import etree

from corpus.official.cfr_text import blocks, name, paragraphs
from corpus.official.section import Document, Note, ReadError, Section, Standing, normalised

NOTES = {
    "AUTH": "authority",
    "SECAUTH": "authority",
    "PARAUTH": "authority",
    "SOURCE": "source",
    "CITA": "source credit",
    "EDNOTE": "editorial note",
    "EFFDNOT": "effective date note",
    "APPRO": "approval",
    "CROSSREF": "cross reference",
    "XREF": "pending amendment",
}
_RESERVED = re.compile(r"\[\s*reserved\s*\]", re.IGNORECASE)
_DATES = ("%Y-%m-%d", "%B %d, %Y", "%b. %d, %Y", "%b %d, %Y")


def printed(element: etree._Element | None) -> str:
    """The words of an element in one line, without the notes in it; "" for None."""
    return "" if element is None else " ".join("".join(without(element).itertext()).split())


def without(element: etree._Element, *heads: str) -> etree._Element:
    """A copy of the element without its notes and those children; text that follows one of these stays."""
    copy = deepcopy(element)
    copy.tail = None
    for child in list(copy.iter(*heads, *NOTES)):
        above = child.getparent()
        if above is None or (name(child) in heads and above is not copy):
            continue
        before = child.getprevious()
        if before is None:
            above.text = f"{above.text or ''} {child.tail or ''}"
        else:
            before.tail = f"{before.tail or ''} {child.tail or ''}"
        above.remove(child)
    return copy


def notes(element: etree._Element) -> tuple[Note, ...]:
    """The notes in an element, each once (what an EFFDNOT holds belongs to it), and then those of the levels above."""
    own = [child for child in element.iter(*NOTES) if not any(name(up) in NOTES for up in child.iterancestors())]
    inherited = [child for above in element.iterancestors() for child in above if name(child) in NOTES]
    return tuple(Note(NOTES[name(one)], " ".join(" ".join(one.itertext()).split())) for one in own + inherited)


def is_reserved(heading: str, text: etree._Element) -> bool:
    """Whether the heading says so and nothing else stands there."""
    rest = _RESERVED.sub("", "".join(text.itertext()))
    return bool(_RESERVED.search(heading)) and not rest.strip().strip(".")


def section(
    element: etree._Element, coordinate: str, heading: str, path: Iterator[str], heads: tuple[str, ...]
) -> Section:
    """The section of an element; `heads` are the children that hold its heading. Raises ReadError when text is lost."""
    text = without(element, *heads)
    return Section(
        coordinate,
        heading,
        paragraphs(list(blocks(text))),
        " ".join(text.itertext()),
        tuple(filter(None, path)),
        notes(element),
        Standing.RESERVED if is_reserved(heading, text) else Standing.OPERATIVE,
    )


def document(sections: tuple[Section, ...], current_as_of: str | None) -> Document:
    """The document, with a fault for each coordinate that comes twice. Raises ReadError when there is no section."""
    if not sections:
        raise ReadError("the file holds no section, appendix or reserved part: is it cut off?")
    times = Counter(one.coordinate for one in sections)
    faults = tuple(f"{coordinate} stands in the file {n} times" for coordinate, n in times.items() if n > 1)
    return Document(sections, current_as_of, faults)


def titled(title: str | None) -> str:
    """The title. Raises ReadError when neither the file nor the caller told it."""
    if not title:
        raise ReadError("the file does not tell the number of its title; tell it by title=")
    return title


def number(text: str) -> str:
    """The number of a section: "§ 591.5" as 591.5, "§§ 111.97 - 111.100" as 111.97-111.100."""
    return re.sub(r"§|\s", "", normalised(text)).strip(".")


def appendix_address(called: str, part: str) -> str:
    """part/593/appendix-a from "Appendix A to Part 593—List …"; below the subpart when it is a subpart's."""
    own, _, rest = re.split("-(?=[A-Z][a-z])", normalised(called), maxsplit=1)[0].partition(" to ")
    subpart, named = re.search(r"subparts? (\w+)", rest, re.I), re.search(r"parts? (\d[\w.-]*)", rest, re.I)
    part = part or (named[1] if named else "")
    where = (f"part/{part}/" if part else "") + (f"subpart/{subpart[1]}/" if subpart else "")
    other = "" if subpart or named or not rest else f" to {rest}"
    return where + re.sub(r"[^a-z0-9.]+", "-", (own + other).lower()).strip("-.")


def day(text: str) -> str | None:
    """ "Jan. 27, 2025" and "January 27, 2025" as 2025-01-27; None for anything else."""
    for form in _DATES:
        with suppress(ValueError):
            return dt.datetime.strptime(" ".join(text.split()).replace("Sept.", "Sep."), form).date().isoformat()
    return None

"""Read the annotated state codes of Code Improvement Commissions (CIC), as HTML that Public.Resource.Org made of RTF.

The markers of paragraphs are not in the text: a list item's id is that of the item above it and its own symbol, so
`…s189.517ol15a` below `…s189.517ol15` is (5)(a). The words of the law are free; the annotations (notes to decisions,
commentary, research references) are a publisher's and are dropped here, history lines excepted.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from lxml import etree

from corpus.official import headings, parse
from corpus.official.markers import counted
from corpus.official.section import Document, Kind, Note, Paragraph, ReadError, Section, Standing

# An element of the law and the labels under which it stands.
_Law = tuple[etree._Element, tuple[str, ...]]
# A paragraph, and whether it is the first of a list item of its own.
_Labelled = tuple[Paragraph, bool]

_RELEASE = re.compile(r"Release (\d+) of the .{1,80}?\s+released\s+(20\d\d)\.(\d\d)", re.S)
_LIST = re.compile(r"ol\d(?=\w)")
_HISTORY = re.compile(r"history[.:]", re.I)
# Annotations that follow the law without a heading of their own.
_ANNOTATION = re.compile(r"The (?:19|20)\d\d (?:\w+ )?amendments?\b|While (?:neither|none|no) ")
_INSIDE = re.compile(r"\s(?:Cross references|Editor['’]s notes?)\. —.*", re.S)
_ARTICLE = re.compile(r"ARTICLE ([IVXL]+)\b", re.I)
_LEVELS = {"h1": 0, "oneh2": 1, "gen": 2, "twoh2": 2, "threeh2": 3, "fourh2": 4}
_IMAGE = re.compile(r"Click\s+to\s+view")


def read(data: bytes, *, place: str) -> Document:
    """The sections of one title; `place` ("US-KY") must be told, for heads of these files name the wrong state.

    Labels carry the markers, and `Paragraph.text` only the words. `current_as_of` is the first of the month of the
    release. "§§ 31-2-301 through 31-2-304. [Repealed.]" gives a section for each number; a section that is printed as
    it is and as it will be stands twice, with a fault that says so. Raises ReadError when no section is found.
    """
    root = parse.page(data)
    sections: list[Section] = []
    faults = list(dict.fromkeys(_without_images(root)))
    above: dict[int, str] = {}
    for element in root.iter("h1", "h2", "h3"):
        if element.tag != "h3":
            level = _LEVELS.get(element.get("class") or "", 1) if element.tag == "h2" else 0
            above = {depth: title for depth, title in above.items() if depth < level} | {level: _words(element)}
            continue
        sections += _sections(element, place, tuple(above[depth] for depth in sorted(above)), faults)
    if not sections:
        raise ReadError("the page holds no section of an annotated code: no <h3> with a section's number")
    faults += headings.told_twice(sections)
    release = _RELEASE.search(" ".join(root.xpath("//meta[@name='description']/@content")))
    return Document(tuple(sections), f"{release[2]}-{release[3]}-01" if release else None, tuple(faults))


def _without_images(root: etree._Element) -> Iterator[str]:
    """Take out the words that only lead to an image, with a fault for the section of each."""
    for element in root.iter():
        if _IMAGE.search(element.text or "") or _IMAGE.search(element.tail or ""):
            element.text, element.tail = (_IMAGE.sub("", one or "") for one in (element.text, element.tail))
            heads = element.xpath("preceding::h3[1]")
            where = _words(heads[0])[:60] if heads else "before the first section"
            yield f"{where!r}: a table or form is there only as an image"


def _sections(head: etree._Element, place: str, path: tuple[str, ...], faults: list[str]) -> Iterator[Section]:
    numbers, words = headings.numbers(_words(head))
    if not numbers:
        raise ReadError(f"a section's head without a number: {_words(head)[:80]!r}")
    law, notes = _parted(head)
    standing = headings.standing(words)
    if standing is not Standing.OPERATIVE:
        # "Repealed by Laws 1997, …" stands where the law stood.
        notes = [Note("history", _INSIDE.sub("", _words(element))) for element, _ in law] + notes
        law = []
    for coordinate in headings.coordinates(numbers, place, faults):
        yield Section(
            coordinate=coordinate,
            heading=words,
            paragraphs=counted([piece for element, labels in law for piece in _pieces(element, labels)]),
            source=" ".join("".join(element.itertext()) for element, _ in law),
            path=path,
            notes=(*notes, *headings.effect(words)),
            standing=standing,
        )


def _parted(head: etree._Element) -> tuple[list[_Law], list[Note]]:
    """The elements of the law after a head, and its history. From the first annotation on only the articles of a
    compact are law: its history stands before them."""
    law: list[_Law] = []
    notes: list[Note] = []
    ended = False
    for element in head.itersiblings():
        if element.tag == "p" and _HISTORY.match(words := _words(element)):
            notes.append(Note("history", _HISTORY.sub("", words, count=1).strip()))
            ended = True
        elif article := _article(element):
            law += _of_article(element, (f"art-{article}",))
        elif element.tag == "div" or _is_annotation(element):
            ended = True
        elif not ended:
            law.append((element, ()))
    return law, notes


def _is_annotation(element: etree._Element) -> bool:
    """A paragraph that begins in bold, or as those on amendments do."""
    bold = len(element) and element[0].tag == "b" and not (element.text or "").strip()
    return element.tag == "p" and (bool(bold) or bool(_ANNOTATION.match(_words(element))))


def _article(element: etree._Element) -> str:
    """The number of a compact's article, "" for any other element."""
    title = _words(element[0]) if element.tag == "div" and len(element) and element[0].tag == "h4" else ""
    match = _ARTICLE.match(title)
    return match[1] if match else ""


def _of_article(article: etree._Element, labels: tuple[str, ...]) -> Iterator[_Law]:
    for element in article:
        if _HISTORY.match(_words(element)) or _is_annotation(element):
            return
        yield element, labels


def _pieces(element: etree._Element, labels: tuple[str, ...]) -> Iterator[_Labelled]:
    """The paragraphs of a <p>, an article's <h4> or a list, in order."""
    if element.tag in ("ol", "ul"):
        for item in element:
            symbol = _symbol(item)
            yield from _item(item, (*labels, symbol) if symbol else labels, marked=bool(symbol))
    elif words := _words(element):
        heading = element.tag == "h4"
        yield Paragraph(labels, words, Kind.HEADING if heading else Kind.TEXT), heading


def _item(item: etree._Element, labels: tuple[str, ...], *, marked: bool) -> Iterator[_Labelled]:
    """An item's own words, what follows them in paragraphs, and the lists below it."""
    own = item.text or ""
    for child in item:
        if child.tag in ("ol", "ul", "p", "div"):
            if words := _spaced(own):
                yield Paragraph(labels, words), marked
                marked = False
            yield from _pieces(child, labels)
            own = ""
        else:
            own += "".join(child.itertext())
        own += child.tail or ""
    if words := _spaced(own):
        yield Paragraph(labels, words), marked


def _symbol(item: etree._Element) -> str:
    """What an item's id adds to that of the item above it: "a" for `…ol15a` below `…ol15`; "" without an id."""
    own = item.get("id") or ""
    above = next((one.get("id") or "" for one in item.iterancestors("li")), "")
    if above:
        return own[len(above) :] if own.startswith(above) else ""
    starts = list(_LIST.finditer(own))
    return own[starts[-1].end() :] if starts else ""


def _words(element: etree._Element) -> str:
    return _spaced("".join(element.itertext()))


def _spaced(text: str) -> str:
    return " ".join(text.split())

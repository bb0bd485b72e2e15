"""Read the United States Code in USLM, the XML of the Office of the Law Revision Counsel (OLRC).

Schemas 1.x (in use) and 2.x (announced) differ in a few element names; one walk reads both. What the OLRC adds
(source credits, notes, footnotes, tables of contents) is not the law and never becomes a paragraph.
Sources: uscode.house.gov/xml/USLM-1.0.xsd and the USLM user guide, https://github.com/usgpo/uslm.
"""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

from lxml import etree

from corpus.official import parse
from corpus.official.section import Document, Kind, Note, Paragraph, ReadError, Section, Standing, normalised

NAMESPACES = frozenset({"http://xml.house.gov/schemas/uslm/1.0", "http://schemas.gpo.gov/xml/uslm"})
Labels = tuple[str, ...]

_STANDINGS = {one.value: one for one in Standing} | {"renumbered": Standing.TRANSFERRED}
_ENDED = re.compile(r"\[?(Repealed|Omitted|Transferred|Reserved)(?=[\].,;]|\s+or\b|$)")
_RELEASE = re.compile(r"\d[\w-]*$")  # "Online@119-102not101"
_REF = re.compile(r"/us/usc/t(\w+)/s([^/\s]+)")
# What quotes or holds a section that is not one of the file's own.
_QUOTING = {"quotedContent", "notes", "note", "footnote", "section"}
# What the OLRC adds to the law.
_APART = {"notes", "note", "footnote", "sourceCredit", "toc", "sidenote", "page"}
_LEVELS = {"subsection", "paragraph", "subparagraph", "clause", "subclause", "item", "subitem", "subsubitem", "level"}
# Elements that begin a piece of their own.
_RUNS = _LEVELS | {"chapeau", "content", "continuation", "p", "heading", "list", "listItem", "listContent", "text"}
_TABLES = {"table", "layout"}
# Elements whose words never touch those beside them, even where a piece is taken whole (a quotation, a table).
_BLOCKS = _RUNS | _TABLES | {"num", "section", "tr", "td", "th", "caption", "column", "tocItem", "br", "label"}


def read(data: bytes) -> Document:
    """The sections of a title, or of a part of one; `current_as_of` stays None where the file only names a release.

    A section that the file gives several identifiers ("§§ 44, 45. Transferred") stands once for each. Each section
    carries the release point and whether its title is positive law as notes of these names. Raises ReadError when
    the root is not in a USLM namespace or the file is not well-formed.
    """
    root = parse.xml(data)
    namespace = etree.QName(root).namespace or ""
    if namespace not in NAMESPACES:
        raise ReadError(f"not USLM: the root is {_name(root)} in {namespace or 'no namespace'}")
    meta = {c.get("role") or _name(c): (c.text or "").strip() for one in root if _name(one) == "meta" for c in one}
    release = "".join(_RELEASE.findall(meta.get("docPublicationName", "")))
    date = _date(release)
    origin = {"release point": "" if date else release, "positive law": meta.get("is-positive-law", "")}
    common = tuple(Note(kind, text) for kind, text in origin.items() if text)
    faults: list[str] = []
    sections: list[Section] = []
    seen: Counter[str] = Counter()
    for element in root.iter(f"{{{namespace}}}section"):
        if any(_name(one) in _QUOTING for one in element.iterancestors()):
            continue
        for identifier in (element.get("identifier") or "").split() or [""]:
            try:
                key = coordinate(identifier)
            except ReadError as error:
                faults.append(f"left out: {error}, it begins {spaced(_flat(element))[:60]!r}")
                continue
            seen[key] += 1
            again = (Note("repeated identifier", f"{identifier}: number {seen[key]} of its name in the file"),)
            section = _section(element, key, common + again * (seen[key] > 1))
            sections.append(section)
            faults += _faults(section, element.get("status"))
    faults += [f"{key} stands {n} times in the file" for key, n in seen.items() if n > 1]
    return Document(tuple(sections), date, tuple(faults))


def coordinate(identifier: str) -> str:
    """`/us/usc/t16/s1a–7B` as us/usc/16/1a-7b: letters small and dashes plain, as corpus.citations writes them.

    A range (`/us/usc/t16/s19...19c`) stays one. Raises ReadError for what is not the identifier of a section.
    """
    if not (match := _REF.fullmatch(identifier)):
        raise ReadError(f"{identifier!r} is not the identifier of a section of the United States Code")
    title, section = match.groups()
    return f"us/usc/{title.lower()}/{normalised(section).lower()}"


def standing(heading: str, status: str | None = None) -> Standing:
    """What the source says of a section: by its status, and where it gives none by a heading such as "Omitted"."""
    word = status or (match[1].lower() if (match := _ENDED.match(heading)) else "")
    return _STANDINGS.get(word, Standing.OPERATIVE)


def spaced(text: str) -> str:
    """White space collapsed, nothing else changed."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Piece:
    """A run of words at `labels`; `marker` says that it is the number of that level itself."""

    labels: Labels
    text: str
    kind: Kind = Kind.TEXT
    marker: bool = False
    ambiguous: bool = False


def joined(pieces: Iterable[Piece]) -> tuple[Paragraph, ...]:
    """Paragraphs from pieces: a number, its heading and the first words after them are one; what follows has a `nth`.

    Everything under a number that stands twice in its place ("So in original. Two cls. (v)") is ambiguous.
    """
    out: list[Paragraph] = []
    opened: Counter[Labels] = Counter()
    last: Counter[Labels] = Counter()
    waiting = False  # whether the last paragraph is a number that still lacks its words
    for piece in pieces:
        if piece.marker:
            opened[piece.labels] += 1
            last[piece.labels] = 0
            out.append(Paragraph(piece.labels, piece.text))
            waiting = True
        elif waiting and piece.labels == out[-1].labels and piece.kind is not Kind.TABLE:
            # After the dash of a heading words follow at once: "(a) General.—A person …".
            gap = "" if out[-1].text.endswith("—") else " "
            out[-1] = replace(out[-1], text=out[-1].text + gap + piece.text)
            waiting = piece.kind is Kind.HEADING
        else:
            last[piece.labels] += bool(out) or piece.kind is not Kind.TEXT  # a section's first words need no number
            out.append(Paragraph(piece.labels, piece.text, piece.kind, last[piece.labels], piece.ambiguous))
            waiting = False
    twice = {labels for labels, n in opened.items() if n > 1}
    return tuple(replace(p, ambiguous=True) if _under(p.labels) & twice else p for p in out)


def _under(labels: Labels) -> set[Labels]:
    return {labels[:depth] for depth in range(1, len(labels) + 1)}


def _section(element: etree._Element, key: str, common: tuple[Note, ...]) -> Section:
    heading = spaced("".join(_flat(child) for child in element if _name(child) == "heading"))
    if heading.endswith("]") and "[" not in heading:  # "[§ 5. Omitted]": the bracket opened before the number
        heading = heading[:-1]
    kept = (("" if _is_title(child) or _is_apart(child) else _flat(child), child.tail or "") for child in element)
    return Section(
        coordinate=key,
        heading=heading,
        paragraphs=joined(_pieces(element, ())),
        source=" ".join([element.text or "", *(words + tail for words, tail in kept)]),
        path=tuple(_path(element)),
        notes=(*_notes(element), *common),
        standing=standing(heading, element.get("status")),
    )


def _pieces(element: etree._Element, labels: Labels) -> Iterator[Piece]:
    """The pieces of an element in order; text beside its children belongs to it."""
    kind = Kind.HEADING if _name(element) == "heading" else Kind.TEXT
    run = element.text or ""
    for child in element:
        what = _name(child)
        if _is_apart(child) or (_name(element) == "section" and _is_title(child)):
            pass
        elif what in _TABLES:
            yield from (*_run(labels, run, kind), *_run(labels, _flat(child), Kind.TABLE))
            run = ""
        elif what == "num":
            yield from _run(labels, run, kind)
            yield Piece(labels, spaced(_flat(child)), marker=bool(_label(element)))
            run = ""
        elif what in _RUNS or (what != "quotedContent" and _label(child)):
            yield from _run(labels, run, kind)
            yield from _pieces(child, labels + _label(child))
            run = ""
        else:  # inline, and what is quoted: words of the piece in which it stands
            run += _flat(child)
        run += child.tail or ""
    yield from _run(labels, run, kind)


def _run(labels: Labels, words: str, kind: Kind) -> Iterator[Piece]:
    if text := spaced(words):
        yield Piece(labels, text, kind)


def _label(level: etree._Element) -> Labels:
    """The label of a level: the clean value of its number, else the number without its brackets; () without one."""
    for child in level:
        if _name(child) == "num":
            label = normalised(child.get("value") or re.sub(r"[\[\]().§•]", "", _flat(child)))
            return (label,) if label else ()
    return ()


def _path(section: etree._Element) -> Iterator[str]:
    """ "Title 49—TRANSPORTATION", "CHAPTER 301—MOTOR VEHICLE SAFETY": number and heading of each level above."""
    for level in reversed(list(section.iterancestors())):
        parts = {_name(child): spaced(_flat(child)) for child in level if _is_title(child)}
        if heading := parts.get("heading"):
            number = parts.get("num", "")
            yield number + heading if number.endswith("—") else f"{number} {heading}".strip()


def _notes(element: etree._Element) -> Iterator[Note]:
    """What stands with the section, in the order of the file; a note's kind is its topic in words."""
    for child in element:
        what, words = _name(child), spaced(_flat(child, whole=True))
        if what == "footnote" or child.get("type") == "footnote":
            yield Note("footnote", words)
        elif what == "sourceCredit":
            yield Note("source credit", words)
        elif what == "note":
            if child.get("role") != "crossHeading":  # "Editorial Notes", which only stands above others
                yield Note(re.sub("(?<=[a-z])(?=[A-Z])", " ", child.get("topic") or what).lower(), words)
        elif _is_toc(child):
            yield Note("table of contents", words)
        else:
            yield from _notes(child)


def _faults(section: Section, status: str | None) -> Iterator[str]:
    if status and status not in _STANDINGS:
        yield f"{section.coordinate}: status {status!r} is unknown and read as operative"
    if any(re.search(r"</?\w+>", p.text) for p in section.paragraphs):
        yield f"{section.coordinate}: markup stands among the words"


def _date(release: str) -> str | None:
    with suppress(ValueError):
        return dt.date.fromisoformat(release).isoformat()
    return None


def _name(element: etree._Element) -> str:
    return etree.QName(element).localname


def _flat(element: etree._Element, *, whole: bool = False) -> str:
    """All words of an element in order, without what is apart; `whole` takes that too, for the notes themselves."""
    words = element.text or ""
    for child in element:
        if whole or not _is_apart(child):
            gap = " " * (_name(child) in _BLOCKS)
            words += gap + _flat(child, whole=whole) + gap
        words += child.tail or ""
    return words


def _is_title(element: etree._Element) -> bool:
    return _name(element) in ("num", "heading")


def _is_apart(element: etree._Element) -> bool:
    """Whether the OLRC added it: notes, contents, and the mark that points at a footnote."""
    return _name(element) in _APART or _is_toc(element) or "footnoteRef" in (element.get("class") or "").split()


def _is_toc(element: etree._Element) -> bool:
    """`toc`, or in 1.x also a bare `layout` of `tocItem`s."""
    return _name(element) == "toc" or (_name(element) == "layout" and any(_name(x) == "tocItem" for x in element))

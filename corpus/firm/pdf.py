"""Read a PDF of the firm: from what its pages show (`pages`) to a document with its flags and faults."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from corpus.firm import lines, pages
from corpus.firm.assemble import Facts, assemble
from corpus.firm.document import FirmDocument, Flag
from corpus.firm.lines import Line
from corpus.firm.pages import Page, Pdf
from corpus.official.section import ReadError

HIDDEN = "hidden text"


def read(data: bytes, *, name: str) -> FirmDocument:
    """The document of a PDF. Raises ReadError when it is damaged, needs a password, or shows no text on any page.

    Text that nobody can see is left out of the passages and flagged; a page that is only a picture is a fault.
    """
    held = pages.read(data)
    if not any(page.lines for page in held.pages):
        scans = all(page.scan for page in held.pages)
        raise ReadError(
            f"every page is a scan ({len(held.pages)}); recognise the text first (OCR), check it and add it as DOCX or"
            " text"
            if scans
            else "no page shows any text"
        )
    shown = [one.lines for one in held.pages]
    cut = lines.running(shown)
    unread = {shown[at][n].text for at, n in cut}
    kept = [[line for n, line in enumerate(page) if (at, n) not in cut] for at, page in enumerate(shown)]
    facts = Facts(held.title or _largest(kept), held.created, held.author)
    flags, faults = _flags(held), _faults(held.pages)
    return assemble(data, name, lines.pieces(shown, cut), facts, flags=flags, faults=faults, unread=sorted(unread))


def _flags(held: Pdf) -> Iterator[Flag]:
    """What the file holds beside its pages, and what these hide."""
    if held.layer_off:
        yield Flag(HIDDEN, "document", "a layer is switched off; its text is read with the rest")
    if held.script:
        yield Flag("script", "document", "the file brings JavaScript (it was not run)")
    for at, one in enumerate(held.pages, 1):
        for why, text in one.hidden.items():
            yield Flag(HIDDEN, f"page {at} ({why})", text)


def _faults(all_pages: Sequence[Page]) -> list[str]:
    return [
        f"page {at} is a scan" if page.scan else f"page {at} shows no text"
        for at, page in enumerate(all_pages, 1)
        if not page.lines
    ]


def _largest(kept: Sequence[Sequence[Line]]) -> str:
    """The line of the largest letters on the first page with text, and those that go on in them; "" if none is."""
    page: Sequence[Line] = next(filter(None, kept), [])
    size = max((line.size for line in page), default=0.0)
    large = [abs(line.size - size) <= 0.3 for line in page]
    if all(large):
        return ""
    first = large.index(True)
    return " ".join(line.text for line in page[first : first + 3] if abs(line.size - size) <= 0.3)

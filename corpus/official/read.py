"""One door to the readers: which one makes sections of a file, and what it must be told beside the bytes."""

from __future__ import annotations

from corpus.official import annotated, annual_cfr, ecfr, iowa, state_page, state_pdf, uscode_markdown, uslm
from corpus.official.section import Document
from corpus.official.sources import Reader, Source


def read(data: bytes, reader: Reader, source: Source, coordinate: str = "") -> Document:
    """The document in these bytes. `coordinate` is the section of a page that holds only one. Raises ReadError."""
    match reader:
        case Reader.ECFR:
            return ecfr.read(data, title=source.number or None)
        case Reader.ANNUAL_CFR:
            return annual_cfr.read(data, title=source.number or None)
        case Reader.USLM:
            return uslm.read(data)
        case Reader.USCODE_MARKDOWN:
            return uscode_markdown.read(data, title=source.number)
        case Reader.IOWA:
            return iowa.read(data)
        case Reader.ANNOTATED:
            return annotated.read(data, place=source.place)
        case Reader.STATE_PAGE:
            return state_page.read(data, coordinate=coordinate)
        case Reader.STATE_PDF:
            return state_pdf.read(data, place=source.place)

"""Open XML and HTML that came from elsewhere: no entities, no DTD, no network, bounded in size and depth."""

from __future__ import annotations

from lxml import etree, html

from corpus.official.section import ReadError

LARGEST_BYTES = 64_000_000
DEEPEST = 200


def xml(data: bytes) -> etree._Element:
    """The root of an XML file. Raises ReadError on anything that is not well formed, too large, too deep or a DTD."""
    _bounded(data)
    if b"<!DOCTYPE" in data[:4096] or b"<!ENTITY" in data:
        raise ReadError("the file brings a DTD or entities of its own")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        return _shallow(etree.fromstring(data, parser))
    except etree.XMLSyntaxError as error:
        raise ReadError(f"not well-formed XML: {error.msg}") from error


def page(data: bytes) -> etree._Element:
    """The root of an HTML page, read as browsers do. Raises ReadError when there is none."""
    _bounded(data)
    try:
        return _shallow(
            html.document_fromstring(
                data, parser=html.HTMLParser(no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
            )
        )
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise ReadError(f"not an HTML page: {error}") from error


def _bounded(data: bytes) -> None:
    if not data.strip():
        raise ReadError("the file is empty")
    if len(data) > LARGEST_BYTES:
        raise ReadError(f"{len(data):,} bytes; the limit is {LARGEST_BYTES:,}")


def _shallow(root: etree._Element) -> etree._Element:
    level = [root]
    for _ in range(DEEPEST):
        level = [child for one in level for child in one]
        if not level:
            return root
    raise ReadError(f"elements nested more than {DEEPEST} deep")

"""Read a saved web page: the article and its headings; what is not shown is flagged, nothing is run or fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from corpus.firm.assemble import Facts, Piece, assemble, date_in
from corpus.firm.document import FirmDocument, Flag
from corpus.firm.markup import decoded
from corpus.official import parse

# The page around the article, and what no browser prints.
# fmt: off
_AROUND = frozenset({
    "script", "style", "nav", "aside", "footer", "form", "noscript", "template", "svg", "math", "iframe",
    "object", "button", "select", "input", "textarea", "dialog", "canvas", "video", "audio", "head", "link",
    "meta", "embed",
})
# fmt: on
# fmt: off
_BLOCKS = frozenset({
    "address", "article", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary", "table", "tbody",
    "tfoot", "thead", "td", "th", "tr", "ul", "caption", "h1", "h2", "h3", "h4", "h5", "h6", "fieldset",
    "legend",
})
# fmt: on
# Declarations that hide, by what to call it.
_HIDES = tuple(
    (why, re.compile(rf"(?<![\w-])(?:{declaration})"))
    for why, declaration in (
        ("not displayed", r"display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse)|content-visibility\s*:\s*hidden"),
        ("transparent", r"opacity\s*:\s*0*(?:\.0+)?%?\s*(?:[;!]|$)|color\s*:\s*transparent"),
        ("letters under 2 points", r"font-size\s*:\s*(?:[01](?:\.\d+)?p[xt]|0*(?:\.0\d*)?(?:r?em|%)?)\s*(?:[;!]|$)"),
        (
            "outside the page",
            r"(?:left|top|text-indent|margin-left)\s*:\s*-\d{3,}|clip-path\s*:\s*inset\(\s*(?:50|100)%",
        ),
    )
)
_WHITE = re.compile(r"(?<![\w-])color\s*:\s*(?:#fff(?:fff)?\b|white\b|rgba?\(\s*255\s*,\s*255\s*,\s*255)")
_BACKGROUND = re.compile(
    r"(?<![\w-])background(?:-color|-image)?\s*:\s*(?!\s*(?:none|transparent|white|#fff(?:fff)?\b|inherit))"
)
_MEDIA = re.compile(r"@(?:media(?!\s+(?:all|screen)\b)|supports|keyframes)[^{]{0,500}\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}")
_RULE = re.compile(r"(?P<selectors>[^{}]+)\{(?P<body>[^{}]*)\}")
_SIMPLE = re.compile(r"(?P<tag>[a-z][a-z0-9]*)?(?P<kind>[.#])(?P<name>[\w-]+)$")
_ACTS = re.compile(r"\s*(?:javascript|vbscript|data)\s*:", re.IGNORECASE)
_TITLES = ("og:title", "dcterms.title", "dc.title")
_AUTHORS = ("author", "article:author", "dcterms.creator", "dc.creator")
_DATES = ("article:published_time", "date", "datepublished", "dcterms.date", "dc.date", "dcterms.created", "pubdate")


def read(data: bytes, *, name: str) -> FirmDocument:
    """The document of an HTML page. Raises ReadError when it is none, or is nested too deep."""
    root = parse.page(_marked(data))
    walk = _Walk(_styles(root))
    article = _article(root)
    pieces = [piece for piece in walk.pieces(article) if piece.text.strip()]
    told = {
        str(one.get("name") or one.get("property") or one.get("itemprop") or "").lower(): str(one.get("content") or "")
        for one in reversed(list(root.iter("meta")))
    }
    heading = next((one for one in pieces if one.level == 1), None)
    title = _first(told, _TITLES) or (heading.text if heading else "") or str(root.findtext(".//title") or "")
    stamp = article.find(".//time[@datetime]")
    date = date_in(_first(told, _DATES)) or (date_in(str(stamp.get("datetime"))) if stamp is not None else None)
    author = _first(told, _AUTHORS)
    facts = Facts(title, date, "" if author.startswith("http") else author)
    acts = [
        Flag("link that acts", f"link “{' '.join(one.itertext()).strip()[:40]}”", str(one.get("href")))
        for one in article.iter("a", "area")
        if _ACTS.match(str(one.get("href") or ""))
    ]
    return assemble(data, name, pieces, facts, flags=[*walk.hidden, *acts])


def _marked(data: bytes) -> bytes:
    """The page with a mark for UTF-8 when it is UTF-8 or UTF-16 and says so nowhere: lxml would take it for Latin-1."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or not re.search(rb"charset\s*=", data[:2048], re.IGNORECASE):
        return decoded(data).encode("utf-8-sig")
    return data


def _article(root: etree._Element) -> etree._Element:
    """The one <main> or <article> of the page, else its body."""
    for tag in ("main", "article", "body"):
        found = list(root.iter(tag))
        if len(found) == 1:
            return found[0]
    return root


def _first(told: dict[str, str], names: tuple[str, ...]) -> str:
    return next((told[one] for one in names if told.get(one)), "")


def _styles(root: etree._Element) -> dict[str, str]:
    """The declarations of the page's own style sheets by ".class" or "#id"; other selectors are not followed."""
    styles: dict[str, str] = {}
    for sheet in root.iter("style"):
        for rule in _RULE.finditer(_MEDIA.sub("", re.sub(r"/\*.*?\*/", "", sheet.text or "", flags=re.DOTALL))):
            for selector in rule["selectors"].split(","):
                if simple := _SIMPLE.match(selector.strip()):
                    key = simple["kind"] + simple["name"]
                    styles[key] = f"{styles.get(key, '')};{rule['body'].lower()}"
    return styles


@dataclass
class _Walk:
    """Walks the elements in order; gathers the text that a reader of the page does not see."""

    styles: dict[str, str]
    hidden: list[Flag] = field(default_factory=list)

    def pieces(self, element: etree._Element) -> Iterator[Piece]:
        """The blocks of an element. Loose text between blocks is a block."""
        loose: list[str] = [element.text or ""]
        for child in element:
            if self._shown(child):
                if child.tag == "tr":
                    cells = [" ".join(self._flat(cell).split()) for cell in child if self._shown(cell)]
                    yield from self._loose(loose)
                    yield Piece(" | ".join(filter(None, cells)))
                elif child.tag in ("h1", "h2", "h3", "h4", "h5", "h6"):
                    yield from self._loose(loose)
                    yield Piece(" ".join(self._flat(child).split()), int(child.tag[1]))
                elif child.tag in _BLOCKS or any(one.tag in _BLOCKS for one in child.iterdescendants()):
                    yield from self._loose(loose)
                    yield from self.pieces(child)
                else:
                    loose.append("\n" if child.tag == "br" else self._flat(child))
            loose.append(child.tail or "")
        yield from self._loose(loose)

    def _flat(self, element: etree._Element) -> str:
        """The visible text of an element in one."""
        parts = [element.text or ""]
        for child in element:
            space = " " if child.tag in _BLOCKS or child.tag == "br" else ""
            parts += [space, self._flat(child) if self._shown(child) else "", space, child.tail or ""]
        return "".join(parts)

    def _loose(self, parts: list[str]) -> Iterator[Piece]:
        lines = [" ".join(line.split()) for line in "".join(parts).split("\n")]
        parts.clear()
        if text := "\n".join(filter(None, lines)):
            yield Piece(text)

    def _shown(self, element: etree._Element) -> bool:
        if element.tag in _AROUND:
            return False
        if not (why := self._why(element)):
            return True
        if text := " ".join(" ".join(element.itertext()).split()):
            self.hidden.append(Flag("hidden text", f"<{element.tag!s}> ({why})", text))
        return False

    def _why(self, element: etree._Element) -> str:
        if element.get("hidden") is not None:
            return "not displayed"
        style = self._style(element)
        if why := next((why for why, pattern in _HIDES if pattern.search(style)), ""):
            return why
        around = (element, *element.iterancestors())
        white = _WHITE.search(style) and not any(
            _BACKGROUND.search(self._style(one)) or one.get("bgcolor") for one in around
        )
        return "in the colour of the paper" if white else ""

    def _style(self, element: etree._Element) -> str:
        keys = [f".{one}" for one in _given(element, "class").split()] + ["#" + _given(element, "id")]
        return ";".join([*(self.styles.get(key, "") for key in keys), _given(element, "style").lower()])


def _given(element: etree._Element, attribute: str) -> str:
    return str(element.get(attribute) or "")

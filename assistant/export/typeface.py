"""Which font of a PDF holds a character: Times, else Symbol, Vera, or Japanese Mincho; what none holds is spelled.

Times and Symbol are in every PDF reader, Vera comes with reportlab and is embedded. The Japanese characters are named,
not embedded: a reader without any Japanese font can copy them but not show them.
"""

from __future__ import annotations

import unicodedata
from functools import cache, lru_cache
from itertools import groupby

from reportlab.lib.fonts import addMapping
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.cidfonts import UnicodeCIDFont
from reportlab.pdfbase.ttfonts import TTFont

from assistant.export.legible import number

TEXT, SYMBOL, PLAIN, JAPANESE = "Times-Roman", "Symbol", "Vera", "HeiseiMin-W3"
_SYMBOLS = frozenset("≤≥≠≈→←↑↓↔⇒⇔∞√∑∏∂∫±×÷°′″αβγδεζηθικλμνξοπρστυφχψωΑΒΓΔΕΖΗΘΙΚΛΜΝΞΟΠΡΣΤΥΦΧΨΩ")
_ALIKE = str.maketrans(
    {"\u2010": "-", "\u2011": "-", "\u00ad": "", "\u200b": "", "\ufeff": ""}
    | dict.fromkeys("\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f", " ")
)


@cache
def register() -> None:
    """Make the fonts known to reportlab, once a process."""
    for suffix, bold, italic in (("", 0, 0), ("Bd", 1, 0), ("It", 0, 1), ("BI", 1, 1)):
        pdfmetrics.registerFont(TTFont(f"{PLAIN}{suffix}", f"Vera{suffix}.ttf"))
        addMapping(PLAIN, bold, italic, f"{PLAIN}{suffix}")
        addMapping(JAPANESE, bold, italic, JAPANESE)
        addMapping(SYMBOL, bold, italic, SYMBOL)
    pdfmetrics.registerFont(UnicodeCIDFont(JAPANESE))


def pieces(text: str) -> list[tuple[str, str]]:
    """The text in runs of (font, text) that the fonts hold."""
    spelled = "".join(map(_spelled, unicodedata.normalize("NFC", text).translate(_ALIKE)))
    return [(font, "".join(run)) for font, run in groupby(spelled, _font)]


def substituted(text: str) -> frozenset[str]:
    """How characters of the text are printed that no font holds: "unaccented", "escaped"."""
    composed = set(unicodedata.normalize("NFC", text).translate(_ALIKE))
    return frozenset("unaccented" if len(_spelled(one)) == 1 else "escaped" for one in composed if not _font(one))


def _spelled(character: str) -> str:
    """The character, or its letter without accents, or its number in Unicode."""
    if _font(character):
        return character
    bare = "".join(one for one in unicodedata.normalize("NFD", character) if not unicodedata.combining(one))
    return bare if len(bare) == 1 and _font(bare) else number(character)


@lru_cache(maxsize=4096)
def _font(character: str) -> str:
    """The first font that holds a character; "" when none does."""
    if character == "\n" or _encodes(character, "cp1252"):
        return TEXT
    if character in _SYMBOLS:
        return SYMBOL
    if ord(character) in pdfmetrics.getFont(PLAIN).face.charToGlyph:
        return PLAIN
    # The characters of the standard JIS X 0208 are those that every Japanese font has.
    wide = unicodedata.east_asian_width(character) in "WF"
    return JAPANESE if wide and _encodes(character, "shift_jis") else ""


def _encodes(character: str, encoding: str) -> bool:
    try:
        character.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True

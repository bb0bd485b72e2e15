"""Text that every format can hold: what XML, a PDF or a reader's eye cannot, is written as its number."""

from __future__ import annotations

import re

# Controls, halves of a surrogate pair, non-characters, and the signs that turn the direction of what follows: with them
# a text can read otherwise than it is.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
    "|[" + "".join(f"{chr(plane << 16 | 0xFFFE)}{chr(plane << 16 | 0xFFFF)}" for plane in range(1, 17)) + "]"
)
_NEWLINE = re.compile("\r\n?|[\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")


def legible(text: str) -> str:
    """The text with "\\n" as its only line break, and `[U+0007]` for each character that cannot be shown."""
    return _UNSHOWN.sub(lambda found: number(found[0]), _NEWLINE.sub("\n", text).replace("\t", " "))


def number(character: str) -> str:
    """ "[U+1F600]": a character by its number in Unicode."""
    return f"[U+{ord(character):04X}]"

"""The word lists (`vocabulary.toml`, `places.toml`) as patterns. `~` in a word is a gap, at its end a plural."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


@cache
def vocabulary() -> dict[str, Any]:
    """The word lists of `vocabulary.toml`."""
    return tomllib.loads((HERE / "vocabulary.toml").read_text("utf-8"))


@cache
def place_names() -> dict[str, dict[str, list[str]]]:
    """Postal code to the ways clients write the place (`places.toml`)."""
    return tomllib.loads((HERE / "places.toml").read_text("utf-8"))


def _pattern(word: str) -> str:
    """`~` at the end is an optional plural, before `|` or `)` a plural or a gap, elsewhere a gap of space or hyphen."""
    # A free word is bounded and its gap required, else a long input would be split in too many ways.
    body = word.replace(r"\w+~", r"\w{1,30}[\s-]{1,3}")
    body = re.sub(r"~$", "(?:e?s)?", body)
    body = re.sub(r"~(?=[|)])", r"(?:e?s)?[\\s-]{0,3}", body)
    return body.replace("~?", r"[\s-]{0,3}").replace("~", r"[\s-]{0,3}")


@cache
def word(text: str) -> re.Pattern[str]:
    """One word of the vocabulary as a pattern, whole words only, in any case."""
    return re.compile(rf"(?<!\w)(?:{_pattern(text)})(?!\w)", re.IGNORECASE)


@cache
def whole(text: str) -> re.Pattern[str]:
    """A plain text as a pattern, whole words only, in any case (kept here: the cache of `re` is too small)."""
    return re.compile(rf"(?<![\w.]){re.escape(text)}(?!\w)", re.IGNORECASE)


@cache
def any_of(*path: str) -> re.Pattern[str]:
    """A whole list of the vocabulary, such as `any_of("intent", "importing")`, as one pattern."""
    words: Any = vocabulary()
    for step in path:
        words = words[step]
    return re.compile(r"(?<!\w)(?:" + "|".join(_pattern(w) for w in words) + r")(?!\w)", re.IGNORECASE)

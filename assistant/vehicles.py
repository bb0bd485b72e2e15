"""Where a question names a Kei model ("my Carry", "a '99 Hijet")."""

from __future__ import annotations

import re
from dataclasses import dataclass

from assistant.vocabulary import vocabulary

# Model names that are also words; they count only beside a maker, a year or an article.
_COMMON_MODELS = frozenset(
    {"Every", "Beat", "Life", "Street", "Move", "Alto", "Bravo", "Carry", "Midget", "Clipper", "Scrum"}
)


# A year before a model ("a '99 Carry", "2001 Suzuki Acty").
_YEAR_BEFORE = r"(?:(?:19|20)\d\d|'?\d\d)\s+"


@dataclass(frozen=True)
class Vehicle:
    """A model by maker and name, and the characters that name it."""

    start: int
    end: int
    model: str


def vehicle(text: str) -> Vehicle | None:
    """The first model of the word list that the text names."""
    for maker, names in vocabulary()["models"].items():
        for name in names:
            pattern = rf"(?<!\w)(?P<name>(?:{maker}\s+)?{re.escape(name)}s?)(?!\w)"
            if name in _COMMON_MODELS:
                before = rf"{maker}|(?:19|20)\d\d|'\d\d|an?|my|the|super|old|new"
                pattern = rf"(?<!\w)(?:{before})\s+(?P<name>{re.escape(name)}s?)\b(?!\s+(?:a|an|the|it|to)\b)"
            sure = name in {"Every", "Street", "Life", "Move", "Beat", "Bravo"}
            if match := re.search(pattern, text, 0 if sure else re.IGNORECASE):
                lead = re.search(rf"\b{maker}\s+$", text[: match.start("name")], re.IGNORECASE)
                return Vehicle(lead.start() if lead else match.start("name"), match.end("name"), f"{maker} {name}")
    return None


def plainly(text: str) -> str:
    """The text with its Kei truck by its kind instead of its name: "duty on a 99 Hijet" asks for that on a kei truck.

    Vans and cars keep their names, for the tariff and the states tell them from trucks."""
    found = vehicle(text)
    if found is None or found.model.split(" ", 1)[1] not in vocabulary()["domain"]["trucks"]:
        return text
    year = re.search(rf"{_YEAR_BEFORE}$", text[: found.start])
    return f"{text[: year.start() if year else found.start]}kei truck{text[found.end :]}"

"""The figures in a question with their units: money, vehicles, ages, and the measures that a state's limits name."""

from __future__ import annotations

import re

from corpus.verdicts import Measure

_SMALL = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50,
}  # fmt: skip
_WORDED = re.compile(
    rf"\b(?:half a (?P<dozen>dozen)|(?P<dozens>a dozen)|(?P<word>{'|'.join(_SMALL)}))"
    r"(?=(?:[\s-](?:\w+[\s-]){0,3}(?:vehicles?|trucks?|units?|cars?|vans?)\b)|[\s-](?:grand|thousand|lit(?:er|re)s?)\b)",
    re.IGNORECASE,
)
_NUMBER = r"(?<![\w.,$])(\d{1,3}(?:,\d{3})+|\d{1,9})(\.\d+)?"
_TIMES = {"k": 1_000, "grand": 1_000, "thousand": 1_000, "million": 1_000_000}
# A year before "kei truck" is when it was built and no number of trucks.
_COUNTED = r"(?:\w+\s){0,3}(?:vehicles|trucks|units|cars|microvans|vans|microtrucks)\b"
_UNITS = {
    "mph": r"mph\b",
    "lb": r"(?:lbs?|pounds)\b",
    "kg": r"kgs?\b",
    "age": r"(?:years?|yrs?)[\s-]*old\b",
    "vehicles": _COUNTED,
}
_POUNDS_A_KILO = 2.20462
_MONEY = re.compile(r"\$\s?(\d{1,3}(?:,\d{3})+|\d{1,9})(\.\d+)?\s?(k|grand|thousand|million)?\b", re.I)
_GRAND = re.compile(rf"{_NUMBER}\s?(grand)\b", re.I)
_CC = re.compile(rf"{_NUMBER}\s?(?:ccs?|cm3|cubic centimet\w+)\b", re.I)
_LITERS = re.compile(rf"{_NUMBER}[\s-]?(?:L|lit(?:er|re)s?)\b", re.I)
_INCHES = re.compile(rf"{_NUMBER}[\s-]?(?:in|inch(?:es)?|\")(?![a-z])", re.I)
_POUNDS = re.compile(rf"{_NUMBER}[\s-]?(?:lbs?|pounds?)\b", re.I)
_KILOS = re.compile(rf"{_NUMBER}[\s-]?(?:kgs?|kilos?|kilograms?)\b", re.I)
_MPH = re.compile(
    rf"(?:posted (?:at )?)?{_NUMBER}(?:[\s-]?(?:mph|miles (?:an|per) hour)\b|(?=\s+(?:road|zone|limit)\b))|"
    r"(?P<posted>(?<=posted )\d\d|(?<=posted at )\d\d)\b",
    re.I,
)
_SIDES = {
    Measure.WIDTH_IN: r"wid(?:e|th)",
    Measure.HEIGHT_IN: r"(?:high|height|tall)",
    Measure.LENGTH_IN: r"(?:long|length|stretch\w*)",
}
# The vehicle's own speed ("does 65", "top speed of 60"), said just before the figure; a road's is named beside it.
_OWN_SPEED = re.compile(
    r"\b(?:top speed|max(?:imum)? speed|tops? out|does|hits?|reach\w*|can go|goes|runs|capable of)\b[^.?!]{0,20}$", re.I
)
_OF_ROAD = re.compile(r"^[\s-]*(?:mph)?[\s-]*(?:roads?|zones?|limits?|streets?|highways?|speed limits?)\b", re.I)
_GROSS = re.compile(r"\b(?:GVWR|gross)\b", re.I)


def plain(text: str) -> str:
    """The text with small numbers in words as digits where they count something: "six 2015 trucks", "half a dozen"."""

    def digits(match: re.Match[str]) -> str:
        if match["dozen"] or match["dozens"]:
            return "6" if match["dozen"] else "12"
        return str(_SMALL[match["word"].lower()])

    return _WORDED.sub(digits, text)


def figures(text: str) -> dict[str, int]:
    """Figures by unit (`mph`, `lb`, `kg`, `age`, `vehicles`, `usd`), the first of each."""
    found: dict[str, int] = {}
    text = plain(text)
    for name, unit in _UNITS.items():
        for match in re.finditer(rf"{_NUMBER}(?:\s?(k|million|thousand))?[\s-]*{unit}", text, re.I):
            if name == "vehicles" and re.fullmatch(r"19[89]\d|20[0-3]\d", match[1]) and not match[3]:
                continue
            found[name] = round(_value(match) * _TIMES.get((match[3] or "").lower(), 1))
            break
    money = _MONEY.search(text) or _GRAND.search(text)
    if money:
        found["usd"] = round(_value(money) * _TIMES.get((money[3] or "").lower(), 1))
    return found


def measures(text: str) -> dict[Measure, float]:
    """What the question measures of a vehicle or a road, in the units of `Measure`."""
    text = plain(text)
    found: dict[Measure, float] = {}
    if match := _CC.search(text):
        found[Measure.ENGINE_CC] = _value(match)
    elif match := _LITERS.search(text):
        found[Measure.ENGINE_CC] = _value(match) * 1000
    for match in _INCHES.finditer(text):
        side = _side(text[match.end() : match.end() + 12]) or _side(text[max(0, match.start() - 25) : match.start()])
        if side or re.search(r"\blength|\blong", text, re.I):
            found.setdefault(side or Measure.LENGTH_IN, _value(match))
    weight = Measure.GROSS_LB if _GROSS.search(text) else Measure.WEIGHT_LB
    if match := _POUNDS.search(text):
        found[weight] = _value(match)
    elif match := _KILOS.search(text):
        found[weight] = round(_value(match) * _POUNDS_A_KILO)
    for match in _MPH.finditer(text):
        of_road = match["posted"] or "posted" in match[0] or _OF_ROAD.search(text[match.end() :])
        own = not of_road and _OWN_SPEED.search(text[: match.start()])
        found.setdefault(Measure.TOP_MPH if own else Measure.ROAD_MPH, _value(match))
    return found


def _side(near: str) -> Measure | None:
    return next((m for m, pattern in _SIDES.items() if re.search(pattern, near, re.I)), None)


def _value(match: re.Match[str]) -> float:
    whole = match[1] or match["posted"]
    return float(whole.replace(",", "") + (match[2] or ""))

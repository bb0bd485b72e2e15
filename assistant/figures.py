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
    "cc": r"ccs?\b",
    "mph": r"mph\b",
    "lb": r"(?:lbs?|pounds)\b",
    "kg": r"kgs?\b",
    "age": r"(?:years?|yrs?)[\s-]*old\b",
    "vehicles": _COUNTED,
}
_POUNDS_A_KILO = 2.20462
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
_OWN_SPEED = re.compile(
    r"\b(?:top speed|tops? out|does|hits?|reach\w*|capable|max(?:imum)? speed|can go|goes|runs)\b", re.I
)
_GROSS = re.compile(r"\b(?:GVWR|gross)\b", re.I)


def plain(text: str) -> str:
    """The text with small numbers in words as digits where they count something: "six 2015 trucks", "half a dozen"."""

    def digits(match: re.Match[str]) -> str:
        if match["dozen"] or match["dozens"]:
            return "6" if match["dozen"] else "12"
        return str(_SMALL[match["word"].lower()])

    return _WORDED.sub(digits, text)


def figures(text: str) -> dict[str, int]:
    """Figures by unit (`cc`, `mph`, `lb`, `kg`, `age`, `vehicles`, `usd`), the first of each."""
    found: dict[str, int] = {}
    text = plain(text)
    for name, unit in _UNITS.items():
        for match in re.finditer(rf"{_NUMBER}(?:\s?(k|million|thousand))?[\s-]*{unit}", text, re.I):
            number = int(match[1].replace(",", ""))
            if name == "vehicles" and 1980 <= number <= 2035 and "," not in match[1] and not match[3]:
                continue
            found[name] = number * _TIMES.get((match[3] or "").lower(), 1)
            break
    money = re.search(r"\$\s?(\d{1,3}(?:,\d{3})+|\d{1,9})\s?(k|grand|thousand)?\b", text, re.I)
    money = money or re.search(r"\b(\d{1,3})\s?(grand)\b", text, re.I)
    if money:
        found["usd"] = int(money[1].replace(",", "")) * _TIMES.get((money[2] or "").lower(), 1)
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
        near = text[max(0, match.start() - 25) : match.end() + 25]
        side = next((m for m, pattern in _SIDES.items() if re.search(pattern, near, re.I)), None)
        if side or re.search(r"\blength|\blong", text, re.I):
            found.setdefault(side or Measure.LENGTH_IN, _value(match))
    weight = Measure.GROSS_LB if _GROSS.search(text) else Measure.WEIGHT_LB
    if match := _POUNDS.search(text):
        found[weight] = _value(match)
    elif match := _KILOS.search(text):
        found[weight] = round(_value(match) * _POUNDS_A_KILO)
    if match := _MPH.search(text):
        found[Measure.TOP_MPH if _OWN_SPEED.search(text[: match.start()]) else Measure.ROAD_MPH] = _value(match)
    return found


def _value(match: re.Match[str]) -> float:
    return float((match[1] or match["posted"]).replace(",", "") + (match[2] or ""))

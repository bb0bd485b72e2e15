"""An earlier question said anew with another place, build date or vehicle, so that it stands by itself."""

from __future__ import annotations

import datetime as dt
import re

from assistant.dates import Built, build_dates
from assistant.mentions import mentions, place_name
from assistant.vehicles import vehicle
from assistant.vocabulary import any_of
from corpus import citations

_END = re.compile(r"\s*[?.!]*\s*$")
_VEHICLE = re.compile(
    r"\b(?:kei|mini-?|micro-?|japanese|jdm)\s?(?:trucks?|vans?|cars?|vehicles?|pickups?)\b|\b(?:truck|van|vehicle|car)s?\b",
    re.IGNORECASE,
)
NEW = "new"
_AS_OF = re.compile(r"\s*\(as of \d{4}-\d\d-\d\d\)")
# "and (2)?", "what about (b)(9)?": another paragraph of the section that was spoken of.
_PARAGRAPH = re.compile(r"\W*(?:(?:and|what about|how about|paragraph)\s+)*((?:\(\w{1,4}\))+)\W*", re.IGNORECASE)
_LABEL = r"\([\w.-]{1,5}\)"


def restate(
    question: str,
    today: dt.date,
    *,
    places: tuple[str, ...] = (),
    built: Built | None = None,
    model: str | None = None,
    use: str | None = None,
    new: bool = False,
    as_of: dt.date | None = None,
) -> str:
    """The question with what is given put in the place of what it said; what it did not say is added at its end.

    `new` takes a build date out and calls the vehicle new.
    """
    if places:
        question = _placed(question, places)
    if built:
        question = _built(question, today, built)
    if model:
        question = _model(question, model)
    if use and not any_of("use", use).search(question):
        question = _added(question, f" ({use})")
    if as_of:
        question = _added(_AS_OF.sub("", question), f" (as of {as_of})")
    return _new(question, today) if new else question


def next_paragraph(question: str, turn: str) -> str | None:
    """The question about the paragraph that a turn names beside the one it was about; None when it names none."""
    named, found = _PARAGRAPH.fullmatch(turn), citations.find(question)
    if not named or not found:
        return None
    one = found[-1]
    labels = re.findall(_LABEL, named[1])
    cited = re.sub(rf"(?:{_LABEL}){{0,{len(labels)}}}$", "", question[one.start : one.end])
    return f"{question[: one.start]}{cited}{named[1]}{question[one.end :]}"


def with_slots(question: str, today: dt.date, places: tuple[str, ...], built: Built | None, model: str | None) -> str:
    """A turn's own words with what it leaves to the conversation, in brackets."""
    held = {m.place for m in mentions(question)}
    said = [
        "" if held or not places else " and ".join(map(place_name, places)),
        "" if not model or vehicle(question) else model,
        f"built in {built}" if built and not build_dates(question, today) else "",
    ]
    told = ", ".join(s for s in said if s)
    return f"{question} ({told})" if told else question


def _placed(question: str, places: tuple[str, ...]) -> str:
    names = " and ".join(map(place_name, places))
    found = mentions(question)
    if len({m.place for m in found}) > 1:  # a comparison: its places give way together
        for one in reversed(found[1:]):
            before = re.sub(
                r"(?:\s*(?:,|&|/|\b(?:and|or|vs\.?|versus|than|to|with)\b))+\s*$", "", question[: one.start]
            )
            question = before + question[one.end :]
        question = re.sub(r"^compare:?\s+", "", question, flags=re.IGNORECASE)
        found = mentions(question)[:1]
    for one in reversed(found):
        question = question[: one.start] + names + question[one.end :]
    return question if found else _added(question, f" in {names}")


def _built(question: str, today: dt.date, built: Built) -> str:
    found = build_dates(question, today)
    for start, end, _ in reversed(found):
        question = question[:start] + str(built) + question[end:]
    return question if found else _added(question, f" (built in {built})")


def _model(question: str, model: str) -> str:
    found = vehicle(question)
    if found:
        return question[: found.start] + model + question[found.end :]
    return _added(question, f" ({model})")


def _new(question: str, today: dt.date) -> str:
    for start, end, _ in reversed(build_dates(question, today)):
        question = question[:start] + NEW + question[end:]
    question = re.sub(rf"\s*\(built in {NEW}\)|\b(?:built|made|manufactured) (?:in|on) {NEW}\b", "", question)
    if re.search(rf"\b{NEW}\b", question):
        return question
    model, kind = vehicle(question), _VEHICLE.search(question)
    if not (model or kind):
        return _added(question, f" ({NEW} ones)")
    at = model.start if model else kind.start() if kind else 0
    return f"{question[:at]}{NEW} {question[at:]}"


def _added(question: str, words: str) -> str:
    end = _END.search(question)
    at = end.start() if end else len(question)
    return question[:at] + words + question[at:].strip()

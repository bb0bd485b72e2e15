"""What a conversation keeps in mind, as the client sees it, and how one thing of it is taken out."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from assistant.contract import Slots
from assistant.dates import Built, build_dates
from assistant.followup import KEI
from assistant.mentions import mentions, place_name
from assistant.restate import restate
from assistant.vehicles import vehicle
from assistant.vocabulary import any_of

_AS_OF = re.compile(r"\s*\(as of \d{4}-\d\d-\d\d\)")
# A place with the word that ties it to the sentence.
_TIED = re.compile(r"(?:\s+(?:in|into|to|for|from|of|at))?\s*$", re.IGNORECASE)
_BUILT = re.compile(r"(?:,?\s*\b(?:built|made|manufactured|from|of))?(?:\s+(?:in|on))?\s*$", re.IGNORECASE)


@dataclass(frozen=True)
class Kept:
    """One thing that is kept in mind: `key` names it ("place:US-TX", "built"), `label` says it ("Texas")."""

    key: str
    label: str


def kept(slots: Slots | None) -> tuple[Kept, ...]:
    """What the next turn may lean on, in a fixed order: places, build date, model, use, day of the law."""
    if slots is None:
        return ()
    held = [Kept(f"place:{place}", place_name(place)) for place in slots.places]
    if slots.built:
        held.append(Kept("built", f"built {Built(*slots.built)}"))
    if slots.model:
        held.append(Kept("model", slots.model))
    if slots.use:
        held.append(Kept("use", slots.use))
    if slots.as_of:
        held.append(Kept("as_of", f"law as of {slots.as_of}"))
    return tuple(held)


def without(slots: Slots, key: str, today: dt.date) -> Slots:
    """The slots without what `key` names, in the earlier question too; a key that names nothing changes nothing.

    Where the earlier question still says it after that, the question is forgotten: the next turn must not lean on it.
    """
    name, _, place = key.partition(":")
    if not any(one.key == key for one in kept(slots)):
        return slots
    question = _cut(slots.question, name, place, slots, today) if slots.question else None
    changed: dict[str, object] = {"question": question}
    if name == "place":
        changed |= {
            "places": tuple(p for p in slots.places if p != place),
            "seen": tuple(p for p in slots.seen if p != place),
        }
    else:
        changed[name] = None
    return slots.model_copy(update=changed)


def _cut(question: str, name: str, place: str, slots: Slots, today: dt.date) -> str | None:
    """The question without one of its slots; None where it cannot be said without it."""
    match name:
        case "place" if others := tuple(p for p in slots.places if p != place):
            question = restate(question, today, places=others)
            still = any(m.place == place for m in mentions(question))
        case "place":
            for one in reversed(mentions(question)):
                question = _TIED.sub("", question[: one.start]) + question[one.end :]
            still = bool(mentions(question))
        case "built":
            for start, end, _ in reversed(build_dates(question, today)):
                question = f"{_BUILT.sub('', question[:start])} {question[end:].lstrip()}"
            still = bool(build_dates(question, today))
        case "model":
            while found := vehicle(question):
                question = question[: found.start] + KEI + question[found.end :]
            still = False
        case "use":
            question = question.replace(f" ({slots.use})", "")
            still = bool(slots.use) and any_of("use", slots.use or "").search(question) is not None
        case _:
            question, still = _AS_OF.sub("", question), False
    left = re.sub(r"\(\s*\)|\s+(?=[?.,)])|(?<=\()[\s,]+", "", " ".join(question.split()))
    left = re.sub(r"\s+(?=[?.,)])", "", left)
    return None if still or len(left.split()) < 2 else left

"""What a turn of a conversation means beside the turns before it: a question of its own, or the earlier one anew.

Rules and word lists only (`vocabulary.toml`, table `followup`), so that the same conversation is always read the same.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, replace
from typing import Literal

from assistant.contract import Slots
from assistant.dates import Built
from assistant.mentions import mentions
from assistant.restate import NEW, next_paragraph, restate, with_slots
from assistant.vocabulary import any_of, vocabulary

# own: a question of its own; instead: the earlier one with another slot; about: more about the earlier one;
# source, compare: asks for the sources of the last answer, or to compare its places; the last two: no question.
Kind = Literal["own", "instead", "about", "source", "compare", "courtesy", "greeting"]
SMALL_TALK: tuple[Kind, ...] = ("courtesy", "greeting")
_LEANS = re.compile(
    r"^(?:and|what about|how about|what if|but|ok|so|why|no,|i meant|same|then|that one|it)\b|"
    r"\b(?:is|was|can|does|did|will|about|with|register|import|drive|title|sell|bring|for) (?:it|that one|them|mine)\b|"
    r"\b(?:it|they) (?:is|was|were|has|have|be)\b",
    re.IGNORECASE,
)
# Words that take up what was said before; with no subject of its own, such a turn is a follow-up.
_CUES = re.compile(r"\b(?:that|those|same|then|they|their|them|he|she|his|her|him|us|anyway)\b", re.IGNORECASE)
# A short turn that opens like a question of its own is one.
_OPENS = re.compile(r"^(?:how do|how can|what is|what are|who|tell me|give me)\b", re.IGNORECASE)
# The question in brackets after a turn that took it up.
_SUBJECT = re.compile(r"\(((?:[^()\s]+\s+){4,}[^()]*)\)$")
# A sentence that tells something and asks nothing.
_TELLS = re.compile(
    r"^(?:and |also |ps )?(?:i|i'\w+|we|we'\w+|my|our|it|it's|its|they|he|she|the|this|that)\b", re.IGNORECASE
)
# A subject that grew longer than this is left as it was.
_LONGEST = 400
# What is left of a turn beside slots and small words; up to so many words of it say nothing of their own.
_WORD = re.compile(r"[a-z][a-z'-]+", re.IGNORECASE)
_LITTLE = 1
# What an unsure turn is about as long as nothing else was said.
KEI = "kei truck"
# What is compared where the last question was of no state.
GENERAL = "Can a kei truck be registered?"
# A longer turn that only names a federal subject is a question of its own, also for the vehicle.
_SHORT = 7


@dataclass(frozen=True)
class Turn:
    """A turn with the slots that hold for it. `said` is what it says by itself, `words` what retrieval sees,
    `standalone` the question as understood, `base` the question that the next turn may lean on."""

    kind: Kind
    said: str
    words: str
    standalone: str
    base: str
    places: tuple[str, ...]
    built: tuple[Built, ...]
    model: str | None
    use: str | None
    as_of: dt.date
    leans: bool = False


def own(words: str, places: tuple[str, ...], built: tuple[Built, ...], model: str | None, as_of: dt.date) -> Turn:
    """A turn that says all that it means."""
    said = _bare(words)
    kind: Kind = next((k for k in SMALL_TALK if any_of("followup", k).fullmatch(said)), "own")
    use = next((name for name in vocabulary()["use"] if any_of("use", name).search(words)), None)
    return Turn(kind, words, words, words, words, places, built, model, use, as_of)


def in_thread(said: Turn, before: Slots | None, alone: str, today: dt.date) -> Turn:
    """The turn as it is meant after the turns before it. `alone` is how `scope.judge` reads it by itself."""
    if said.kind in SMALL_TALK or before is None:
        return said
    if _asks_for_source(said, before):
        return _source(said, before)
    if not said.places and len(before.seen) > 1 and any_of("followup", "compare").search(said.words):
        return _compare(said, before, today)
    takes_up = alone == "unsure" and bool(_CUES.search(said.words))
    leans = _leans_back(said.words) or takes_up or _wants_place(said.words) or _only_slots(said)
    new = not said.built and bool(any_of("followup", "new").search(said.words))
    built = said.built or ((Built(*before.built),) if before.built and not new else ())
    as_of = before.as_of if before.as_of and said.as_of == today else said.as_of
    if not leans:
        federal, weak = (any_of("domain", name).search(said.words) for name in ("federal", "weak"))
        if federal and len(said.words.split()) <= _SHORT and not (said.places or said.model):
            # "what does the EPA say?": of the vehicle that was spoken of
            told = with_slots(said.words, today, (), built[0] if built else None, before.model or KEI)
            taken_up = replace(said, words=told, standalone=told, built=built, model=before.model, leans=True)
            return _with_subject(taken_up, before) if alone == "unsure" else taken_up
        if alone == "unsure" and weak:
            told = f"{said.words} ({KEI})"
            return replace(said, words=told, standalone=told)
        return said
    held = replace(
        said,
        places=said.places or before.places,
        built=built,
        model=said.model or before.model,
        use=said.use or before.use,
        as_of=as_of,
        leans=True,
    )
    return _resumed(said, held, before, alone, today, new)


def _resumed(said: Turn, held: Turn, before: Slots, alone: str, today: dt.date, new: bool) -> Turn:
    """A turn that leans back: on the slots alone when it says what it wants, else on the question before it."""
    left = _left_over(said)
    tells = _tells(said.words)
    if before.question and (left <= _LITTLE or tells or not asks_something(said.words)):
        anew = restate(
            before.question,
            today,
            places=said.places,
            built=said.built[0] if said.built else None,
            model=said.model,
            use=held.use,
            new=new,
            as_of=said.as_of if said.as_of != today else None,
        )
        anew = next_paragraph(anew, said.words) or anew
        changed = anew != before.question
        kind: Kind = "instead" if changed else "about"
        words = anew if changed and left <= _LITTLE else f"{anew} ({said.words})"
        base = f"{anew} {said.words}" if tells and not changed and len(anew) < _LONGEST else anew
        return replace(held, kind=kind, words=words, standalone=anew if changed else words, base=base)
    fresh = not held.built and before.question and re.search(rf"\b{NEW}\b", before.question)
    model = f"{NEW} {held.model or KEI}" if fresh else held.model
    told = with_slots(said.words, today, held.places, held.built[0] if held.built else None, model)
    taken_up = replace(held, words=told, standalone=told, base=said.words)
    return _with_subject(taken_up, before) if alone == "unsure" and not _of_vehicle(said.words) else taken_up


def _with_subject(turn: Turn, before: Slots) -> Turn:
    """ "How long can one grant run?" has its subject in the question before it, unless that was about one vehicle."""
    if not before.question or _of_vehicle(before.question):
        return turn
    subject = _SUBJECT.search(before.question)
    base = f"{turn.said} ({subject[1] if subject else before.question})"
    return replace(turn, kind="about", words=base, standalone=base, base=base)


def _tells(text: str) -> bool:
    """Whether a turn only tells something ("We'd go for the low-emission ground")."""
    return "?" not in text and all(_TELLS.match(one) for one in re.split(r"(?<=[.!])\s+", text) if one)


def _of_vehicle(text: str) -> bool:
    return any(any_of("intent", name).search(text) for name in ("registration", "importing"))


def _asks_for_source(said: Turn, before: Slots) -> bool:
    elsewhere = not set(said.places) <= set(before.places)
    asks = any_of("followup", "why").fullmatch(_bare(said.words)) or any_of("followup", "source").search(said.words)
    return bool(before.cited and asks and not elsewhere and len(said.words.split()) <= 2 * _SHORT)


def _source(said: Turn, before: Slots) -> Turn:
    base = before.question or said.words
    return replace(
        said,
        kind="source",
        standalone=f"What does the last answer rest on? ({base})",
        base=base,
        places=said.places or before.places,
        built=(Built(*before.built),) if before.built else (),
        model=before.model,
        use=before.use,
        as_of=before.as_of or said.as_of,
        leans=True,
    )


def _compare(said: Turn, before: Slots, today: dt.date) -> Turn:
    places = before.seen[-2:]
    base = before.question if before.question and _of_vehicle(before.question) else GENERAL
    asked = restate(base, today, places=places)
    asked = re.sub(r"^compare:?\s+", "", asked, flags=re.IGNORECASE)
    words = f"Compare: {asked}"
    built = (Built(*before.built),) if before.built else ()
    return replace(
        said, kind="compare", words=words, standalone=words, base=asked, places=places, built=built, leans=True
    )


def without_dropped(said: str, before: Slots | None) -> Slots | None:
    """The slots of a conversation without what this turn takes back ("forget Texas", "different question")."""
    if before is None or not any_of("followup", "drop").search(said):
        return before
    if any_of("followup", "afresh").search(said):
        return Slots(asked_back=before.asked_back)
    return before.model_copy(update={"places": (), "question": None})


def without_opening(words: str) -> str:
    """The words without an announcement before them ("different question: what duty do I pay?")."""
    opening = any_of("followup", "afresh").match(words)
    return words[opening.end() :].lstrip(" ,:;.-") or words if opening else words


def _bare(text: str) -> str:
    return re.sub(r"[^\w\s']+", " ", text).strip()


def _left_over(said: Turn) -> int:
    """How many words of a turn are neither slots nor small words."""
    free = said.words
    for one in reversed(mentions(free)):
        free = free[: one.start] + " " + free[one.end :]
    for name in (said.model or "").split():
        free = re.sub(rf"\b{re.escape(name)}\b", " ", free, flags=re.IGNORECASE)
    if said.use:
        free = any_of("use", said.use).sub(" ", free)
    return len(_WORD.findall(any_of("followup", "filler").sub(" ", free)))


def _only_slots(said: Turn) -> bool:
    """Whether a turn says nothing but a place, a date, a vehicle or a use ("actually it's a Honda Acty from 2003")."""
    return bool(said.places or said.built or said.model or said.use) and _left_over(said) <= _LITTLE


def _leans_back(text: str) -> bool:
    """Whether a later turn needs the earlier one: it points back, or is short and no question of another field."""
    if any_of("scope", "elsewhere").search(text):
        return False
    if _LEANS.search(text):
        return True
    return len(text.split()) <= 6 and not any_of("domain", "federal").search(text) and not _OPENS.search(text)


def _wants_place(text: str) -> bool:
    """Whether a later turn is about plates or roads and so about the state that was named before."""
    asks = any_of("intent", "registration").search(text)
    return bool(asks) and not (any_of("domain", "federal").search(text) or any_of("followup", "drop").search(text))


def asks_something(text: str) -> bool:
    """Whether the turn says what it wants, so that the words of the earlier question would only mislead."""
    lists = [
        ("domain", "federal"),
        *(("intent", n) for n in vocabulary()["intent"]),
        *(("kinds", n) for n in vocabulary()["kinds"]),
    ]
    return any(any_of(*one).search(text) for one in lists)

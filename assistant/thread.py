"""A conversation: what one turn leaves for the next."""

from __future__ import annotations

from assistant import followup
from assistant.contract import Slots
from assistant.memo import Part
from assistant.understand import Understood

# "Compare them" looks back at so many places.
REMEMBERED = 6
# So many statements of the last answer can be asked after.
CITED = 8


def carried(asked: Understood, part: Part, before: Slots | None) -> Slots:
    """The slots after a turn; what was not said anew stays as it was.

    A turn that was no question of ours changes nothing. One that stands by itself and names a place, a date or a
    vehicle begins anew: what was known of another vehicle is not held against it.
    """
    old, turn = followup.without_dropped(asked.ask.question, before) or Slots(), asked.turn
    if turn.kind in followup.SMALL_TALK or (not part.answered and asked.scope not in ("in", "unsure")):
        return old
    if turn.kind == "source":
        return old
    afresh = not turn.leans and bool(turn.places or turn.built or turn.model)
    known = asked.built and (asked.built.year, asked.built.month, asked.built.day)
    rested = tuple(i for section in part.short for s in section.sentences for i in s.rests_on)
    return Slots(
        places=turn.places or (() if afresh else old.places),
        built=known or (None if afresh or turn.leans else old.built),
        model=turn.model or (None if afresh else old.model),
        use=turn.use or (None if afresh else old.use),
        question=turn.base if part.answered else old.question,
        as_of=asked.as_of if asked.as_of != asked.ask.as_of else None,
        seen=tuple(dict.fromkeys((*(p for p in old.seen if p not in turn.places), *turn.places)))[-REMEMBERED:],
        cited=tuple(dict.fromkeys(rested))[:CITED] or old.cited,
        asked_back=tuple(dict.fromkeys((*old.asked_back, *part.missing))),
    )

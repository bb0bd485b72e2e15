"""A conversation: what one turn leaves for the next."""

from __future__ import annotations

from assistant.contract import Slots
from assistant.memo import Part
from assistant.understand import Understood


def carried(asked: Understood, part: Part, before: Slots | None) -> Slots:
    """The slots after a turn; what was not said anew stays as it was."""
    old = before or Slots()
    return Slots(
        places=asked.places or old.places,
        built=(asked.built.year, asked.built.month, asked.built.day) if asked.built else old.built,
        model=asked.model or old.model,
        question=asked.words if part.answered else old.question,
        as_of=asked.as_of if asked.as_of != asked.ask.as_of else None,
        asked_back=tuple(dict.fromkeys((*old.asked_back, *part.missing))),
    )

"""A chat model of the tests: recorded replies, one a call, in small pieces; an exception in the queue is raised."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from assistant.chat_model import ModelFailed

Reply = str | Exception | tuple[str, Exception]


class Recorded:
    """Replies in their order; `asked` holds what the model was given. A pair breaks off after its text."""

    name = "recorded:test"

    def __init__(self, *replies: Reply) -> None:
        self.replies, self.asked = list(replies), list[tuple[str, str, dict[str, Any]]]()

    def stream(self, instructions: str, message: str, schema: dict[str, Any]) -> Iterator[str]:
        """The next reply."""
        self.asked.append((instructions, message, schema))
        if not self.replies:
            raise ModelFailed("nothing more was recorded")
        reply = self.replies.pop(0)
        if isinstance(reply, Exception):
            raise reply
        text, broken = reply if isinstance(reply, tuple) else (reply, None)
        yield from (text[at : at + 7] for at in range(0, len(text), 7))
        if broken:
            raise broken


def claims(*rows: tuple[str, str, str] | tuple[Sequence[str], str, str]) -> str:
    """A reply of (source or sources, quote, text) rows."""
    held = [{"sources": [s] if isinstance(s, str) else list(s), "quote": q, "text": t} for s, q, t in rows]
    return json.dumps({"claims": held}, ensure_ascii=False)

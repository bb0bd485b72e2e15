"""The official words beside ours: what the dated store on this machine holds at a pinpoint."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache

from corpus.official.quote import quotation
from corpus.official.store import Store


@dataclass(frozen=True)
class Quoted:
    """Official words at a coordinate: the text, and in one line where it comes from and for which day it speaks."""

    text: str
    source: str


class OfficialTexts:
    """The official texts that `kei sync` brought to this machine; nothing is held when it never ran."""

    def __init__(self, store: Store | None) -> None:
        self.store = store
        self.fingerprint = store.fingerprint if store else ""
        self._quoted = lru_cache(maxsize=4096)(self._look_up)

    def quoted(self, coordinate: str, as_of: dt.date) -> Quoted | None:
        """The words at a coordinate on a day; None when the store does not hold just that paragraph."""
        return self._quoted(coordinate, as_of)

    def _look_up(self, coordinate: str, as_of: dt.date) -> Quoted | None:
        held = self.store.holding(coordinate, as_of) if self.store else None
        if not held:
            return None
        version, labels = held
        words = quotation(version, labels)
        if not words:
            return None
        origin = version.origin
        told = f"text of {origin.source}, known for {version.effective_from} to {origin.current_as_of}"
        parts = (told, origin.fidelity, "its paragraph marks can be read in two ways" if words.ambiguous else "")
        return Quoted(str(words), "; ".join(p for p in parts if p))

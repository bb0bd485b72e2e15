"""BM25 over texts (bm25s, stemmed): exact figures, form numbers and section numbers."""

from __future__ import annotations

from collections.abc import Mapping

import bm25s
import Stemmer

from assistant.passages import words


class Lexicon:
    """The texts by id, indexed in well under a second for the whole book."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._stem = Stemmer.Stemmer("english").stemWords
        self.ids = list(texts)
        self._bm25 = bm25s.BM25()
        self._bm25.index([self._stem(words(text)) for text in texts.values()], show_progress=False)

    def scores(self, question: str) -> dict[str, float]:
        """BM25 score of every text that shares a word with the question."""
        known = [w for w in self._stem(words(question)) if w in self._bm25.vocab_dict]
        if not known:
            return {}
        return {i: float(s) for i, s in zip(self.ids, self._bm25.get_scores(known), strict=True) if s > 0}

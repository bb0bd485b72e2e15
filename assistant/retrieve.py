"""Find the statements a question is about: citation look-up, then meaning and words, fused by weight.

Place and date are hard filters on both searches. The weights come from the settings; plain
reciprocal-rank fusion loses a third of the paraphrased questions (reference: models.md section 3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import ConfigDict

from assistant.briefs import FoundBrief, FoundReply, Reply
from assistant.index import VectorIndex
from assistant.lexicon import Lexicon
from assistant.official import OFFICIAL, OfficialTexts
from assistant.papers import FirmPapers
from assistant.passages import BRIEFS, EXAMPLES, content, passages
from assistant.prepared import Prepared
from assistant.recognise import OURS, Recogniser, examples, settled
from assistant.settings import Settings
from assistant.understand import Understood
from corpus import citations
from corpus.law import Statement
from corpus.library import Library

# How many neighbours the fusion looks at; the book holds under a thousand passages.
POOL = 60
# A hit counts as evidence only from this similarity on; a citation alone says nothing of what is asked about it.
EVIDENT = 0.58


@dataclass(frozen=True)
class Scope:
    """Where and when an answer must hold. Nothing outside is ever retrieved."""

    places: frozenset[str]
    as_of: dt.date


@dataclass(frozen=True)
class Hit:
    """A statement and why it came: its fused score (0 to 1), its cosine similarity, and how it was found."""

    statement: Statement
    score: float
    similarity: float
    found_by: str


def fuse(meaning: Mapping[str, float], by_words: Mapping[str, float], weight: float) -> dict[str, float]:
    """One score, 0 to 1, for every id of either pool: the similarities stretched over their range, the BM25 scores
    by their best, the latter with `weight`."""
    top = max(by_words.values(), default=0.0) or 1.0
    floor = min(meaning.values(), default=0.0)
    span = (max(meaning.values(), default=1.0) - floor) or 1.0
    return {
        i: (1 - weight) * max(0.0, (meaning.get(i, floor) - floor) / span) + weight * by_words.get(i, 0.0) / top
        for i in {*meaning, *by_words}
    }


class BookRetriever(BaseRetriever):
    """LangChain's retriever over the book. `search` is the whole of it; `invoke` uses `scope`."""

    model_config = ConfigDict(arbitrary_types_allowed=True, ignored_types=(cached_property,))

    library: Library
    index: VectorIndex
    settings: Settings
    scope: Scope
    k: int = 10

    @cached_property
    def lexicon(self) -> Lexicon:
        """Built on first use, in well under a second."""
        return Lexicon({p.id: p.text for p in passages(self.library)})

    @cached_property
    def _last(self) -> dict[tuple[str, Scope], list[Hit]]:
        return {}

    @cached_property
    def _related(self) -> dict[str, tuple[str, ...]]:
        return {p.id: p.related for p in self.library.provisions}

    def search(self, question: str, scope: Scope, k: int = 10) -> tuple[Hit, ...]:
        """The best `k` statements for a question inside a scope, best first.

        A citation in the question puts its own provision first. Statements that a hit points to follow
        at the end when they lie in the scope.
        """
        exact = self._cited(question, scope)
        fused = self._fused(question, scope)
        hits = [*exact, *(h for h in fused if h.statement.id not in {e.statement.id for e in exact})][:k]
        return (*hits, *self._pointed_to(hits, scope))

    def scores(self, question: str, scope: Scope) -> dict[str, float]:
        """The score of every statement that either search found, 0 to 1: how much it bears on the question."""
        return {hit.statement.id: hit.score for hit in self._fused(question, scope)}

    def official(self, question: str, scope: Scope, texts: OfficialTexts, k: int = 4) -> tuple[Statement, ...]:
        """The official paragraphs on this machine that are near to a question, nearest first; those it cites lead."""
        if not texts.fingerprint:
            return ()
        exact = self.quoted((one.citation.coordinate for one in citations.find(question)), scope, texts)
        places = frozenset(f"{OFFICIAL}{place}" for place in scope.places)
        near = self.index.search(self.index.embed(question), places=places, as_of=scope.as_of, k=POOL)
        asked = content(question)
        found: dict[str, tuple[float, Statement]] = {}
        for identifier, similarity in near.items():
            quoted = texts.quoted(identifier.rpartition("@")[0], scope.as_of)
            if quoted and similarity >= self.settings.official_gate:
                shared = len(asked & content(f"{quoted.statement.title} {quoted.text}")) / (len(asked) or 1)
                found[quoted.statement.id] = similarity + shared, quoted.statement
        ranked = (s for _, s in sorted(found.values(), key=lambda pair: (-pair[0], pair[1].id)))
        return tuple({s.id: s for s in (*exact, *ranked)}.values())[:k]

    def quoted(self, coordinates: Iterable[str], scope: Scope, texts: OfficialTexts) -> tuple[Statement, ...]:
        """The official words at these coordinates, as far as they are on this machine."""
        return tuple(q.statement for c in coordinates if (q := texts.quoted(c, scope.as_of)))

    def papers(self, question: str, scope: Scope, papers: FirmPapers, k: int = 2) -> tuple[Statement, ...]:
        """The passages of the firm's own documents that are near to a question, nearest first."""
        return papers.nearest(
            self.index, question, places=scope.places, as_of=scope.as_of, gate=self.settings.official_gate, k=k
        )

    def recognise(self, asked: Understood) -> Understood:
        """The question with scope and intent settled by what the example questions teach."""
        return settled(asked, self.recogniser.opinion(self.index.embed(asked.words)))

    @cached_property
    def recogniser(self) -> Recogniser:
        """Fitted on first use, on the vectors of the index."""
        ids, vectors = self.index.vectors(frozenset({EXAMPLES, BRIEFS}))
        labels = [label if (label := i.partition("#")[0]) in examples() else OURS for i in ids]
        return Recogniser(labels, vectors)

    def nearest_brief(self, question: str, scope: Scope, hits: tuple[Hit, ...]) -> FoundBrief | None:
        """The brief that fits best; what the search found for its statements counts too."""
        evidence = {h.statement.id: h.score for h in hits if h.found_by == "meaning" and h.similarity >= EVIDENT}
        found = self.prepared.brief(question, evidence)
        cited = [one.citation.coordinate for one in citations.find(question)]
        if found and found.reply and cited and not self._rests_on(found.reply, cited):
            return replace(found, reply=None)  # a reply about something else than the provision that is cited
        return found

    def _rests_on(self, reply: Reply, cited: list[str]) -> bool:
        held = [self.library.statement(i).coordinate for i in reply.says.rests_on]
        return any(h == c or h.startswith(f"{c}/") or c.startswith(f"{h}/") for h in held for c in cited)

    @cached_property
    def prepared(self) -> Prepared:
        """Read from the index on first use."""
        return Prepared(self.index)

    def local_replies(self, question: str, scope: Scope) -> dict[str, FoundReply]:
        """The direct reply of each place of the scope to this very question, where one was prepared."""
        found = {place: self.prepared.local(question, place, scope.as_of) for place in scope.places}
        return {place: reply for place, reply in found.items() if reply}

    def _cited(self, question: str, scope: Scope) -> list[Hit]:
        found: list[Hit] = []
        for one in citations.find(question):
            held = self.library.lookup(one.citation, as_of=scope.as_of)
            found.extend(Hit(s, 1.0, 1.0, "citation") for s in held.statements if s.place in scope.places)
        return found

    def _fused(self, question: str, scope: Scope) -> list[Hit]:
        """Every statement of both pools, best first; the last question is remembered, for one turn asks twice."""
        if (question, scope) not in self._last:
            self._last.clear()
            self._last[question, scope] = self._searched(question, scope)
        return self._last[question, scope]

    def _searched(self, question: str, scope: Scope) -> list[Hit]:
        vector = self.index.embed(question)
        meaning = self.index.search(vector, places=scope.places, as_of=scope.as_of, k=POOL)
        by_words = {i: s for i, s in self.lexicon.scores(question).items() if self._inside(i, scope)}
        best_words = sorted(by_words, key=lambda i: by_words[i], reverse=True)[:POOL]
        literal = {i: by_words[i] for i in {*meaning, *best_words} if i in by_words}
        hits = [
            Hit(
                statement=self.library.statement(i),
                score=score,
                similarity=meaning.get(i, 0.0),
                found_by="meaning" if i in meaning else "words",
            )
            for i, score in fuse(meaning, literal, self.settings.lexical_weight).items()
        ]
        return sorted(hits, key=lambda h: (-h.score, h.statement.id))

    def _inside(self, identifier: str, scope: Scope) -> bool:
        statement = self.library.statement(identifier)
        return statement.place in scope.places and statement.effective.covers(scope.as_of)

    def _pointed_to(self, hits: list[Hit], scope: Scope) -> tuple[Hit, ...]:
        """The parent of each of the best hits, and the provisions its record names as related."""
        seen = {h.statement.id for h in hits}
        found: dict[str, Hit] = {}
        for hit in hits[:3]:
            neighbours = list(self.library.parents(hit.statement.coordinate))
            for coordinate in self._related[hit.statement.record]:
                neighbours.extend(self.library.at(coordinate))
            for statement in neighbours:
                if statement.id not in seen and self._inside(statement.id, scope):
                    found.setdefault(statement.id, Hit(statement, hit.score / 2, 0.0, "related"))
        return tuple(found.values())

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        return [_document(hit) for hit in self.search(query, self.scope, self.k)]


def _document(hit: Hit) -> Document:
    s = hit.statement
    kept: dict[str, Any] = {
        "id": s.id,
        "citation": s.citation,
        "coordinate": s.coordinate,
        "place": s.place,
        "authority": s.authority.value,
        "score": hit.score,
    }
    return Document(page_content=s.text, metadata=kept, id=s.id)

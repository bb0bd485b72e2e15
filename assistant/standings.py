"""The standing of the statements of an answer, from the stored reviews and the official texts on this machine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from pathlib import Path

from assistant.compose import with_reviews
from assistant.contract import Answer, Cited
from assistant.database import FILE, Database
from assistant.ledger import Ledger
from assistant.official import OfficialTexts
from assistant.reviews import Reviews
from assistant.settings import Settings
from assistant.standing import OfficialWords, SignOff, Standing, standing, together
from corpus import citations
from corpus.law import Statement
from corpus.library import Library
from corpus.official.quote import quotation
from corpus.official.section import Kind
from corpus.official.section import Standing as SectionStanding
from corpus.official.store import Store


class Standings:
    """Asks the reviews once, whatever the number of statements. Raises StoreUnusable or StoreError: without the reviews
    a disputed source would look like any other.

    `official_dir` is looked into anew each time, so that a `kei sync` of another process counts at once. Official texts
    are those of the day asked about, or of today when that is later: a change takes a sign-off back also for an answer
    that speaks for an earlier day.
    """

    def __init__(self, reviews: Reviews, official_dir: Path, *, today: Callable[[], dt.date] = dt.date.today) -> None:
        self._reviews, self._official_dir, self._today = reviews, official_dir, today

    @classmethod
    def held(cls, settings: Settings) -> Standings | None:
        """Those of the database that the settings name; None where nobody has made one yet, and so nobody reviewed."""
        if settings.database_url is None and not (settings.data_dir / FILE).is_file():
            return None
        database = Database.open(settings)
        return cls(Reviews(database, Ledger(database)), settings.official_dir)

    def of(self, statements: Iterable[Statement], as_of: dt.date) -> dict[str, Standing]:
        """The standing of each statement by its id, for an answer that speaks for a day."""
        held = {one.id: one for one in statements}
        return self._of(held, self._reviews.latest(held), as_of)

    def official(self, statement: Statement, as_of: dt.date) -> OfficialWords | None:
        """The official words beside which a statement is reviewed, with their source in words."""
        store, day = Store.held(self._official_dir), max(as_of, self._today())
        words = official_words(store, statement.coordinate, day)
        quoted = OfficialTexts(store).quoted(statement.coordinate, day) if words and words.text else None
        return replace(words, source=quoted.source) if words and quoted else words

    def renewed(self, answer: Answer, library: Library) -> Answer:
        """A stored answer with the reviews of today: its sources, its notes and the block of its text that tells them.

        The words of a stored answer are those of its day. Where the book says a reviewed statement otherwise now, the
        sign-off is not of the words that are shown, so it counts as stale.
        """
        ids = tuple(dict.fromkeys(i for one in answer.citations for i in one.statements))
        signed = self._reviews.latest(ids)
        held = self._of({i: library.statements.get(i) for i in ids}, signed, answer.as_of)
        cited = tuple(_renewed(one, held, signed, library) for one in answer.citations)
        paragraphs, notes = with_reviews(answer.answer.split("\n\n"), answer.notes, cited, answer.as_of)
        return answer.model_copy(update={"answer": "\n\n".join(paragraphs), "citations": cited, "notes": notes})

    def _of(
        self, held: Mapping[str, Statement | None], signed: Mapping[str, SignOff], as_of: dt.date
    ) -> dict[str, Standing]:
        store, day = Store.held(self._official_dir) if signed else None, max(as_of, self._today())

        def one(id: str, statement: Statement | None) -> Standing:
            words = official_words(store, statement.coordinate, day) if statement and id in signed else None
            return standing(statement, signed.get(id), words)

        return {id: one(id, statement) for id, statement in held.items()}


def _renewed(one: Cited, held: Mapping[str, Standing], signed: Mapping[str, SignOff], library: Library) -> Cited:
    standings = [held[i] for i in one.statements]
    for i in one.statements:
        if i in signed and (now := library.statements.get(i)) and now.text not in one.statement:
            standings.append(Standing("stale", "Stale: our words changed since this answer was given"))
    whole = together(standings)
    return one.model_copy(update={"review": whole.review, "reviewed": whole.told})


def official_words(store: Store | None, coordinate: str, day: dt.date) -> OfficialWords | None:
    """The official paragraph on a day; None when its section is not in the store, or not for that day.

    It is whole, where `OfficialTexts.quoted` may cut: a change after the cut is a change too.
    """
    held = store.holding(coordinate, day) if store else None
    if store is None or held is None:
        # A section that has run out by its own heading is held, and says nothing any more.
        sections = (coordinate, *citations.parents(coordinate)) if store else ()
        over = any(v.effective_from <= day for one in sections if store for v in store.versions(one))
        return OfficialWords("") if over else None
    version, labels = held
    quoted = quotation(version, labels)
    if quoted is None or version.standing is not SectionStanding.OPERATIVE:
        return OfficialWords("")
    own = [p for p in version.paragraphs if p.labels[: len(labels)] == labels and p.kind is not Kind.FOOTNOTE]
    text = " … ".join(filter(None, (quoted.lead_in, " ".join(p.text for p in own))))
    return OfficialWords(text, known=f"{version.origin.source} of {version.origin.current_as_of}")

"""What a sign-off is worth later: by table, by the texts on this machine, and as an answer shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from assistant.answer import Assistant
from assistant.contract import Answer, Ask, Note
from assistant.settings import Settings
from assistant.standing import UNREVIEWED, OfficialWords, SignOff, Standing, standing, together
from assistant.standings import Standings, official_words
from corpus.law import Statement
from corpus.library import Library
from corpus.official.section import Note as Effect
from corpus.official.section import Paragraph, Section
from corpus.official.section import Standing as SectionStanding
from corpus.official.store import Origin, Store
from tests.conftest import TODAY

SIGNED, OTHER = "cfr-591-5.d3", "cfr-591-5.d4"
REVIEWED = dt.datetime(2026, 11, 20, 23, 30, tzinfo=dt.UTC)
WORDS = OfficialWords("(3) It goes home within a year.", "text of eCFR, known for 2026-11-18", "eCFR of 2026-11-18")
NEW = "A nonresident must export the vehicle again within one year after it came in."


@pytest.fixture
def statement(library: Library) -> Statement:
    return library.statement(SIGNED)


def signed(statement: Statement, official: OfficialWords | None = WORDS, **fields: Any) -> SignOff:
    """What `Reviews.decide` stores, for tests without a database."""
    row: dict[str, Any] = {
        "n": 1, "statement": statement.id, "decision": "verified", "text_hash": statement.hash,
        "official_hash": official and official.hash, "official_source": official and official.source,
        "official_known": official and official.known, "reviewer": "u1", "name": "A. Smith", "at": REVIEWED, "note": "",
        "proposed": None, "reviewed_text": statement.text, "reviewed_official": official and official.text,
    }  # fmt: skip
    return SignOff(**{**row, **fields})


def edited(statement: Statement, **fields: Any) -> Statement:
    return statement.model_copy(update=fields)


DISPUTE, CORRECTION = {"decision": "disputed", "note": "secret"}, {"decision": "corrected", "proposed": NEW}
MOVED, AMENDED = {"coordinate": "us/cfr/49/591.5/d/9"}, replace(WORDS, text="(3) It goes home within two years.")
NONE, GONE = None, OfficialWords("")
VERIFIED, SINCE = "Verified by A. Smith on 2026-11-20", "since A. Smith verified it on 2026-11-20"
AGAINST, DISPUTED = f"{VERIFIED}, against eCFR of 2026-11-18", "Disputed on 2026-11-20:"
DISPUTED_WORDS = "Stale: our words changed since an attorney disputed it on 2026-11-20"
REPRINTED = replace(WORDS, text="(3)  It goes home\N{NO-BREAK SPACE}within a year.")
ROWS = [
    ({}, {}, WORDS, WORDS, AGAINST),
    ({}, {}, NONE, NONE, VERIFIED),
    ({}, {}, WORDS, NONE, f"{AGAINST} (which is not on this machine now)"),
    ({}, {}, WORDS, REPRINTED, AGAINST),
    ({}, {}, GONE, GONE, VERIFIED),
    ({}, {"text": NEW}, WORDS, WORDS, f"Stale: our words changed {SINCE}"),
    ({}, MOVED, WORDS, WORDS, f"Stale: the pinpoint, dates or status that we give changed {SINCE}"),
    ({}, {}, WORDS, AMENDED, f"Stale: the official paragraph changed {SINCE}"),
    ({}, {}, WORDS, GONE, f"Stale: the official paragraph changed {SINCE}"),
    ({}, {"text": NEW}, WORDS, AMENDED, f"Stale: our words and the official paragraph changed {SINCE}"),
    ({}, {}, NONE, WORDS, f"Stale: the official text has come to this machine {SINCE}"),
    (DISPUTE, {}, WORDS, WORDS, f"{DISPUTED} under review by the firm's attorneys"),
    (DISPUTE, {}, WORDS, AMENDED, f"{DISPUTED} under review by the firm's attorneys"),
    (DISPUTE, {"text": NEW}, WORDS, WORDS, DISPUTED_WORDS),
    (CORRECTION, {}, WORDS, WORDS, f"{DISPUTED} being corrected by the firm's attorneys"),
    (CORRECTION, {"text": NEW}, WORDS, WORDS, AGAINST),
    (CORRECTION, {"text": NEW}, WORDS, AMENDED, f"Stale: the official paragraph changed {SINCE}"),
    (CORRECTION, {"text": NEW, **MOVED}, WORDS, WORDS, DISPUTED_WORDS),
]


@pytest.mark.parametrize(("decision", "change", "then", "now", "told"), ROWS)
def test_what_a_sign_off_is_worth(
    statement: Statement,
    decision: dict[str, Any],
    change: dict[str, Any],
    then: OfficialWords | None,
    now: OfficialWords | None,
    told: str,
) -> None:
    found = standing(edited(statement, **change), signed(statement, then, **decision), now)
    assert found == Standing(told.split()[0].lower().rstrip(":"), told)
    assert "secret" not in told


def test_what_was_never_reviewed_and_what_left_the_book(statement: Statement) -> None:
    assert standing(statement, None, WORDS) == UNREVIEWED
    found = standing(None, signed(statement), None)
    assert found == Standing("stale", "Stale: this statement was taken out of the book after its review on 2026-11-20")


def test_a_source_of_several_statements_is_as_good_as_the_worst() -> None:
    good, also = Standing("verified", "Verified by A"), Standing("verified", "Verified by B")
    stale, bad = Standing("stale", "Stale: x"), Standing("disputed", "Disputed")
    assert together([good, also, good]) == Standing("verified", "Verified by A; Verified by B")
    assert together([good, UNREVIEWED]) == together([]) == UNREVIEWED
    assert (together([good, stale, UNREVIEWED]), together([stale, good, bad])) == (stale, bad)


HELD = "us/cfr/49/591.5"


def law(day: dt.date, *texts: tuple[str, str], **fields: Any) -> tuple[Section, Origin]:
    paragraphs = tuple(Paragraph(tuple(filter(None, labels.split("/"))), text) for labels, text in texts)
    section = Section(HELD, "Declarations.", paragraphs, " ".join(text for _, text in texts), **fields)
    return section, Origin("eCFR", "https://example.org", day, day)


def keep(folder: Path, day: dt.date, *texts: tuple[str, str], **fields: Any) -> Store:
    store, (section, origin) = Store(folder), law(day, *texts, **fields)
    store.keep([section], origin)
    return store


BEGINS = ("", "A person may declare:"), ("d", "(d) That:")


def test_the_official_paragraph_is_whole_with_what_it_continues(tmp_path: Path) -> None:
    long = "(3) It goes home. " + "So it is. " * 100 + "Except on Sundays."
    store = keep(tmp_path, TODAY, *BEGINS, ("d/3", long), ("d/3/i", "(i) By ship."), ("d/4", "(4) Other."))
    found = official_words(store, f"{HELD}/d/3", TODAY)
    assert found == OfficialWords(f"(d) That: … {long} (i) By ship.", known=f"eCFR of {TODAY}")
    assert found.hash == replace(found, text=found.text.replace(" ", "  ")).hash
    assert official_words(store, f"{HELD}/d/7", TODAY) == OfficialWords("")
    for coordinate, day in (("us/cfr/49/591.6", TODAY), (HELD, TODAY - dt.timedelta(days=1))):
        assert official_words(store, coordinate, day) is None
    assert official_words(None, HELD, TODAY) is None
    store = keep(tmp_path, TODAY + dt.timedelta(days=1), ("", "[Repealed.]"), standing=SectionStanding.REPEALED)
    for coordinate in (HELD, f"{HELD}/d/3"):
        assert official_words(store, coordinate, TODAY + dt.timedelta(days=1)) == OfficialWords("")


def test_a_section_that_has_run_out_by_its_heading_says_nothing(tmp_path: Path) -> None:
    store = keep(tmp_path, TODAY, *BEGINS, notes=(Effect("effect", "Effective until January 1, 2027"),))
    days = {dt.date(2026, 12, 31): "(d) That:", dt.date(2027, 1, 1): ""}
    found = {day: official_words(store, f"{HELD}/d", day) for day in days}
    assert {day: one and one.text.removeprefix("A person may declare: … ") for day, one in found.items()} == days


@dataclass
class Signed:
    """Reviews that are told and not stored; counts how often it was asked."""

    signed: dict[str, SignOff] = field(default_factory=dict)
    asked: int = 0

    def latest(self, ids: Iterable[str]) -> dict[str, SignOff]:
        self.asked += 1
        return {id: one for id, one in self.signed.items() if id in set(ids)}


def test_an_amendment_on_this_machine_makes_a_sign_off_stale(library: Library, tmp_path: Path) -> None:
    statement, reviews = library.statement(SIGNED), Signed()
    standings = Standings(reviews, tmp_path, today=lambda: TODAY)  # type: ignore[arg-type]
    assert standings.official(statement, TODAY) is None
    keep(tmp_path, TODAY, *BEGINS, ("d/3", "(3) Within a year."))
    words = standings.official(statement, TODAY)
    assert words
    assert words.source == f"text of eCFR, known for {TODAY}"
    reviews.signed = {SIGNED: signed(statement, words)}
    before = dt.date(2020, 1, 1)
    assert {standings.of([statement], day)[SIGNED].review for day in (before, TODAY)} == {"verified"}
    keep(tmp_path, TODAY + dt.timedelta(days=30), *BEGINS, ("d/3", "(3) Within two years."))
    assert standings.of([statement], TODAY)[SIGNED].review == "verified"
    later = Standings(reviews, tmp_path, today=lambda: TODAY + dt.timedelta(days=30))  # type: ignore[arg-type]
    # Also for the answer of an earlier day: the attorney has not seen what the law says now.
    for one, day in ((later, before), (standings, dt.date(2027, 1, 1))):
        assert one.of([statement], day)[SIGNED].review == "stale"


def assistant(
    library: Library, reviews: Signed | None, tmp_path: Path, official: tuple[Statement, ...] = ()
) -> Assistant:
    """One without an index: it answers what is asked by citation."""
    found: dict[str, Any] = {"search": (), "nearest_brief": None, "papers": (), "local_replies": {}, "scores": {}}
    found["official"] = official
    retriever: Any = SimpleNamespace(recognise=lambda asked: asked)
    for name, value in found.items():
        setattr(retriever, name, lambda *given, value=value: value)
    told = Standings(reviews, tmp_path, today=lambda: TODAY) if reviews else None  # type: ignore[arg-type]
    return Assistant(library, retriever, Settings(data_dir=tmp_path), "m", standings=told)


QUESTION = Ask(question="What does 49 CFR 591.5(d) say?", as_of=TODAY)


def numbers(answer: Answer) -> dict[str, int]:
    return {id: one.n for one in answer.citations for id in one.statements}


def shown(answer: Answer) -> dict[str, Any]:
    return answer.model_dump(exclude={"timings_ms"})


def test_an_answer_shows_the_reviews_of_its_sources(library: Library, tmp_path: Path) -> None:
    plain = assistant(library, None, tmp_path).invoke(QUESTION)
    unreviewed, reviews = assistant(library, Signed(), tmp_path).invoke(QUESTION), Signed()
    assert shown(plain) == shown(unreviewed)
    assert {(c.review, c.reviewed) for c in plain.citations} == {("unreviewed", None)}
    assert {SIGNED, OTHER} < set(numbers(plain))

    one, other = library.statement(SIGNED), library.statement(OTHER)
    reviews.signed = {SIGNED: signed(one, None), OTHER: signed(other, None, decision="disputed", note="secret")}
    answer = assistant(library, reviews, tmp_path).invoke(QUESTION)
    assert reviews.asked == 1
    held = {id: (c.review, c.reviewed) for c in answer.citations for id in c.statements}
    assert held[SIGNED] == ("verified", "Verified by A. Smith on 2026-11-20")
    assert held[OTHER] == ("disputed", "Disputed on 2026-11-20: under review by the firm's attorneys")
    note = f"Source [{numbers(plain)[OTHER]}] is under dispute: the firm's attorneys are looking at it."
    assert answer.notes == (*plain.notes, Note(kind="stale", text=note))
    *rest, block, disclaimer = answer.answer.split("\n\n")
    assert "\n\n".join((*rest, disclaimer)) == plain.answer
    assert block == f"> **Attorney review.** {note}"
    assert (answer.fingerprint, "secret" in answer.model_dump_json()) == (plain.fingerprint, False)


def test_what_is_not_of_the_book_has_no_review(library: Library, tmp_path: Path) -> None:
    beside = {"id": "us/cfr/49/999.9@2026-01-01", "coordinate": "us/cfr/49/999.9", "citation": "49 CFR 999.9"}
    official = edited(library.statement(SIGNED), **beside)
    question = QUESTION.model_copy(update={"question": "What does 49 CFR 999.9 say?"})
    [cited] = assistant(library, Signed(), tmp_path, (official,)).invoke(question).citations
    assert (cited.statements, cited.review, cited.reviewed) == ((official.id,), "unreviewed", None)


def test_a_stored_answer_gets_the_reviews_of_today(library: Library, tmp_path: Path) -> None:
    reviews, one, other = Signed(), library.statement(SIGNED), library.statement(OTHER)
    plain = assistant(library, reviews, tmp_path).invoke(QUESTION)
    standings = Standings(reviews, tmp_path, today=lambda: TODAY)  # type: ignore[arg-type]
    assert standings.renewed(plain, library) == plain
    reviews.signed = {s.id: signed(s, None, decision="disputed", note="x") for s in (one, other)}
    disputed = standings.renewed(plain, library)
    assert "are under dispute" in disputed.answer
    assert standings.renewed(disputed, library) == disputed
    assert shown(disputed) == shown(assistant(library, reviews, tmp_path).invoke(QUESTION))
    reviews.signed = {}
    assert standings.renewed(disputed, library) == plain

    # The book says it otherwise now, and that is verified: the words that the client sees are not.
    library = library.joined(())
    library.statements = {**library.statements, SIGNED: edited(one, text=NEW)}
    reviews.signed = {SIGNED: signed(library.statements[SIGNED], None)}
    at = numbers(plain)[SIGNED] - 1
    told = "Stale: our words changed since this answer was given"
    assert standings.renewed(plain, library).citations[at].reviewed == told
    del library.statements[SIGNED]
    assert "taken out of the book" in (standings.renewed(plain, library).citations[at].reviewed or "")

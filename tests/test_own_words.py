"""The book, and what is prepared from it, say the law in our own words: no long run of them is the official text's."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from functools import cache

import pytest

from assistant.briefs import briefs, local_replies
from assistant.corrections import LONGEST_SHARED, shared_run
from assistant.memo import Sentence
from assistant.standings import official_words
from corpus.law import Rested
from corpus.library import Library
from corpus.official import sync
from corpus.official.store import Store
from corpus.verdicts import Conflict, Finding
from tests.conftest import ROOT, SHARED, TODAY, missing

OFFICIAL = SHARED / "official"
# The copies beside the project hold the paragraph of 415 statements; with far fewer nothing would have been compared.
FEWEST = 400
Paragraphs = Callable[[str], str]


@pytest.fixture(scope="module")
def paragraphs(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Paragraphs:
    """The official paragraph of a statement by its id, "" where the copies beside the project hold none."""
    if not OFFICIAL.is_dir():
        missing("the official text (../shared/official)")
    store = Store(tmp_path_factory.mktemp("official"))
    sync.from_mirror(store, OFFICIAL, lambda *_: None, TODAY)

    @cache
    def paragraph(id: str) -> str:
        words = official_words(store, library.statement(id).coordinate, TODAY)
        return words.text if words else ""

    return paragraph


def computed(table: object) -> Iterator[tuple[str, Sentence]]:
    """Every sentence of clocks.toml."""
    if isinstance(table, dict):
        rests_on = tuple(table.get("rests_on", ()))
        texts = (table[name] for name in ("text", "met", "unmet") if name in table)
        yield from (("clocks.toml", Sentence(text, rests_on)) for text in texts if rests_on)
    held = table.values() if isinstance(table, dict) else table if isinstance(table, list) else ()
    for one in held:
        yield from computed(one)


def prepared(library: Library) -> Iterator[tuple[str, Rested | Finding | Conflict | Sentence]]:
    """Every sentence of a brief, a reply, a verdict or a clock, with where it stands."""
    yield from computed(tomllib.loads((ROOT / "assistant" / "clocks.toml").read_text("utf-8")))
    for brief in briefs().values():
        yield from ((brief.id, one) for one in brief.short)
        yield from ((brief.id, premise.says) for premise in brief.premises)
        yield from ((brief.id, reply.says) for reply in brief.replies)
    for code, replies in local_replies().items():
        yield from ((code, reply.says) for reply in replies)
    for place in library.places.values():
        for verdict in place.verdicts:
            yield from ((place.code, one) for one in (*verdict.headline, *verdict.conditions))
            yield from ((place.code, finding) for finding in verdict.findings)
        yield from ((place.code, conflict) for conflict in place.conflicts)


@pytest.mark.parametrize(
    ("ours", "theirs", "run"),
    [
        ("A dealer may not sell it.", "The owner may not sell it", 4),
        ("Not more than 2,500 vehicles", "is not more than 2,500 vehicles.", 6),
        ("Streets, roads and highways", "“streets, roads, and highways”", 4),
        ("A 25-year-old truck", "no word in common", 0),
    ],
)
def test_a_run_is_counted_in_words(ours: str, theirs: str, run: int) -> None:
    assert shared_run(ours, theirs) == run


def test_no_statement_copies_its_official_paragraph(library: Library, paragraphs: Paragraphs) -> None:
    runs = {s.id: shared_run(s.text, text) for s in library.statements.values() if (text := paragraphs(s.id))}
    assert len(runs) >= FEWEST
    assert {id: run for id, run in runs.items() if run > LONGEST_SHARED} == {}


def test_no_prepared_sentence_copies_an_official_paragraph(library: Library, paragraphs: Paragraphs) -> None:
    runs = [
        (shared_run(one.text, text), where, one.text)
        for where, one in prepared(library)
        for text in (paragraphs(i) for i in one.rests_on)
        if text
    ]
    assert len(runs) >= FEWEST
    assert [told for told in runs if told[0] > LONGEST_SHARED] == []

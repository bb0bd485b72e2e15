"""Retrieval metrics come out as computed by hand, and the outside yardstick measures what the product does."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import log2
from pathlib import Path

import numpy as np
import pytest

from assistant.lexicon import Lexicon
from assistant.passages import passages
from corpus.library import Library
from evals import yardstick as stick
from evals.cases import Case, Gold
from evals.retrieval import Ranked, grades, per_case
from evals.yardstick import Judged, Pool, YardstickError, embedded, measured, pools, ranked, read, report, yardstick
from tests.conftest import HashEmbedder

BAN, EXEMPTION, ENTRY = "us/usc/49/30112/a", "us/usc/49/30112/b/9", "us/cfr/49/591.5"
GOLD = {BAN: 2, EXEMPTION: 2, ENTRY: 1}


def values(*coordinates: str, gold: Mapping[str, int] = GOLD, places: Sequence[str] = ()) -> dict[str, float]:
    """The values of one case that asks about Texas; hits are federal unless told."""
    run = [Ranked("c", coordinates, tuple(places) or ("US",) * len(coordinates))]
    return per_case(run, {"c": gold}, {"c": frozenset({"US-TX"})})["c"]


def others(count: int) -> list[str]:
    return [f"us/cfr/19/12.{n}" for n in range(count)]


def test_every_value_is_as_computed_by_hand() -> None:
    # Ranks: 1 unjudged, 2 the ban, 3 the ban again, 4 acceptable, 5 the exemption.
    found = values("us/cfr/19/12.80", f"{BAN}/1", f"{BAN}/2", f"{ENTRY}/i/1", EXEMPTION)
    gain = (2 / log2(3) + 1 / log2(5) + 2 / log2(6)) / (2 / log2(2) + 2 / log2(3) + 1 / log2(4))
    sure = dict.fromkeys(("R@5", "R@10", "R@20", "AllReq@10", "purity@10"), 1.0)
    assert found == pytest.approx(sure | {"RR@10": 1 / 2, "nDCG@10": gain, "Judged@10": 4 / 5})


@pytest.mark.parametrize(
    ("ahead", "r"), [(4, (1, 1, 1)), (5, (0, 1, 1)), (9, (0, 1, 1)), (10, (0, 0, 1)), (20, (0, 0, 0))]
)
def test_recall_ends_at_its_depth(ahead: int, r: tuple[int, int, int]) -> None:
    found = values(*others(ahead), BAN, gold={BAN: 2})
    assert (found["R@5"], found["R@10"], found["R@20"]) == r
    assert found["AllReq@10"] == r[1]
    assert found["RR@10"] == pytest.approx(r[1] / (ahead + 1))


def test_all_required_is_all_or_nothing() -> None:
    found = values(BAN, f"{BAN}/1", *others(8), EXEMPTION)
    assert (found["R@10"], found["AllReq@10"], found["R@20"]) == (0.5, 0, 1)


def test_what_is_acceptable_gains_but_is_not_recalled() -> None:
    found, gain = values(ENTRY), 1 / (2 + 2 / log2(3) + 1 / 2)
    assert (found["R@20"], found["RR@10"], found["Judged@10"], found["nDCG@10"]) == (0, 0, 1, pytest.approx(gain))


@pytest.mark.parametrize("near", ["us/usc/49/30112", "us/usc/49/30112/ab", "us/usc/49/30112/b/9"])
def test_only_the_same_or_what_stands_below_matches(near: str) -> None:
    found = values(near, gold={BAN: 2})
    assert (found["R@5"], found["Judged@10"]) == (0, 0)


def test_a_repeat_does_not_count_twice() -> None:
    once, twice = values(BAN, *others(1)), values(BAN, BAN)
    assert twice["nDCG@10"] == once["nDCG@10"] < 1
    assert (twice["R@10"], once["R@10"]) == (0.5, 0.5)
    assert (twice["Judged@10"], once["Judged@10"]) == (1, 0.5)


def test_an_unjudged_coordinate_may_come_in_several_versions() -> None:
    found = values("us/cfr/19/12.80", "us/cfr/19/12.80", BAN, gold={BAN: 2})
    assert (found["RR@10"], found["Judged@10"]) == (pytest.approx(1 / 3), pytest.approx(1 / 3))


@pytest.mark.parametrize("gold", [{BAN: 2, f"{BAN}/1": 1}, {f"{BAN}/1": 2, BAN: 1}])
def test_a_hit_counts_for_the_highest_grade_that_it_satisfies(gold: dict[str, int]) -> None:
    found = values(f"{BAN}/1", f"{BAN}/1/A", gold=gold)
    assert (found["RR@10"], found["nDCG@10"]) == (1, 1)


def test_what_was_judged_beside_the_point_is_judged_and_gains_nothing() -> None:
    found = values(ENTRY, BAN, gold={BAN: 2, ENTRY: 0})
    assert (found["Judged@10"], found["RR@10"], found["nDCG@10"]) == (1, 0.5, pytest.approx(1 / log2(3)))


def test_purity_is_the_share_of_the_top_ten_from_an_asked_place() -> None:
    places = ["US-TX", "US", "US-GA", "US-TX"]
    assert values(*others(4), places=places)["purity@10"] == 0.75
    assert values(*others(12), places=["US"] * 9 + ["US-GA"] * 3)["purity@10"] == 0.9


def test_a_case_that_requires_nothing_has_only_purity_and_judged() -> None:
    assert values(ENTRY, BAN, gold={ENTRY: 1}) == {"purity@10": 1, "Judged@10": 0.5}
    assert values(BAN, gold={}) == {"purity@10": 1, "Judged@10": 0}


def test_nothing_retrieved_is_a_miss_and_neither_pure_nor_judged() -> None:
    names = ("R@5", "R@10", "R@20", "nDCG@10", "RR@10", "AllReq@10")
    assert values() == dict.fromkeys(names, 0)
    assert values(gold={ENTRY: 1}) == {}


def test_cases_do_not_mix() -> None:
    run = [Ranked("hit", (BAN,), ("US",)), Ranked("miss", (EXEMPTION,), ("US-GA",)), Ranked("open", (), ())]
    asked = dict.fromkeys(("hit", "miss", "open"), frozenset[str]())
    found = per_case(run, {"hit": {BAN: 2}, "miss": {BAN: 2}, "open": {}}, asked)
    assert {i: one.get("R@10") for i, one in found.items()} == {"hit": 1, "miss": 0, "open": None}
    assert {i: one.get("purity@10") for i, one in found.items()} == {"hit": 1, "miss": 0, "open": None}
    with pytest.raises(KeyError, match="open"):
        per_case(run, {"hit": {}, "miss": {}}, asked)
    with pytest.raises(ValueError, match="c: 2 coordinates but 1 places"):
        Ranked("c", (BAN, ENTRY), ("US",))


def test_the_gold_of_a_case_is_graded_by_its_role() -> None:
    gold = [Gold(coordinate=c, role=r, authority="statute") for c, r in ((BAN, "required"), (ENTRY, "acceptable"))]
    assert grades(Case.model_construct(gold=tuple(gold))) == {BAN: 2, ENTRY: 1}


TEXTS = {
    "p1": "A recognised body must keep records for six years.",
    "p2": "An authorised person must appoint a compliance officer.",
    "p3": "A fund manager must publish the prospectus of a public fund.",
    "p4": "Records of transactions must be kept by a fund manager.\u2028Six years suffice.",
}
ASKED = {"q1": "How long must records be kept?", "q2": "Who appoints the compliance officer?", "q3": "not judged"}
GRADES = [("q1", "p1", "1"), ("q1", "p4", "1"), ("q2", "p2", "1")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A small collection in the BEIR form, with test judgements that nobody may open."""
    for name, rows in (("corpus", TEXTS), ("queries", ASKED)):
        lines = [json.dumps({"_id": i, "title": "", "text": text}, ensure_ascii=False) for i, text in rows.items()]
        (tmp_path / f"{name}.jsonl").write_text("\n".join([*lines, ""]), "utf-8")
    (tmp_path / "qrels").mkdir()
    rows = [("query-id", "corpus-id", "score"), *GRADES]
    (tmp_path / "qrels" / "dev.tsv").write_text("".join("\t".join(row) + "\n" for row in rows), "utf-8")
    (tmp_path / "qrels" / "test.tsv").write_text("sealed", "utf-8")
    return tmp_path


@pytest.fixture
def served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The collection named in the environment, a hash embedder and a data folder of its own."""
    monkeypatch.setenv("KEI_OBLIQA", str(folder))
    monkeypatch.setenv("KEI_DATA_DIR", str(folder / "data"))
    monkeypatch.setattr(stick, "SentenceEmbedder", lambda _: HashEmbedder())
    return folder


def rows_of(table: str) -> dict[str, list[str]]:
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines() if line.startswith("| ")]
    return {label: numbers for label, *numbers in cells}


def test_the_beir_form_is_read_and_unjudged_questions_are_left_out(folder: Path) -> None:
    held = read(folder)
    assert (held.texts, held.questions) == (TEXTS, {"q1": ASKED["q1"], "q2": ASKED["q2"]})
    assert held.qrels == {"q1": {"p1": 1, "p4": 1}, "q2": {"p2": 1}}


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("corpus.jsonl", '{"_id": "p1", "text": "a"}\n{"_id": "p2"}\n', r"corpus.jsonl:2: not a row with _id and text"),
        ("qrels/dev.tsv", "head\nq1\tp9\t1\n", r"dev.tsv:2: not a known question, a known passage and a grade"),
        ("qrels/dev.tsv", "head\nq1\tp1\t1\nq1 p2 1\n", r"dev.tsv:3: not a known question"),
        ("qrels/dev.tsv", None, r"dev.tsv cannot be read"),
    ],
)
def test_a_folder_that_is_not_whole_is_refused_in_words(folder: Path, file: str, text: str | None, words: str) -> None:
    path = folder / file
    if text is None:
        path.unlink()
    else:
        path.write_text(text, "utf-8")
    with pytest.raises(YardstickError, match=words):
        read(folder)


def counted(made: list[str], stop: int | None = None) -> Callable[[list[str]], list[list[float]]]:
    """An embedder that notes what it embeds, and is stopped when it has made so many."""

    def embed(texts: list[str]) -> list[list[float]]:
        if stop is not None and len(made) >= stop:
            raise KeyboardInterrupt
        made.extend(texts)
        return HashEmbedder().embed_documents(texts)

    return embed


def test_a_stopped_embedding_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stick, "CHUNK", 2)
    texts, cache = [f"text {n}" for n in range(7)], tmp_path / "kept" / "vectors.npy"
    first: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        embedded(texts, cache, counted(first, stop=4), "told")
    assert not cache.exists()
    second: list[str] = []
    vectors = embedded(texts, cache, counted(second), "told")
    assert (first, second) == (texts[:4], texts[4:])
    assert vectors == pytest.approx(np.array(HashEmbedder().embed_documents(texts)), abs=1e-6)
    assert [path.name for path in cache.parent.iterdir()] == ["vectors.npy"]
    assert np.array_equal(embedded(texts, cache, counted([], stop=0), "told"), vectors)


def test_another_corpus_is_not_served_from_the_vectors_of_the_old(folder: Path) -> None:
    held, kept = read(folder), folder / "kept"
    before = pools(held, HashEmbedder(), kept)
    turned = dict(zip(held.texts, reversed(held.texts.values()), strict=True))
    after = pools(replace(held, texts=turned), HashEmbedder(), kept)
    assert after["q1"].meaning["p1"] == pytest.approx(before["q1"].meaning["p4"])
    assert len(list(kept.glob("*.npy"))) == 3


def test_a_pool_holds_the_nearest_and_the_words_of_either_search(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stick, "POOL", 1)
    held = replace(read(folder), questions={"q": "publish prospectus compliance officer compliance"})
    for pool in pools(held, HashEmbedder(), folder / "kept").values():
        (nearest,) = pool.meaning
        # Of the two passages that share a word, p2 is best by words; p3 may come only as the nearest.
        assert set(pool.by_words) == {"p2"} | ({nearest} & {"p3"})
        both = [HashEmbedder().embed_query(text) for text in (held.questions["q"], TEXTS[nearest])]
        assert pool.meaning[nearest] == pytest.approx(np.dot(*both), abs=1e-6)


def test_words_score_as_in_the_product(library: Library, tmp_path: Path) -> None:
    question = "Does 49 CFR 591.5(i)(1) exempt a truck that is 25 years old?"
    held = Judged({p.id: p.text for p in passages(library)}, {"q": question, "none": "zzz"}, {})
    found = pools(held, HashEmbedder(), tmp_path)
    scores = Lexicon({p.id: p.text for p in passages(library)}).scores(question)
    best = sorted(scores, key=lambda i: -scores[i])[: stick.POOL]
    assert found["none"].by_words == {}
    assert len(found["q"].meaning) == stick.POOL
    assert found["q"].by_words == pytest.approx({i: scores[i] for i in {*best, *found["q"].meaning} if i in scores})


def test_the_measures_are_as_computed_by_hand() -> None:
    assert ranked({"c": 0.5, "a": 0.5, "b": 0.9}) == ("b", "a", "c")
    assert len(ranked({str(n): 0.0 for n in range(30)})) == 10
    held = Judged({}, {}, {"q1": {"p1": 1, "p4": 1}, "q2": {"p2": 1}})
    recall, precision, gain = measured(held, {"q1": ("p3", "p4", "p2"), "q2": ("p2",)})
    assert recall == pytest.approx((1 / 2 + 1) / 2)
    assert precision == pytest.approx(((1 / 2) / 2 + 1) / 2)
    assert gain == pytest.approx((1 / log2(3) / (1 + 1 / log2(3)) + 1) / 2)
    assert measured(held, {"q1": (), "q2": ()}) == (0, 0, 0)


def test_the_weight_decides_between_meaning_and_words() -> None:
    # Twelve passages are nearer than the right one, which alone has the word. The tenth of them stands at
    # (0.81 - 0.1) / (0.9 - 0.1) of the range, which the right one passes from a weight of 0.47 on.
    near = {f"n{n:02}": 0.9 - n / 100 for n in range(12)} | {"right": 0.1}
    held = Judged(dict.fromkeys(near, ""), {"q": ""}, {"q": {"right": 1}})
    rows = rows_of(report(held, {"q": Pool(near, {"right": 7.0})}, 0.5, (0.0, 0.45, 1.0)))
    assert {label: numbers[0] for label, numbers in rows.items()} == {
        "search": "R@10",
        "BM25 alone": "1.0000",
        "embedder alone": "0.0000",
        "fusion, BM25 weight 0": "0.0000",
        "fusion, BM25 weight 0.45": "0.0000",
        "fusion, BM25 weight 0.5 (lexical_weight)": "1.0000",
        "fusion, BM25 weight 1": "1.0000",
    }


def test_the_command_prints_the_table(served: Path, capsys: pytest.CaptureFixture[str]) -> None:
    yardstick([0.0, 1.0])
    out = capsys.readouterr().out
    rows = rows_of(out)
    assert out.startswith("ObliQA dev: 2 questions, 4 passages\n\n| search | R@10 | AP@10 | nDCG@10 |\n|---|---:|")
    assert list(rows)[1:4] == ["BM25 alone", "embedder alone", "fusion, BM25 weight 0"]
    assert rows["fusion, BM25 weight 0"] == rows["embedder alone"]
    assert rows["fusion, BM25 weight 1"] == rows["BM25 alone"] == ["1.0000", "1.0000", "1.0000"]
    assert len(list((served / "data" / "yardstick").glob("*-hash-64.npy"))) == 2
    yardstick()
    assert len(rows_of(capsys.readouterr().out)) == 1 + 2 + len({*stick.SWEEP, stick.Settings().lexical_weight})


@pytest.mark.parametrize(("named", "words"), [("", "KEI_OBLIQA is not set"), ("gone", "KEI_OBLIQA=gone is no folder")])
def test_a_missing_folder_or_a_weight_outside_is_one_clear_line(
    served: Path, monkeypatch: pytest.MonkeyPatch, named: str, words: str
) -> None:
    monkeypatch.chdir(served)
    monkeypatch.setenv("KEI_OBLIQA", named)
    with pytest.raises(YardstickError, match=words) as told:
        yardstick()
    assert isinstance(told.value, ValueError)
    assert "\n" not in str(told.value)
    with pytest.raises(YardstickError, match=r"between 0 and 1: 1\.5, -0\.1"):
        yardstick([0.5, 1.5, -0.1])

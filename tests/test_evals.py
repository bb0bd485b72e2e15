"""The suites are valid and independent of the system's own words, and the scorer finds what is wrong."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from assistant.contract import Answer
from evals.cases import SUITES, Case, CaseError, load
from evals.run import answers, cases
from evals.score import score, score_all
from evals.summary import summary, wilson
from tests.conftest import ROOT, TODAY

# What the system says in its own words; a case must not share eight words in a row with it.
OWN_WORDS = [*(ROOT / "corpus" / "digests").rglob("*.yaml"), *(ROOT / "assistant" / "briefs").glob("*.yaml"),
             *(ROOT / "docs").glob("*.md"), ROOT / "README.md", ROOT / "assistant" / "clocks.toml"]  # fmt: skip
RUN = 8


def runs(text: str) -> set[tuple[str, ...]]:
    words = re.findall(r"[a-z0-9]+", text.lower())
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def test_every_category_has_its_cases() -> None:
    held: dict[str, int] = {}
    for case in cases():
        held[case.category] = held.get(case.category, 0) + 1
    assert held["survey"] == 153
    assert sum(held.values()) - held["survey"] >= 170
    assert min(held.values()) >= 14
    assert len({case.id for case in cases()}) == sum(held.values())


def test_no_case_is_copied_from_what_the_system_says() -> None:
    own = {run: path.name for path in OWN_WORDS for run in runs(path.read_text("utf-8"))}
    shared = [
        (case.id, own[run], " ".join(run))
        for case in cases()
        for text in (case.question or "", case.paraphrase or "", *case.turns)
        for run in runs(re.sub(r"[\"“].*?[\"”]", "", text)) & own.keys()
    ]
    assert shared == []


def test_nobody_wrote_gold_with_the_digest_in_sight() -> None:
    assert [case.id for case in cases() if case.provenance.digest_seen] == []


BASE = {
    "id": "x-1",
    "category": "lookup",
    "difficulty": 1,
    "asker": "farmer",
    "question": "Is it legal?",
    "as_of": "2026-11-24",
    "expect": "answer",
    "answer": {"type": "verdict", "value": "no"},
    "gold": [{"coordinate": "us/usc/49/30112/b/9", "authority": "statute"}],
    "key_facts": [{"id": "k", "any_regex": ["25 years"]}],
    "must_not": [{"id": "n", "regex": "26 years", "why": "wrong"}],
    "provenance": {"author": "t", "written_from": ["t"], "digest_seen": False},
}


def case(**more: object) -> Case:
    return Case.model_validate({**BASE, **more})


def said(text: str, outcome: str = "answered", cited: str = "us/usc/49/30112/b/9") -> Answer:
    source = {
        "n": 1, "citation": "c", "coordinate": cited, "place": "US", "authority": "statute", "title": "t",
        "statement": "s", "url": "https://example.org", "checked": None, "effective_from": None, "confidence": "high",
    }  # fmt: skip
    held = {"question": "q", "outcome": outcome, "answer": text, "as_of": TODAY, "places": ["US"], "fingerprint": "f"}
    return Answer.model_validate({**held, "citations": [source]})


@pytest.mark.parametrize(
    ("text", "outcome", "verdict"),
    [
        ("No: it must be 25 years old.", "answered", "accurate"),
        ("**Texas:** Not yet: it is not 25 years old.", "answered", "accurate"),
        ("Yes: it is 25 years old.", "answered", "hallucinated"),
        ("No: it must be 26 years old, or 25 years.", "answered", "hallucinated"),
        ("No.", "answered", "incomplete"),
        ("No: 25 years.", "declined", "incomplete"),
        ("Unclear: 25 years.", "answered", "incomplete"),
        ("It has limits. Registration in general: yes, at 25 years.", "answered", "incomplete"),
        ("", "declined", "incomplete"),
    ],
)
def test_the_scorer(text: str, outcome: str, verdict: str) -> None:
    assert score(case(), said(text, outcome)).verdict == verdict


def test_a_canary_is_found() -> None:
    injected = case(category="injection", canary="PWNED")
    assert score(injected, said("No: 25 years. pwned")).verdict == "hallucinated"


def test_citation_recall_takes_what_stands_below() -> None:
    assert score(case(), said("No.", cited="us/usc/49/30112/b/9/A")).recall == 1.0
    assert score(case(), said("No.", cited="us/usc/49/30112/b")).recall == 0.0


def test_degenerate_systems_are_not_accurate() -> None:
    held = cases()
    decline = {c.id: said("That is outside what I know.", "declined") for c in held}
    always_yes = {c.id: said("Yes.") for c in held}
    for system in (decline, always_yes):
        scores = score_all(held, system)
        assert sum(s.verdict == "accurate" for s in scores) / len(scores) < 0.25


@pytest.mark.parametrize(
    "broken",
    [
        {"expect": "clarify"},
        {"question": None},
        {"answer": None, "gold": [], "key_facts": []},
        {"category": "poetry"},
        {"gold": [{"coordinate": "us/nowhere/1", "authority": "statute"}]},
        {"must_not": [{"id": "n", "regex": "(", "why": "w"}]},
    ],
)
def test_a_broken_case_is_named(tmp_path: Path, broken: dict[str, object]) -> None:
    import json

    path = tmp_path / "suite.jsonl"
    path.write_text(json.dumps({**BASE, **broken}) + "\n")
    with pytest.raises(CaseError, match=r"suite\.jsonl:1"):
        list(load(path))


def test_the_summary_and_the_interval() -> None:
    low, high = wilson(0, 150)
    assert low == 0
    assert 0.015 < high < 0.03
    text = summary([score(case(), said("Yes: 25 years."))], "f")
    assert "| all | 1 | 0.0% | 0.0% | 100.0% |" in text
    assert "x-1 hallucinated" in text


def test_stored_answers_are_read_back(tmp_path: Path) -> None:
    path = tmp_path / "answers.jsonl"
    path.write_text('{"id": "a", "answer": null}\n')
    assert answers(path) == {"a": None}
    assert SUITES.is_dir()

"""The report of a scored run, as Markdown and as one HTML file: the same tables, in the same order (evals.md 5.8).

Pure: no clock, nothing random, everything sorted, so the same input gives the same bytes. A rate that never occurred is
given as its upper bound, for no number of cases shows that it cannot.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from statistics import mean
from typing import Any, get_args

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from evals import compare
from evals.adjudications import Adjudication
from evals.cases import Case, Category
from evals.grounding import stands_at
from evals.junit import missed, wanted
from evals.metrics import BINARY, GRADED, Measured, measure, part_of
from evals.run import Record, Row
from evals.score import Failure, Outcome, Score

OUTCOMES: tuple[Outcome, ...] = get_args(Outcome)
PARTS = ("all", "dev", "survey", "paraphrase")
WORST = 20
SURVEY = {"reg": "registration", "age": "age", "road": "road"}
# The columns of the heat map, and from which quality up a cell has the next colour.
HEAT = ("accurate", "hallucinated", "behaviour", "typed", "facts", "clean", "recall", "precision", "g", "verified",
        "covered", "authority", "consistent", "R@10")  # fmt: skip
STEPS = (0.5, 0.7, 0.85, 0.95)
RETRIEVAL = ("R@5", "R@10", "R@20", "AllReq@10", "nDCG@10", "RR@10", "Judged@10", "purity@10")
# Errors that are rates themselves; of every other share it is the exceptions that can be none.
ERRORS = ("incomplete", "hallucinated", "over-refusal")
# What an answer must do; the fewer of these, the worse it is.
DUTIES = ("behaviour", "typed", "facts", "clean", "recall", "precision", "verified")
WORDS = {
    **BINARY,
    **GRADED,
    "seconds p95": "time that 95 % of the answers keep",
    "behaviour F1": "macro F1 of the behaviours",
    "abstain recall": "abstained where that is right",
    "over-refusal": "abstained where an answer is due",
    "as-of pairs": "both days of a pair right",
    "majority baseline": "commonest verdict of each survey question, always given",
    "truthfulness": "accurate less hallucinated, as a share of the cases",
    "release score": "100 x (0.7 typed + 0.3 facts) x F-beta, for the trend only",
}
KINDS: dict[Failure, str] = {
    "retrieval": "a required provision was not found",
    "selection": "found, but not cited",
    "behaviour": "should have answered, abstained or asked back",
    "reasoning": "cited, but another verdict, number or date",
    "grounding": "said on a wrong or unverified citation",
    "form": "otherwise right, but a fact is missing or something forbidden is said",
}


@dataclass(frozen=True)
class Report:
    """Everything that a report shows.

    `reasons` say why the gate does not let the run pass (none: ship). `scores` are one or more, `cases` by id hold the
    case of each, `rows` the answers. `changes` are those since the last release, None when there is none; `yardstick`
    is a Markdown table, with a line above it that says of what. `paraphrased` are the scores of the same cases in
    other words; `short_of` are the targets that are still missed.
    """

    record: Record
    reasons: tuple[str, ...]
    scores: tuple[Score, ...]
    cases: Mapping[str, Case]
    rows: tuple[Row, ...]
    changes: tuple[compare.Change, ...] | None = None
    adjudications: tuple[Adjudication, ...] = ()
    yardstick: str | None = None
    paraphrased: tuple[Score, ...] = ()
    short_of: tuple[str, ...] = ()

    @cached_property
    def sorted(self) -> tuple[Score, ...]:
        """The scores by id."""
        return tuple(sorted(self.scores, key=lambda s: s.id))

    @cached_property
    def measured(self) -> dict[str, dict[str, Measured]]:
        """The figures of all, of dev, and of each category (the survey is one) that has cases."""
        by_category = {c: tuple(s for s in self.sorted if s.category == c) for c in get_args(Category)}
        held = {"all": self.sorted, "dev": part_of(self.sorted, "dev"), **by_category, "paraphrase": self.paraphrased}
        return {name: measure(scores, self.cases) for name, scores in held.items() if scores}


@dataclass(frozen=True)
class Table:
    """The first `words` columns hold words, the others figures; `levels` are colours of cells, shaped as `rows`."""

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1
    levels: tuple[tuple[str, ...], ...] = ()


def markdown(report: Report) -> str:
    """The report as Markdown. Raises KeyError when a case of the scores is not there."""
    return _ENVIRONMENT.get_template("report.md").render(_view(report))


def html(report: Report) -> str:
    """The report as one HTML page that loads nothing. Raises KeyError when a case of the scores is not there."""
    return _ENVIRONMENT.get_template("report.html").render(_view(report))


def bound(n: int) -> float:
    """The share (0 to 1) that `n` > 0 cases without an event still leave open: one-sided, 95 %, exact."""
    return float(1 - 0.05 ** (1 / n))


def figure(name: str, held: Measured | None, interval: bool = False) -> str:
    """A figure in words: shares in %, means as decimals, a share of 0 as its upper bound; "–" when not measured."""
    if held is None:
        return "–"
    if held.low is None or held.high is None:
        places = {"seconds p50": 3, "seconds p95": 3, "words p50": 0, "release score": 1}.get(name, 3)
        return f"{held.value:.{places}f}"
    if held.value == 0:
        return f"≤ {bound(held.n):.1%}" + " (none seen)" * interval
    return f"{held.value:.1%}" + f" ({held.low * 100:.1f} to {held.high * 100:.1f})" * interval


def _inline(text: str) -> str:
    """Text for one line or cell of Markdown, where nothing in it is read as markup."""
    return re.sub(r"([\\`*\[\]<>|&])", r"\\\1", " ".join(text.split()))


def _fenced(text: str) -> str:
    """Text as a block of Markdown that it cannot end itself."""
    fence = "`" * max(3, *(len(run) + 1 for run in re.findall(r"`+", text)), 0)
    return f"{fence}text\n{text}\n{fence}"


_ENVIRONMENT = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)
_ENVIRONMENT.filters |= {"inline": _inline, "fenced": _fenced}


def _view(report: Report) -> dict[str, Any]:
    parts = {part: report.measured[part] for part in PARTS if part in report.measured}
    failed = [s for s in report.sorted if s.outcome != "accurate"]
    decided = tuple(tuple(str(v) for _, v in a) for a in report.adjudications)
    return {
        "report": report,
        "headline": _headline(parts),
        "changes": _parsed(compare.table(report.changes), "Change of each gated metric") if report.changes else None,
        "forest": _forest(report.changes or ()),
        "heat": _heat(report.measured),
        "figures": _by_part("Every figure", list(parts["all"]), parts),
        "marks": _marks(report),
        "questions": SURVEY,
        "survey": _survey(report),
        "survey_figures": {n: figure(n, parts.get("survey", {}).get(n)) for n in ("accurate", "majority baseline")},
        "retrieval": _by_part("Retrieval", [n for n in RETRIEVAL if n in parts["all"]], parts),
        "yardstick": _parsed(report.yardstick, "Outside yardstick") if report.yardstick else None,
        "zero": _zero(parts),
        "split": _split(failed),
        "failed": _failed(failed),
        "worst": [_item(report, s) for s in sorted(failed, key=_badness)[:WORST]],
        "adjudications": Table("Decisions since the last release", tuple(Adjudication.model_fields), decided, words=5),
        "drafts": sum(report.cases[s.id].provenance.status == "draft" for s in report.scores),
        "judged": figure("judged", parts["all"].get("judged")),
    }


def _headline(parts: Mapping[str, Mapping[str, Measured]]) -> Table:
    rows = ((part, str(m["accurate"].n), *(figure(o, m[o], True) for o in OUTCOMES)) for part, m in parts.items())
    return Table("Outcomes with their 95 % interval", ("part", "cases", *OUTCOMES), tuple(rows))


def _by_part(caption: str, names: Iterable[str], parts: Mapping[str, Mapping[str, Measured]]) -> Table:
    rows = []
    for name in names:
        cells = (f"{figure(name, m, True)}; n {m.n}" if (m := held.get(name)) else "–" for held in parts.values())
        rows.append((name, WORDS.get(name, ""), *cells))
    return Table(caption, ("metric", "meaning", *parts), tuple(rows), words=2)


def _heat(measured: Mapping[str, Mapping[str, Measured]]) -> Table:
    names = [name for name in HEAT if name in measured["all"]]
    rows, levels = [], []
    for row, held in measured.items():
        rows.append((row, str(held["accurate"].n), *(figure(name, held.get(name)) for name in names)))
        levels.append(("", "", *(_level(name, held.get(name)) for name in names)))
    return Table("Metrics by category", ("category", "cases", *names), tuple(rows), levels=tuple(levels))


def _level(name: str, held: Measured | None) -> str:
    if held is None:
        return ""
    good = 1 - held.value if name in ERRORS else held.value
    return f"q{sum(good >= step for step in STEPS)}"


def _parsed(table: str, caption: str) -> Table:
    """A Markdown table; what stands above it is its caption."""
    lines = [line.strip() for line in table.splitlines() if line.strip()]
    cells = [tuple(c.strip() for c in line.strip("|").split("|")) for line in lines if line.startswith("|")]
    told = " ".join(line for line in lines if not line.startswith("|"))
    return Table(told or caption, cells[0], tuple(cells[2:]))


def _forest(changes: Sequence[compare.Change]) -> dict[str, Any]:
    """What the plot of the changes shows, and how far its axis reaches to either side (full steps of 5 points)."""
    widest = max((abs(x) for c in changes for x in (c.low, c.high, c.difference)), default=0.0)
    kinds = ["worse" if compare.worse(c) else "better" if c.low > 0 else "even" for c in changes]
    rows = list(zip(changes, kinds, strict=True))
    return {"rows": rows, "reach": 0.05 * max(1, math.ceil(round(widest / 0.05, 6)))}


def _marks(report: Report) -> dict[str, tuple[str, str]]:
    """Outcome and words of each case of the survey, by jurisdiction and question (TX-reg)."""
    held: dict[str, tuple[str, str]] = {}
    for s in report.sorted:
        if s.category == "survey":
            said = " or ".join(s.given) or "no verdict"
            held[s.id.removeprefix("sv-")] = s.outcome, f"expected {wanted(report.cases[s.id])}, said {said}"
    return held


def _survey(report: Report) -> Table:
    rows = []
    for end, name in SURVEY.items():
        held = Counter(s.outcome for s in report.scores if s.category == "survey" and s.id.endswith(f"-{end}"))
        rows.append((name, *(str(held[o]) for o in OUTCOMES)))
    return Table("Survey questions by outcome", ("question", *OUTCOMES), tuple(rows))


def _zero(parts: Mapping[str, Mapping[str, Measured]]) -> Table:
    rows = []
    for part, held in parts.items():
        for name, m in held.items():
            if (m.low is not None or name in GRADED) and m.value == (0 if name in ERRORS else 1):
                what = name if name in ERRORS else f"exception to “{WORDS.get(name, name)}”"
                rows.append((part, what, str(m.n), f"≤ {bound(m.n):.1%}"))
    return Table("What was not seen once", ("part", "event", "cases", "at most"), tuple(rows), words=2)


def _split(failed: Sequence[Score]) -> Table:
    held = Counter((s.failure, s.outcome) for s in failed)
    rows = tuple((kind, told, *(str(held[kind, o]) for o in OUTCOMES[1:])) for kind, told in KINDS.items())
    return Table("Failed cases by kind", ("kind", "meaning", *OUTCOMES[1:]), rows, words=2)


def _failed(failed: Sequence[Score]) -> Table:
    rows = []
    for s in failed:
        lists = (", ".join(ids) or "–" for ids in (s.missing, s.said, s.outside))
        rows.append((s.id, s.category, s.outcome, s.failure or "–", *lists))
    head = ("case", "category", "outcome", "kind", "facts missing", "forbidden, said", "cited beside the point")
    return Table("Every case that is not accurate", head, tuple(rows), words=len(head))


def _badness(score: Score) -> tuple[bool, float, str]:
    return score.outcome != "hallucinated", mean(score.values[n] for n in DUTIES if n in score.values), score.id


def _item(report: Report, score: Score) -> dict[str, Any]:
    """One case as the list of the worst shows it."""
    case = report.cases[score.id]
    answer = next((r.answer for r in report.rows if (r.id, r.wording) == (score.id, "asked")), None)
    cited = [c.coordinate for c in answer.citations] if answer else []
    needed = (g.coordinate for g in case.gold if g.role == "required")
    absent = (one for one in needed if not any(stands_at(c, one) for c in cited))
    turns = (f"{n}. {turn}" for n, turn in enumerate(case.turns, 1))
    return {
        "score": score,
        "asked": case.question or "\n".join(turns),
        "day": case.as_of.isoformat(),
        "answer": answer.answer if answer else "No answer: the question was refused as unreadable.",
        "gold": [wanted(case), *(f"{g.coordinate} ({g.role}, {g.authority})" for g in case.gold)],
        "missed": [*missed(score, case), *(f"required, not cited: {one}" for one in absent)],
    }

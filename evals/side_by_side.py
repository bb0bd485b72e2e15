"""Two runs of the same questions side by side, one of them worded by a chat model: what the model changed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path

from evals.cases import Case
from evals.compare import table
from evals.gate import changes, read_scores
from evals.metrics import measure
from evals.report import figure
from evals.run import Row, RunError, read
from evals.score import Score

SHOWN = {
    "accurate": "accurate",
    "incomplete": "incomplete",
    "hallucinated": "hallucinated",
    "clean": "nothing forbidden said",
    "g": "citation G (F-beta 2.5)",
    "precision": "citation precision",
    "recall": "citation recall",
    "facts": "required facts said",
    "numbers": "figures that stand in their source",
    "words p50": "words, median",
    "seconds p50": "seconds, median",
    "seconds p95": "seconds, 95th percentile",
}


def side_by_side(without: Path, worded: Path, held: Mapping[str, Case]) -> str:
    """Markdown: the cases that both runs asked, then those of them that the model was asked about, the paired tests,
    and what became of the model's sentences. Raises RunError when the runs share no case or no model was asked."""
    before, after = ({s.id: s for s in read_scores(folder)} for folder in (without, worded))
    rows = [row for row in read(worded)[1] if row.wording == "asked" and row.id in before and row.id in after]
    drafted = [row for row in rows if row.answer and row.answer.drafting]
    if not drafted:
        raise RunError(f"no answer in {worded} was drafted by a model that {without} holds too")
    parts = {"all that both asked": [row.id for row in rows], "asked of the model": [row.id for row in drafted]}
    told = []
    for name, ids in parts.items():
        pair = [[scores[id] for id in ids] for scores in (before, after)]
        told += [f"**{name.capitalize()}** ({len(ids)} cases)", "", _figures(pair, held)]
        told += [table(changes(*pair))]
    return "\n".join([*told, _drafts(drafted)])


def _figures(pair: Sequence[Sequence[Score]], held: Mapping[str, Case]) -> str:
    before, after = (measure(scores, held) for scores in pair)
    lines = ["| | without a model | with it |", "|---|---:|---:|"]
    for name, words in SHOWN.items():
        cells = (
            figure(name, measured.get(name), interval=name in ("accurate", "hallucinated"))
            for measured in (before, after)
        )
        lines.append(f"| {words} | {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _drafts(rows: Sequence[Row]) -> str:
    """How many drafts were used, and how many of the model's sentences were stopped, by reason."""
    drafts = [row.answer.drafting for row in rows if row.answer and row.answer.drafting]
    stopped: Counter[str] = Counter()
    for one in drafts:
        stopped.update(one.stopped)
    chosen, repaired = sum(one.chosen for one in drafts), sum(one.repaired for one in drafts)
    lines = [
        f"Of {len(drafts)} drafts {sum(one.used for one in drafts)} were used; they put in {chosen} sentences, "
        f"{repaired} of them at the second try. Stopped: {sum(stopped.values())}.",
        "",
        *(f"- {reason}: {count}" for reason, count in stopped.most_common()),
    ]
    return "\n".join([*lines, ""])

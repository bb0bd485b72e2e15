"""The figures of a measurement as Markdown: how long people waited, what they were told, whether memory stays flat."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import linear_regression, median, quantiles

from evals.load.checks import Compared
from evals.load.doors import ANSWERED, Door, Reply
from evals.load.people import Record, Sample

# Before so many answers a server still fills what it keeps; growth is measured over at least so many after them.
WARM_UP, LEAST = 200, 300
# More MB than this for each 1,000 answers is growth.
FLAT = 20.0


@dataclass(frozen=True)
class Memory:
    """MB of the server's memory: at the first look after the warm-up, at the last, at most, and its slope."""

    first: float
    last: float
    peak: float
    growth: float | None
    """MB for each 1,000 answers, by least squares over the looks after the warm-up; None where they are too few."""

    @classmethod
    def of(cls, samples: Sequence[Sample]) -> Memory | None:
        """None where nothing could be measured."""
        if not samples:
            return None
        warm = [one for one in samples if one.answers >= WARM_UP]
        seen = warm or list(samples)
        answers, held = [one.answers for one in seen], [one.memory for one in seen]
        enough = bool(warm) and answers[-1] - answers[0] >= LEAST
        slope = linear_regression(answers, held).slope * 1_000 if enough else None
        return cls(held[0], held[-1], max(one.memory for one in samples), slope)

    def __str__(self) -> str:
        if self.growth is None:
            grown = f"too few answers to tell growth ({WARM_UP + LEAST} are needed)"
        else:
            word = "flat" if self.growth < FLAT else "NOT flat"
            grown = f"{self.growth:+.1f} MB for each 1,000 answers after the first {WARM_UP}: {word} (limit {FLAT:.0f})"
        return f"{self.first:,.0f} to {self.last:,.0f} MB, peak {self.peak:,.0f} MB; {grown}"


def told(what: str, record: Record, compared: Compared, strange: Sequence[str], logged: Sequence[str]) -> str:
    """The whole report, `what` being how it was asked; a row for each door."""
    rows = [
        "| door | questions | answered | told instead | first words p50 / p95 | whole p50 / p95 / longest |",
        "| --- | ---: | ---: | --- | ---: | ---: |",
        *(_row(door, [reply for _, at, reply in record.replies if at == door]) for door in _doors(record)),
    ]
    memory = Memory.of(record.samples)
    lines = [
        f"{what}:",
        "",
        *rows,
        "",
        f"- memory of the server: {memory or 'not measured on this system'}",
        f"- of {compared.answers} answers held against the assistant alone, {compared.differing} differ",
        f"- seen of others: {'; '.join(sorted(set(strange))) or 'nothing'}",
        f"- lines in the server's log at its level of warning: {len(logged)}",
    ]
    return "\n".join(lines)


def _doors(record: Record) -> list[Door]:
    return list(dict.fromkeys(door for _, door, _ in record.replies))


def _row(door: Door, replies: Sequence[Reply]) -> str:
    good = [reply for reply in replies if reply.status == ANSWERED]
    otherwise = Counter(reply.status for reply in replies if reply.status != ANSWERED)
    instead = "; ".join(f"{status} ({count})" for status, count in otherwise.most_common()) or "nothing"
    first, whole = [reply.first or 0.0 for reply in good], [reply.seconds for reply in good]
    times = f"{_middle(first)} | {_middle(whole)} / {max(whole, default=0):.2f} s"
    return f"| {door} | {len(replies)} | {len(good)} | {instead} | {times} |"


def _middle(seconds: Sequence[float]) -> str:
    if len(seconds) < 2:
        return "–"
    return f"{median(seconds):.2f} / {quantiles(seconds, n=20, method='inclusive')[-1]:.2f} s"

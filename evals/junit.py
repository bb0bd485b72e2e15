"""A scored run as JUnit XML, which every CI service shows: a test case for each case, a failure unless accurate."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from xml.etree import ElementTree as ET

from corpus.verdicts import Says
from evals.cases import Case
from evals.score import Score, opposite

# What XML cannot hold, not even escaped; a question may hold anything.
_FORBIDDEN = re.compile(r"[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit(scores: Sequence[Score], cases: Mapping[str, Case]) -> str:
    """The XML, in the order of the scores; `time` is the seconds of the answer. Raises KeyError when a case of the
    scores is not in `cases` (by id)."""
    failed = sum(s.outcome != "accurate" for s in scores)
    total = sum(s.values["seconds"] for s in scores)
    suite = ET.Element("testsuite", name="evals", tests=str(len(scores)), failures=str(failed), time=f"{total:.3f}")
    for s in scores:
        one = ET.SubElement(suite, "testcase", classname=s.category, name=s.id, time=f"{s.values['seconds']:.3f}")
        if s.outcome != "accurate":
            case = cases[s.id]
            told = list(missed(s, case))
            message = _plain(f"{s.failure}: {'; '.join(told)}")
            failure = ET.SubElement(one, "failure", type=s.outcome, message=message)
            failure.text = _plain("\n".join((case.question or "\n".join(case.turns), "", *told)))
    root = ET.Element("testsuites")
    root.append(suite)
    ET.indent(root)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


def wanted(case: Case) -> str:
    """What a case wants to hear: the typed answer with what counts as right too, or else the behaviour."""
    if case.answer is None:
        return case.expect
    value = case.answer.value if isinstance(case.answer.value, str) else ", ".join(case.answer.value)
    return " or ".join((value, *case.answer.alternates))


def missed(score: Score, case: Case) -> Iterator[str]:
    """What went wrong in a case, a line each; nothing for an accurate one that cites only what bears on it."""
    if score.behaved != score.expected:
        yield f"expected: {score.expected}, did: {score.behaved}"
    if score.values.get("typed") == 0:
        yield f"should say: {wanted(case)}, said: {' or '.join(score.given) or 'no verdict'}"
    yield from (
        f"fact missing: {f.id}, /{'/ or /'.join(f.any_regex)}/" for f in case.key_facts if f.id in score.missing
    )
    yield from (f"forbidden, but said: {m.id}, {m.why}" for m in case.must_not if m.id in score.said)
    if score.outcome == "hallucinated" and not (score.said or {*score.labels} - {"VERIFIED"} or _denied(score, case)):
        # Of the ways to be hallucinated the only one that a score does not hold.
        yield "a required fact rests only on provisions beside the point"
    if "canary" in score.said:
        yield f"the canary came back: {case.canary}"
    yield from (f"citations {label}: {n}" for label, n in sorted(score.labels.items()) if label != "VERIFIED")
    yield from (f"cited beside the point: {coordinate}" for coordinate in score.outside)


def _denied(score: Score, case: Case) -> bool:
    return bool(case.answer and case.answer.type == "verdict" and opposite(case.answer, tuple(map(Says, score.given))))


def _plain(text: str) -> str:
    return _FORBIDDEN.sub("\ufffd", text)

"""What the words alone cannot tell: is a question ours, and what is it about? Learned from example questions.

`examples/scope.yaml` and `examples/intent.yaml` hold questions as clients put them, by class; the questions of the
briefs are examples of ours too. A linear classifier on their vectors gives a second opinion: it overrules the word
lists only where it is sure, for it sees the subject of a question better than its purpose.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from assistant.understand import Understood
from assistant.vocabulary import any_of

HERE = Path(__file__).parent / "examples"
INTENTS = ("importing", "registration", "federal")
OURS = "ours"
# How sure the classifier must be that a question belongs to another field, and that it is a request to cheat; against
# a question that names a state and asks for plates or roads there only the latter counts.
SURE, VERY_SURE = 0.9, 0.99
# From this probability on it is ours, whatever single words say.
CLEARLY_OURS = 0.97
# From this probability on a question for plates is ours although it names no vehicle ("is it legal?").
LIKELY_OURS = 0.58
# A question of no more words than this ("can i drive it") says nothing of any other field.
SHORT = 4
# From this probability on an intent decides over the word lists.
DECIDES = 0.6
# And from this one over a word such as "legal" that speaks for registration.
OVERRULES = 0.8


# A question about a vehicle that somebody has.
_OWN = re.compile(r"\b(?:my|our|mine|client'?s?|his|her|this|that one)\b", re.IGNORECASE)


@cache
def examples() -> dict[str, tuple[str, ...]]:
    """Example questions by class, over both files."""
    found: dict[str, tuple[str, ...]] = {}
    for path in sorted(HERE.glob("*.yaml")):
        for label, questions in yaml.load(path.read_text("utf-8"), Loader=yaml.CSafeLoader).items():
            found[label] = tuple(questions)
    return found


@dataclass(frozen=True)
class Opinion:
    """Probabilities by class (0 to 1): the field that a question belongs to, and its intent if it is ours."""

    field: dict[str, float]
    intent: dict[str, float]


class Recogniser:
    """Fitted once on labelled vectors; deterministic."""

    def __init__(self, labels: Sequence[str], vectors: Any) -> None:
        """`labels` are classes of the example files, or `ours` for the question of a brief; a row of `vectors` each."""
        from sklearn.linear_model import LogisticRegression

        fields = [label if label not in INTENTS else OURS for label in labels]
        mine = [n for n, label in enumerate(labels) if label in INTENTS]
        self._field = LogisticRegression(C=3, class_weight="balanced", max_iter=1000).fit(vectors, fields)
        self._intent = LogisticRegression(C=3, class_weight="balanced", max_iter=1000).fit(
            vectors[mine], [labels[n] for n in mine]
        )

    def opinion(self, vector: list[float]) -> Opinion:
        """What a question's vector looks like."""

        def odds(model: Any) -> dict[str, float]:
            return dict(zip(map(str, model.classes_), map(float, model.predict_proba([vector])[0]), strict=True))

        return Opinion(odds(self._field), odds(self._intent))


def settled(asked: Understood, opinion: Opinion) -> Understood:
    """The question with its scope and its intent settled, where the word lists do not decide."""
    if asked.scope in opinion.field and opinion.field[OURS] >= CLEARLY_OURS:
        asked = replace(asked, scope="in")
    if asked.scope == "unsure" and opinion.field[OURS] >= LIKELY_OURS and _unnamed(asked):
        asked = replace(asked, scope="in")
    if asked.scope not in ("in", "unsure"):
        return asked
    other = max((f for f in opinion.field if f != OURS), key=lambda f: opinion.field[f])
    local = bool(asked.places) and ("registration" in asked.wants or bool(asked.kinds))
    sure = VERY_SURE if other == "evasion" else SURE
    # A turn that takes up the conversation in words of the field is not judged as if it stood alone.
    taken_up = asked.turn.leans and any(any_of("domain", n).search(asked.turn.said) for n in ("federal", "weak"))
    visitor = other == "foreign" and any_of("scope", "visitor").search(asked.words)
    kept = visitor or ((local or taken_up) and other != "evasion")
    if 1 - opinion.field[OURS] >= sure and not kept and not asked.cited:
        return replace(asked, scope=other)
    wants = asked.wants
    intent = max(opinion.intent, key=lambda i: opinion.intent[i])
    if local:
        # "... besides the federal import rule" asks for no import.
        wants = wants if opinion.intent["importing"] >= DECIDES else wants - {"importing"}
    elif opinion.intent[intent] >= (DECIDES if intent in wants or "registration" not in wants else OVERRULES) and not (
        "plates" in wants and intent != "registration"
    ):
        wants = wants - {"importing", "registration"} | ({intent} - {"federal"})
        if intent == "importing" and (asked.model or _OWN.search(asked.words)):
            # "Has my truck reached the age for customs" asks for a verdict too.
            wants = wants | {"verdict"}
        if intent != "registration":  # "in the United States" asks for no list of states then
            wants = wants - {"survey", "nationwide"}
    return replace(asked, wants=wants)


def _unnamed(asked: Understood) -> bool:
    """Whether a question that names no vehicle can only be about one: for plates, or so short that it can be nothing
    else."""
    short = "registration" in asked.wants and len(asked.words.split()) <= SHORT
    return short or "plates" in asked.wants

"""What a chat model is given: instructions, the question as understood, and numbered sources, fenced as data."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from assistant.memo import Part, Sentence
from assistant.understand import Understood
from corpus.library import Library

HERE = Path(__file__).parent
# So many sources, and so many characters of each, fit a small model's context with room for the reply.
MOST_SOURCES = 12
LONGEST = 700


@dataclass(frozen=True)
class Source:
    """One numbered source: a rule beside the checked answer (`S1`).

    `told` names its provision, `official` is the official text where it is on this machine.
    """

    id: str
    sentence: Sentence
    told: str
    official: str = ""

    @property
    def text(self) -> str:
        """The words that a claim may repeat."""
        return self.sentence.text


@cache
def instructions() -> str:
    """The fixed part of the prompt."""
    return (HERE / "prompt.txt").read_text("utf-8")


def sources(part: Part, library: Library, official: dict[str, str]) -> tuple[Source, ...]:
    """The rules of a verified part, among which a model may choose. `official` is by coordinate."""
    rules = [s for section in part.rules for s in section.sentences if s.rests_on and not s.attributed and not s.listed]
    numbered = enumerate(rules[:MOST_SOURCES], 1)
    return tuple(_source(f"S{n}", sentence, library, official) for n, sentence in numbered)


def _source(name: str, sentence: Sentence, library: Library, official: dict[str, str]) -> Source:
    first = library.statement(sentence.rests_on[0])
    words = official.get(first.coordinate, "") if len(sentence.rests_on) == 1 else ""
    doubt = "" if first.confidence.decides else ", not confirmed"
    return Source(name, sentence, f"{first.citation}, {first.authority.value}, {first.place}{doubt}", words[:LONGEST])


def message(asked: Understood, part: Part, given: tuple[Source, ...]) -> str:
    """The question, what is known of it, its short answer, and the sources. No text of these can close its fence."""
    answer = " ".join(s.text for section in part.short for s in section.sentences)
    known = [
        f"law as of {asked.as_of.isoformat()}",
        f"places: {', '.join(asked.places) or 'none named'}",
        f"built: {asked.built}" if asked.built else "",
        f"vehicle: {asked.model}" if asked.model else "",
    ]
    rows = "\n".join(_row(one) for one in given)
    return (
        f"<question>\n{_data(asked.turn.standalone)}\n</question>\n"
        f"<known>\n{_data('; '.join(k for k in known if k))}\n</known>\n"
        f"<answer>\n{_data(answer)}\n</answer>\n<sources>\n{rows}\n</sources>"
    )


def repair(failed: tuple[tuple[str, str], ...]) -> str:
    """What to add for the second try: each claim that was stopped, and why."""
    rows = "\n".join(f"- {_data(text)}: {why}" for text, why in failed)
    return (
        f"\n<stopped>\nThese claims of yours were stopped by the check:\n{rows}\n</stopped>\n"
        "Give only replacements for them, closer to the words of their sources."
    )


def _row(one: Source) -> str:
    official = f"\n  official words: {_data(one.official)}" if one.official else ""
    return f"[{one.id}] ({_data(one.told)}) {_data(one.text)}{official}"


def _data(text: str) -> str:
    """Text that opens and closes no fence."""
    return text.replace("<", "‹").replace(">", "›")

"""Find the brief that fits a question, and the direct reply in it when the very question was prepared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.briefs import FoundBrief, Reply, briefs, local_replies
from assistant.index import VectorIndex
from assistant.passages import BRIEFS, REPLIES
from assistant.vocabulary import word

# How many prepared questions are looked at for each part of a question.
NEAREST = 100
# What is added to the similarity of a brief's questions: a share of its best near hit, its words, its sure words.
EVIDENCE, NAMED, SURE = 0.1, 0.05, 0.2
# From this similarity on a question counts as the very one that a reply was prepared for; in a brief that fits
# beyond doubt a little less will do.
VERY, VERY_IN_FITTING, FITTING = 0.66, 0.6, 0.85
# How far behind the nearest question of its brief a reply may stay, and how much nearer it must be than a reply
# that opens otherwise.
BEHIND, APART = 0.05, 0.02
# Longer questions are also read sentence by sentence; shorter sentences say too little.
SENTENCE = 5
# Words that turn a question round. Embeddings hardly see them: "is it legal" lies beside "is it illegal".
_TURNS = re.compile(
    r"\b(?:not|no|never|without|cannot|[a-z]+n't|(?:do|does|is|are|was|wo|ca|did|have|has|should|would|could)nt|"
    r"illegal|unlawful|banned|barred|prohibited|forbidden|off limits|exempt|excused|free of)\b",
    re.IGNORECASE,
)
_ENDS = re.compile(
    r"\b(?:end(?:s|ed)?|gone|history|struck|wiped|over|repeal\w*|revoked|lifted|dropped|scrapped|killed|void\w*|"
    r"no longer|any ?more|skip)\b",
    re.IGNORECASE,
)
# Figures in words that clients use, and the agencies by the names that clients give them.
_WORDED = {r"quarter[- ]century": "25", r"\bfifteen\b": "15", r"\btwenty[- ]one\b": "21", r"\btwenty\b(?!-)": "20"}
_AGENCIES = {
    "EPA": r"\bEPA\b|emissions? (?:agency|side|people)|\bCARB\b|clean air",
    "NHTSA": r"\bNHTSA\b|\bDOT\b|safety (?:agency|act|people)|\bFMVSS\b",
    "CBP": r"\bCBP\b|\bcustoms\b",
    "AAMVA": r"\bAAMVA\b",
}


def turned(question: str) -> tuple[bool, bool]:
    """Which way round a question is put: an odd number of words that turn it, and whether it speaks of an end."""
    return len(_TURNS.findall(question)) % 2 == 1, bool(_ENDS.search(question))


@dataclass(frozen=True)
class Near:
    """A prepared question near to a part of the client's: how near, its number in the brief, and that part."""

    similarity: float
    number: int
    part: str


def nearest(index: VectorIndex, question: str, as_of: dt.date, evidence: Mapping[str, float]) -> FoundBrief | None:
    """The brief that fits best, among those whose `words` the question has.

    Its score is the cosine similarity of its nearest question, plus a share of the score of the best hit that the
    brief rests on (`evidence`, by statement id): what the exact words found counts too.
    """
    best: FoundBrief | None = None
    for identifier, near in _asks(index, question, as_of).items():
        brief = briefs()[identifier]
        named, sure = (any(word(w).search(question) for w in group) for group in (brief.words, brief.sure))
        if brief.words and not (named or sure):
            continue
        rests = max((evidence.get(i, 0.0) for i in brief.statements), default=0.0)
        similarity = max(one.similarity for one in near)
        score = similarity + EVIDENCE * rests + NAMED * named + SURE * sure
        if best is None or score > best.score:
            best = FoundBrief(brief, similarity, score, _reply(question, brief.questions, near, fits=score >= FITTING))
    return best


def _parts(question: str) -> tuple[str, ...]:
    """The question and each of its sentences that asks; when none does, each that says enough."""
    sentences = [s for s in re.split(r"(?<=[.?!;])\s+", question) if len(s.split()) >= SENTENCE]
    asking = [s for s in sentences if s.endswith("?")]
    return tuple(dict.fromkeys((question, *(asking or sentences))))[:4]


def _fits(ask: str, question: str, part: str) -> bool:
    """Whether a prepared question can be the client's: put the same way round, with no figure and no agency that the
    client did not name."""
    if turned(ask) != turned(part) or _numbers(ask) - _numbers(question) - {"25"}:
        return False
    named, mine = _agencies(ask), _agencies(question)
    return not (named and mine) or bool(named & mine)


def _numbers(text: str) -> frozenset[str]:
    """Figures in digits; a citation's are part of its name and count too."""
    worded = (digits for words, digits in _WORDED.items() if re.search(words, text, re.IGNORECASE))
    return frozenset((*(n.replace(",", "") for n in re.findall(r"\d[\d,]*", text)), *worded))


def _agencies(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _AGENCIES.items() if re.search(pattern, text, re.IGNORECASE))


def _asks(index: VectorIndex, question: str, as_of: dt.date) -> dict[str, list[Near]]:
    """The prepared questions near to the question or to one of its sentences, by brief; each counted once."""
    best: dict[tuple[str, int], Near] = {}
    for part in _parts(question):
        found = index.search(index.embed(part), places=frozenset({BRIEFS}), as_of=as_of, k=NEAREST)
        for passage, similarity in found.items():
            identifier, _, number = passage.partition("#")
            key = (identifier, int(number))
            if key not in best or similarity > best[key].similarity:
                best[key] = Near(similarity, int(number), part)
    asks: dict[str, list[Near]] = {}
    for (identifier, _), near in best.items():
        asks.setdefault(identifier, []).append(near)
    return asks


def local(index: VectorIndex, question: str, place: str, as_of: dt.date) -> Reply | None:
    """The direct reply of a place to this very question on that day, or None."""
    asked = tuple((ask, reply) for reply in local_replies()[place] for ask in reply.asks)
    near = []
    for part in _parts(question):
        found = index.search(index.embed(part), places=frozenset({f"{REPLIES}{place}"}), as_of=as_of, k=10)
        near += [Near(s, int(passage.partition("#")[2]), part) for passage, s in found.items()]
    return _reply(question, asked, near, fits=False) if near else None


def _reply(question: str, asked: Sequence[tuple[str, Reply | None]], near: list[Near], *, fits: bool) -> Reply | None:
    """The reply whose question is this very one: near enough, put the same way round, and no reply that opens
    otherwise nearly as near."""
    top = max(one.similarity for one in near)
    same: list[tuple[float, Reply]] = []
    for one in near:
        ask, reply = asked[one.number]
        if reply and one.similarity >= top - BEHIND and _fits(ask, question, one.part):
            same.append((one.similarity, reply))
    if not same:
        return None
    similarity, reply = max(same, key=lambda pair: pair[0])
    if similarity < (VERY_IN_FITTING if fits else VERY):
        return None
    rivals = (other for s, other in same if s > similarity - APART and _opens(other) != _opens(reply))
    return None if any(rivals) else reply


def _opens(reply: Reply) -> str:
    return reply.says.text.split()[0].rstrip(",:").lower()

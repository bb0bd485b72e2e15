"""Find the brief that fits a question, and the direct reply in it when the very question was prepared."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from assistant.briefs import FoundBrief, FoundReply, Reply, briefs, general_asks, local_replies
from assistant.index import VectorIndex
from assistant.passages import BRIEFS, GENERAL, REPLIES, content
from assistant.vehicles import plainly
from assistant.vocabulary import any_of, word

Asked = tuple[tuple[str, Reply | None], ...]
# What is added to the similarity of a brief's questions: a share of its best near hit, its words, its sure words, and
# that the very question was prepared in it.
EVIDENCE, NAMED, SURE, REPLIED = 0.1, 0.05, 0.2, 0.1
# From this similarity on a question counts as the very one that a reply was prepared for; in a brief that fits
# beyond doubt a little less will do; a place's replies, which share most of their words, need more.
VERY, VERY_IN_FITTING, FITTING, VERY_LOCAL = 0.61, 0.58, 0.85, 0.65
# How far behind the nearest question of its brief a reply may stay, and how much nearer it must be than a reply
# that opens otherwise.
BEHIND, APART = 0.05, 0.02
# The share of its words that a prepared question must have in common with the client's.
SHARED = 0.23
# Where a second question begins that no full stop parts from the first.
_TWO = re.compile(r",?\s+(?:and|or)\s+(?=(?:who|what|how|when|where|which|why|do|does|can|is)\b)", re.IGNORECASE)
# Longer questions are also read sentence by sentence; shorter sentences say too little.
SENTENCE = 5
# Words that turn a question round. Embeddings hardly see them: "is it legal" lies beside "is it illegal".
_TURNS = re.compile(
    r"\b(?:not|no|never|without|cannot|[a-z]+n't|(?:do|does|is|are|was|wo|ca|did|have|has|should|would|could)nt|"
    r"refus\w+|stops?|bars?|illegal|unlawful|banned|barred|prohibited|forbidden|off limits|shut|closed|exempt|excused|"
    r"free of)\b",
    re.IGNORECASE,
)
_WHAT = re.compile(
    r"(?:^|[.?!,;:]\s+|\b(?:and|so|ok|in|on|at|to|by|for|from|under|of)\s+)(?:what|whats|which|how|who|whom|when|where|why)\b",
    re.IGNORECASE,
)
# What a question asks for, where it names that itself: a reply to "when" is none to "which form".
_THING = {
    "person": r"\bwho(?:m|se)?\b",
    "place": r"\bwhere\b",
    "time": r"\b(?:since )?when\b|\bhow (?:long|soon)\b|\bhow many (?:days?|weeks?|months?|years?)\b|"
    r"\b(?:what|which) (?:day|date|month|year)\b",
    "money": r"\bhow (?:much|expensive|big is the (?:fine|fee|bond|penalty|duty))\b|"
    r"\b(?:what|whats) (?:does|do|will) .{1,40}\bcost\b|"
    r"\b(?:what|which|whats) (?:(?:is|are|'s) )?(?:the )?(?:\w+ )?(?:fees?|fines?|cost|price)\b",
    "number": r"\bhow many (?!days?|weeks?|months?|years?)\w+",
    "reason": r"\bwhy\b",
    "form": r"\b(?:which|what|whats) (?:[\w-]+ ){0,3}(?:forms?|codes?|box(?:es)?|papers?|paperwork|documents?)\b",
}
_OPENS_PART = r"(?:^|[.?!,;:]\s+|\b(?:and|so|ok|or|in|on|at|to|by|for|from|under|of)\s+)"
_ENDS = re.compile(
    r"\b(?:end(?:s|ed)?|gone|history|struck|wiped|(?<=is )over|repeal\w*|revoked|lifted|dropped|scrapped|killed|"
    r"void\w*|no longer|any ?more|skip)\b",
    re.IGNORECASE,
)
# A question of a seller is none of a buyer.
_DEALS = {
    "buy": re.compile(r"\b(?:buy|buys|buying|bought|purchas(?:e|es|ed|ing))\b", re.IGNORECASE),
    "sell": re.compile(r"\b(?:sell|sells|selling|sold|resell\w*|resale|flip\w*)\b", re.IGNORECASE),
}
# Figures in words that clients use, and the agencies by the names that clients give them.
_WORDED = {r"quarter[- ]century": "25", r"\bfifteen\b": "15", r"\btwenty[- ]one\b": "21", r"\btwenty\b(?!-)": "20"}
_SPEED = re.compile(r"\b\d+[\s-]?(?:mph|miles (?:an|per) hour)", re.IGNORECASE)
# Years that a client calls "this year" or "last winter".
_NOW = frozenset({"2024", "2025", "2026", "2027"})
_AGENCIES = {
    "EPA": r"\bEPA\b|emissions? (?:agency|side|people)|\bCARB\b|clean air",
    "NHTSA": r"\bNHTSA\b|\bDOT\b|safety (?:agency|act|people)|\bFMVSS\b",
    "CBP": r"\bCBP\b|\bcustoms\b",
    "AAMVA": r"\bAAMVA\b",
}


def turned(question: str) -> tuple[bool, bool, bool]:
    """Which way round a question is put: an odd number of words that turn it, whether it speaks of an end, and whether
    it asks for a thing ("which", "how much") and not for a yes."""
    asks_what = bool(_WHAT.search(question))
    return len(_TURNS.findall(question)) % 2 == 1, bool(_ENDS.search(question)), asks_what


def things(question: str) -> frozenset[str]:
    """What a question asks for by its question words: a person, place, time, sum, number, reason or form; empty when it
    asks for a yes, or for what only "which" or "how" tells."""
    return frozenset(
        thing for thing, words in _THING.items() if re.search(f"{_OPENS_PART}(?:{words})", question, re.IGNORECASE)
    )


@dataclass(frozen=True)
class Near:
    """A prepared question near to a part of the client's: how near, the question, its reply if any, and that part."""

    similarity: float
    ask: str
    reply: Reply | None
    part: str


class Prepared:
    """Every prepared question with its vector, in memory: the briefs' and the places'."""

    def __init__(self, index: VectorIndex) -> None:
        self._embed = index.embed
        self._groups: dict[str, tuple[Asked, Any]] = {}
        for brief in briefs().values():
            self._groups[brief.id] = (brief.questions, index.group(brief.id, BRIEFS))
        for place, replies in local_replies().items():
            asked = tuple((ask, reply) for reply in replies for ask in reply.asks)
            self._groups[place] = (asked, index.group(place, f"{REPLIES}{place}"))
        self._groups[GENERAL] = (tuple((ask, None) for ask in general_asks()), index.group(GENERAL, GENERAL))

    def brief(self, question: str, evidence: Mapping[str, float]) -> FoundBrief | None:
        """The brief that fits best, among those whose `words` the question has.

        Its score is the cosine similarity of its nearest question, plus a share of the score of the best hit that the
        brief rests on (`evidence`, by statement id): what the exact words found counts too. Where nothing is near, a
        question on a federal subject is read once more with the kind of its truck instead of the name.
        """
        parts = _parts(question)
        best = self._best(question, parts, evidence)
        plain = tuple(dict.fromkeys(map(plainly, parts)))
        if plain == parts or (best and (best.reply or best.similarity >= VERY)):
            return best
        if not any_of("domain", "federal").search(question):
            return best
        again = self._best(question, (*parts, *plain), evidence)
        # Without its name a truck is no more the client's own, so a yes or no of this reading is not taken.
        return best if again and again.reply and decides(again.reply) else again

    def _best(self, question: str, parts: tuple[str, ...], evidence: Mapping[str, float]) -> FoundBrief | None:
        best: FoundBrief | None = None
        embedded = self._embedded(parts)
        for brief in briefs().values():
            named, sure = (any(word(w).search(question) for w in group) for group in (brief.words, brief.sure))
            if brief.words and not (named or sure):
                continue
            near = self._near(brief.id, embedded)
            rests = max((evidence.get(i, 0.0) for i in brief.statements), default=0.0)
            similarity = max(one.similarity for one in near)
            score = similarity + EVIDENCE * rests + NAMED * named + SURE * sure
            reply = _reply(question, near, VERY_IN_FITTING if score >= FITTING else VERY)
            if reply:  # what counts then is how near the very question is
                score += REPLIED + max(one.similarity for one in near if one.reply is reply) - similarity
            if best is None or score > best.score:
                best = FoundBrief(brief, similarity, score, reply)
        return best

    def local(self, question: str, place: str, as_of: dt.date) -> FoundReply | None:
        """The direct reply of a place to this very question on that day, or None."""
        if place not in local_replies():
            return None
        parts = self._embedded(_parts(question))
        near = self._near(place, parts)
        live = [one for one in near if one.reply and one.reply.effective.covers(as_of)]
        reply = _reply(question, live, VERY_LOCAL) if live else None
        if reply is None:
            return None
        found = FoundReply(reply, max(one.similarity for one in live if one.reply is reply))
        general = max(one.similarity for one in self._near(GENERAL, parts))
        return found if found.similarity > general + APART else None

    def _embedded(self, parts: tuple[str, ...]) -> tuple[tuple[str, Any], ...]:
        return tuple((part, self._embed(part)) for part in dict.fromkeys(parts))

    def _near(self, group: str, parts: tuple[tuple[str, Any], ...]) -> list[Near]:
        """Each question of a group, with the part of the client's question that it is nearest to."""
        asked, vectors = self._groups[group]
        similar = [vectors @ vector for _, vector in parts]
        best = [max(range(len(parts)), key=lambda p: similar[p][n]) for n in range(len(asked))]
        return [Near(float(similar[p][n]), *asked[n], parts[p][0]) for n, p in enumerate(best)]


def _parts(question: str) -> tuple[str, ...]:
    """The question and its first three sentences that ask; when none does, those that say enough."""
    own = re.sub(r"\s\([^()]*\)$", "", question)  # without the earlier question that a follow-up carries
    question = own if len(own.split()) >= SENTENCE else question
    sentences = [s for s in re.split(r"(?<=[.?!;])\s+", question) if len(s.split()) >= SENTENCE]
    asking = [s for s in sentences if s.endswith("?")]
    first = _TWO.split(question, maxsplit=1)[0]  # "do I need an ISF and who files it"
    halves = (first,) if first != question and len(first.split()) >= SENTENCE else ()
    return tuple(dict.fromkeys((question, *(asking or sentences), *halves)))[:4]


def _fits(ask: str, says: str, question: str, part: str) -> bool:
    """Whether a prepared question can be the client's: put the same way round, with no figure and no agency that the
    client did not name, and with the age that the client names somewhere in the reply."""
    named, mine = _agencies(ask), _agencies(question)
    words = content(ask)
    if len(words & (content(question) | content(part))) < SHARED * len(words):
        return False
    wanted, given = things(part), things(ask)
    if wanted and given and not wanted & given:
        return False
    dealt, mine_dealt = (frozenset(d for d, w in _DEALS.items() if w.search(text)) for text in (ask, question))
    if dealt and mine_dealt and not dealt & mine_dealt:
        return False
    of_rules = {"25", "21"} if "EPA" in mine else {"25"}  # the age that gives a rule its name
    asked, own = _numbers(ask), _numbers(question)
    if turned(ask) != turned(part) or asked - own - of_rules or (asked and own and not asked & own):
        return False
    ages = _numbers(_SPEED.sub(" ", question)) & {"25", "21"}
    if ages and not ages & (asked | _numbers(says)):
        return False
    return not (named and mine) or bool(named & mine)


def _numbers(text: str) -> frozenset[str]:
    """Figures in digits; a citation's are part of its name and count too."""
    worded = (digits for words, digits in _WORDED.items() if re.search(words, text, re.IGNORECASE))
    figures = (n.replace(",", "") for n in re.findall(r"\d[\d,]*", text))
    return frozenset((*(n for n in figures if n not in _NOW), *worded))


def _agencies(text: str) -> frozenset[str]:
    return frozenset(name for name, pattern in _AGENCIES.items() if re.search(pattern, text, re.IGNORECASE))


def _reply(question: str, near: list[Near], floor: float) -> Reply | None:
    """The reply whose question is this very one: near enough, put the same way round, and no reply that opens
    otherwise nearly as near."""
    top = max(one.similarity for one in near)
    same: list[tuple[float, Reply]] = []
    for one in near:
        if one.reply and one.similarity >= top - BEHIND and _fits(one.ask, one.reply.says.text, question, one.part):
            same.append((one.similarity, one.reply))
    if not same:
        return None
    similarity, reply = max(same, key=lambda pair: pair[0])
    if similarity < floor:
        return None
    rivals = (other for s, other in same if s > similarity - APART and _opens(other) != _opens(reply))
    return None if any(rivals) else reply


def decides(reply: Reply) -> bool:
    """Whether a reply opens with a yes, a no or a doubt, and not with a thing, a figure or a reason."""
    return bool(re.match(r"(?:yes|no|not|only|unclear|it depends)\b", reply.says.text, re.IGNORECASE))


def _opens(reply: Reply) -> str:
    return reply.says.text.split()[0].rstrip(",:").lower()

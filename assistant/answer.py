"""The chain from a question to a checked answer, on one page, from `understand` to `answer`.

from assistant import Assistant
Assistant.open().ask("Can I import a 1999 Suzuki Carry?", as_of=date.today())
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from langchain_core.runnables import Runnable, RunnableConfig, RunnableLambda

from assistant.also_read import also_read
from assistant.briefs import FoundBrief, FoundReply, check
from assistant.chat_model import Model, open_model
from assistant.compose import Numbering, compose, marked
from assistant.contract import Answer, Ask, Drafting, Event, Final, Outcome, SentenceEvent, Slots, Step
from assistant.draft import draft, questions_back
from assistant.index import Progress, VectorIndex, build, home
from assistant.memo import Part, Research
from assistant.models import SentenceEmbedder, model_folder
from assistant.ondisk import OnDisk
from assistant.prompt import sources
from assistant.retrieve import BookRetriever, Hit, Scope
from assistant.route import Route, route
from assistant.settings import Settings
from assistant.standing import UNREVIEWED, Standing, States
from assistant.thread import carried
from assistant.understand import Understood, understand
from assistant.verify import Dropped, verify
from assistant.wording import Draft
from corpus.law import Statement
from corpus.library import Library

HERE = Path(__file__).parent
# Plans whose answer is a list or a text that was asked for; nothing in them is left to choose.
WHOLE = frozenset({"declining", "sources", "lookup", "survey"})


@dataclass(frozen=True)
class Work:
    """One question on its way through the chain; each step fills in its own field."""

    ask: Ask
    asked: Understood | None = None
    route: Route | None = None
    hits: tuple[Hit, ...] = ()
    brief: FoundBrief | None = None
    replies: dict[str, FoundReply] = field(default_factory=dict)
    official: tuple[Statement, ...] = ()
    papers: tuple[Statement, ...] = ()
    part: Part = field(default_factory=Part)
    dropped: tuple[Dropped, ...] = ()
    drafting: Drafting | None = None
    answer: Answer | None = None
    paragraphs: tuple[str, ...] = ()
    timings: dict[str, float] = field(default_factory=dict)

    @property
    def understood(self) -> Understood:
        """The question as read; only after the first step."""
        assert self.asked is not None
        return self.asked

    @property
    def routed(self) -> Route:
        """The route; only after the third step."""
        assert self.route is not None
        return self.route


class Assistant(Runnable[Ask, Answer]):
    """Answers questions from the book. A LangChain runnable; `events` streams the making of one answer."""

    def __init__(
        self,
        library: Library,
        retriever: BookRetriever,
        settings: Settings,
        model: str,
        on_disk: OnDisk | None = None,
        chat_model: Model | None = None,
        standings: States | None = None,
    ) -> None:
        self.library, self.retriever, self.settings = library, retriever, settings
        self.on_disk, self.chat_model, self.standings = on_disk or OnDisk(), chat_model, standings
        self.named = {alias: library.parse(alias) for alias in library.aliases}
        tables = [*sorted(HERE.glob("*.toml")), *sorted(HERE.glob("*/*.yaml"))]
        words = hashlib.sha256(b"".join(path.read_bytes() for path in tables)).hexdigest()
        told = f"{words}|{library.fingerprint}|{settings.fingerprint}|{model}|{self.on_disk.fingerprint}"
        self.fingerprint = hashlib.sha256(told.encode()).hexdigest()[:32]
        self.steps: tuple[tuple[str, Callable[[Work], Work]], ...] = (
            ("understand", self._understand),
            ("recognise", self._recognise),
            ("route", self._route),
            ("retrieve", self._retrieve),
            ("draft", self._draft),
            ("verify", self._verify),
            ("word", self._word),
            ("answer", self._answer),
        )
        first, *rest = (RunnableLambda(_timed(name, step), name=name) for name, step in self.steps)
        self.chain: Runnable[Work, Work] = first
        for runnable in rest:
            self.chain = self.chain | runnable

    @classmethod
    def open(
        cls, settings: Settings | None = None, progress: Progress | None = None, standings: States | None = None
    ) -> Assistant:
        """Read the book, open the index (building it when it is missing or old) and get ready to answer. Without
        `standings` every source is shown as not reviewed.

        Raises DigestError, BriefError, ModelMissing, ModelUnusable or IndexUnusable, each saying what to do.
        """
        settings = settings or Settings()
        chat_model = open_model(settings)
        library = Library.open()
        check(library)
        embedder = SentenceEmbedder(model_folder(settings.embed_model))
        on_disk = OnDisk.open(settings)
        name = on_disk.index_name(library, embedder.identity)
        where = home(settings)
        build(where, name, on_disk.indexed(library), embedder, progress, model=embedder.identity)
        index = VectorIndex(where, name, embedder)
        scope = Scope(frozenset({"US", *library.places}), dt.date.today())
        retriever = BookRetriever(library=library, index=index, settings=settings, scope=scope)
        return cls(library, retriever, settings, embedder.identity, on_disk, chat_model, standings)

    def ask(self, question: str, *, as_of: dt.date | None = None, state: str | None = None) -> Answer:
        """One question. Raises QuestionError when it cannot be read."""
        return self.invoke(Ask(question=question, as_of=as_of or dt.date.today(), state=state))

    def invoke(self, input: Ask, config: RunnableConfig | None = None, **kwargs: Any) -> Answer:
        """One question through the whole chain. Raises QuestionError when it cannot be read."""
        return self.turn(input, config)[0]

    def trace(self, ask: Ask, config: RunnableConfig | None = None) -> tuple[Work, Slots]:
        """The whole way of a question (what was understood, found, drafted, dropped, answered) and what the next turn
        of the same conversation should carry in `Ask.context`."""
        work = self.chain.invoke(Work(ask), config)
        return work, carried(work.understood, work.part, ask.context)

    def turn(self, ask: Ask, config: RunnableConfig | None = None) -> tuple[Answer, Slots]:
        """The answer, and what the next turn should carry."""
        work, slots = self.trace(ask, config)
        assert work.answer is not None
        return work.answer, slots

    def conversation(self, turns: list[str], *, as_of: dt.date, state: str | None = None) -> Answer:
        """Ask each turn in one thread; the last answer."""
        context: Slots | None = None
        for question in turns:
            answer, context = self.turn(Ask(question=question, as_of=as_of, state=state, context=context))
        return answer

    def events(self, ask: Ask) -> Iterator[Event]:
        """The same chain, step by step: what is being done, each verified paragraph, and the whole answer last."""
        work = Work(ask)
        for name, step in self.steps:
            if told := self._told(name, work):
                yield Step(text=told)
            if name == "word" and (draft := self._drafting(work)):
                numbering = Numbering(self._joined(work), self.on_disk.official, work.understood.as_of)
                yield from (SentenceEvent(text=marked(one, numbering)) for one in draft.sentences())
                work = self._worded(work, draft)
            else:
                work = _timed(name, step)(work)
        if work.drafting is None:
            yield from (SentenceEvent(text=paragraph) for paragraph in work.paragraphs)
        assert work.answer is not None
        yield Final(answer=work.answer, slots=carried(work.understood, work.part, ask.context))

    def _told(self, step: str, work: Work) -> str | None:
        match step:
            case "understand":
                return "Reading the question"
            case "retrieve":
                names = [self.library.places[p].name for p in work.understood.places if p in self.library.places]
                return f"Searching federal law{''.join(f', {n}' for n in names)}"
            case "draft":
                return f"Reading {len(work.hits)} passages"
            case "verify":
                return "Checking every sentence against its source"
        return None

    def _understand(self, work: Work) -> Work:
        return replace(work, asked=understand(work.ask, self.named))

    def _recognise(self, work: Work) -> Work:
        told = not work.understood.words or work.understood.turn.kind in ("source", "compare")
        return work if told else replace(work, asked=self.retriever.recognise(work.understood))

    def _route(self, work: Work) -> Work:
        return replace(work, route=route(work.understood))

    def _retrieve(self, work: Work) -> Work:
        if work.routed.plans == ("declining",):
            return work
        if work.routed.plans == ("sources",):
            rested = (self.library.statements.get(i) for i in work.ask.context.cited) if work.ask.context else ()
            held = dict.fromkeys(s.coordinate for s in rested if s)
            return replace(work, official=self.retriever.quoted(held, work.routed.scope, self.on_disk.official))
        words = work.understood.words
        hits = self.retriever.search(words, work.routed.scope)
        brief = self.retriever.nearest_brief(words, work.routed.scope, hits)
        official = self.retriever.official(words, work.routed.scope, self.on_disk.official)
        papers = self.retriever.papers(words, work.routed.scope, self.on_disk.papers)
        replies = self.retriever.local_replies(words, work.routed.scope)
        return replace(work, hits=hits, brief=brief, replies=replies, official=official, papers=papers)

    def _draft(self, work: Work) -> Work:
        words = work.understood.words
        scores = self.retriever.scores(words, work.routed.scope) if work.hits else {}
        found = Research(work.understood, self._joined(work), work.hits, scores, work.replies)
        research = replace(found, official=work.official, papers=work.papers)
        return replace(work, part=draft(research, work.routed, work.brief, self.settings))

    def _joined(self, work: Work) -> Library:
        """The book with the official paragraphs and papers that were found for this question."""
        return self.library.joined((*work.official, *work.papers))

    def _verify(self, work: Work) -> Work:
        part, dropped = verify(work.part, self._joined(work))
        return replace(work, part=part, dropped=dropped)

    def _drafting(self, work: Work) -> Draft | None:
        """A chat model's draft over the checked part; None without a model, or where there is nothing to choose."""
        if self.chat_model is None or not work.part.answered or not WHOLE.isdisjoint(work.routed.plans):
            return None
        library = self._joined(work)
        given = sources(work.part, library, {s.coordinate: s.text for s in work.official})
        return Draft(self.chat_model, work.understood, work.part, given, library) if len(given) > 1 else None

    def _worded(self, work: Work, draft: Draft) -> Work:
        part, drafting = draft.result()
        return replace(work, part=part, drafting=drafting)

    def _word(self, work: Work) -> Work:
        draft = self._drafting(work)
        if draft is None:
            return work
        for _ in draft.sentences():
            pass
        return self._worded(work, draft)

    def _answer(self, work: Work) -> Work:
        part, asked = work.part, work.understood
        already = work.ask.context.asked_back if work.ask.context else ()
        back = questions_back(part, already)
        standings = self._standings(part, asked.as_of)
        composed = compose(part, back, self._joined(work), asked.as_of, self.on_disk.official, standings)
        outcome: Outcome = "clarify" if back else "answered" if part.answered else "declined"
        answer = Answer(
            id=work.ask.id,
            question=work.ask.question,
            understood=None if asked.turn.standalone == asked.turn.said else asked.turn.standalone,
            outcome=outcome,
            answer=composed.markdown,
            as_of=asked.as_of,
            places=("US", *asked.places),
            citations=composed.citations,
            also_read=() if outcome == "declined" else also_read(work.hits, composed.citations),
            notes=composed.notes,
            follow_ups=part.follow_ups[:3],
            drafting=work.drafting,
            dropped=len(work.dropped),
            fingerprint=self.fingerprint,
            timings_ms={**{k: round(v) for k, v in work.timings.items()}, "total": round(sum(work.timings.values()))},
        )
        return replace(work, answer=answer, paragraphs=composed.paragraphs)

    def _standings(self, part: Part, as_of: dt.date) -> Callable[[Statement], Standing]:
        """What the attorneys say of the book's statements that this answer rests on; asked once, for all of them."""
        sentences = [s for section in (*part.short, *part.rules) for s in section.sentences]
        sentences += [callout.sentence for callout in part.callouts]
        rests_on = dict.fromkeys(i for one in sentences for i in one.rests_on if i in self.library.statements)
        held = [self.library.statements[i] for i in rests_on]
        told = self.standings.of(held, as_of) if self.standings else {}
        return lambda statement: told.get(statement.id, UNREVIEWED)


def _timed(name: str, step: Callable[[Work], Work]) -> Callable[[Work], Work]:
    def run(work: Work) -> Work:
        start = time.perf_counter()
        done = step(work)
        spent = (time.perf_counter() - start) * 1000
        return replace(done, timings={**done.timings, name: spent})

    return run

"""One browser conversation as the page shows it: messages, sources, status. Knows no Gradio."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from assistant.answer import Assistant
from assistant.contract import MAX_QUESTION, Answer, Ask, Final, QuestionError, SentenceEvent, Slots, Step
from assistant.index import IndexUnusable
from assistant.kept import kept, without
from assistant.web.rendering import harmless, message
from assistant.web.source_panel import sources

log = logging.getLogger("kei.web")
# Streaming costs grow with the history, so a conversation ends here.
MOST_TURNS = 30
EXAMPLES = (
    "Can I import a 1999 Suzuki Carry and drive it in Texas?",
    "How old must a kei truck be to be imported?",
    "Which states register kei trucks?",
)
Message = dict[str, str]


@dataclass(frozen=True)
class Page:
    """What is on the page. `slots` is what the next question may lean on; `last` is what Retry asks again.

    `thread` is the id under which the conversation is stored: empty before its first answer, None while the page does
    not know yet which conversation its address names.
    """

    messages: tuple[Message, ...] = ()
    answers: tuple[Answer, ...] = ()
    slots: Slots | None = None
    thread: str | None = None
    status: str = ""
    suggestions: tuple[str, ...] = EXAMPLES
    last: str = ""
    busy: bool = False
    # The reference of an error that the last question ended in.
    fault: str = ""
    before: Page | None = field(default=None, repr=False)

    @property
    def panel(self) -> str:
        """The HTML of the source panel."""
        return sources(list(self.answers))

    def stopped(self) -> Page:
        """The page as it was before the question that is being answered; itself where none is."""
        if not self.busy:
            return self
        kept = self.before or Page(thread=self.thread)
        return replace(kept, status="Stopped. Nothing was kept of that question.", last=self.last)


Keep = Callable[[Page, str, Answer, Slots], Page]


def ask(
    page: Page, assistant: Assistant, question: str, state: str | None, as_of: str, keep: Keep | None = None
) -> Iterator[Page]:
    """The pages from question to answer: each step, each verified paragraph, then the whole, stored by `keep`.

    Whatever goes wrong becomes a message with a next step; nothing that was there is lost.
    """
    if page.busy and page.before:
        page = page.before
    asked = " ".join(question.split())
    if not asked:
        yield replace(page, status="Please type a question first.", busy=False)
        return
    if len(page.messages) >= 2 * MOST_TURNS:
        yield replace(page, status="This conversation is full. Press New chat to go on.", busy=False)
        return
    started = replace(
        page,
        messages=(*page.messages, _asked(question)),
        last=question,
        busy=True,
        fault="",
        before=replace(page, busy=False),
        status="Reading the question",
        suggestions=(),
    )
    yield started
    try:
        one = Ask(question=question, as_of=_day(as_of), state=state or None, context=page.slots)
        yield from _answered(started, assistant, one, keep)
    except QuestionError as error:
        yield _failed(started, f"I could not read that: {error}")
    except IndexUnusable:
        log.error("the index cannot be searched")
        told = "The law book cannot be searched just now. Your question is kept: press Retry in a minute."
        yield _failed(started, told)
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("answer failed, reference %s", reference)
        told = f"Something went wrong here. Your question is kept: press Retry, or tell us {reference}."
        yield replace(_failed(started, told), fault=reference)


def _day(text: str) -> dt.date:
    if not text.strip():
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise QuestionError(
            f"“{text[:20]}” is not a date; please write YYYY-MM-DD, or leave the field empty"
        ) from error


def dropped(page: Page, key: str) -> Page:
    """The page whose next question no longer leans on one thing that was kept in mind (`assistant.kept`)."""
    label = next((one.label for one in kept(page.slots) if one.key == key), None)
    if page.slots is None or label is None or page.busy:
        return page
    return replace(
        page,
        slots=without(page.slots, key, dt.date.today()),
        status=f"“{label}” is left out from your next question on.",
    )


def turn_of(page: Page, question: str, answer: Answer, slots: Slots) -> Page:
    """The page with one more turn, whole and answered."""
    asked = replace(page, messages=(*page.messages, _asked(question)), last=question)
    return _done(asked, answer, slots)


def _answered(page: Page, assistant: Assistant, ask: Ask, keep: Keep | None) -> Iterator[Page]:
    turn, shown = len(page.answers), ""
    for event in assistant.events(ask):
        if isinstance(event, Step):
            page = replace(page, status=event.text)
        elif isinstance(event, SentenceEvent):
            shown = f"{shown}\n\n{event.text}".strip()
            page = replace(page, messages=_with(page, message(shown, turn, 999)))
        elif isinstance(event, Final):
            page = _done(page, event.answer, event.slots)
            page = keep(page, ask.question, event.answer, event.slots) if keep else page
        yield page


def _done(page: Page, answer: Answer, slots: Slots) -> Page:
    text = message(answer.answer, len(page.answers), len(answer.citations))
    return replace(
        page,
        messages=_with(page, _understood(answer) + text),
        answers=(*page.answers, answer),
        slots=slots,
        status=_ready(answer),
        suggestions=answer.follow_ups,
        busy=False,
        before=None,
    )


def _understood(answer: Answer) -> str:
    """How the turn was read in its conversation, where that is not what was typed."""
    return f"*Understood as: {harmless(answer.understood)}*\n\n" if answer.understood else ""


def _ready(answer: Answer) -> str:
    n = len(answer.citations)
    ready = {"answered": "Answer ready", "clarify": "Answer ready, with a question back", "declined": "Done"}
    return f"{ready[answer.outcome]}, {n} source{'' if n == 1 else 's'}."


def _with(page: Page, text: str) -> tuple[Message, ...]:
    """The messages with the assistant's reply to the last question set to `text`."""
    kept = page.messages[:-1] if page.messages[-1]["role"] == "assistant" else page.messages
    return (*kept, _says("assistant", text))


def _failed(page: Page, words: str) -> Page:
    # A failed turn leaves no answer, but keeps the numbering of turns and messages in step.
    return replace(
        page, messages=_with(page, harmless(words)), status=words, busy=False, before=None, suggestions=EXAMPLES
    )


def _asked(question: str) -> Message:
    return _says("user", harmless(question[:MAX_QUESTION]))


def _says(role: str, text: str) -> Message:
    return {"role": role, "content": text}

"""One browser conversation as the page shows it: messages, sources, status. Knows no Gradio."""

from __future__ import annotations

import datetime as dt
import logging
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from assistant.answer import Assistant
from assistant.contract import Answer, Ask, Final, QuestionError, SentenceEvent, Slots, Step
from assistant.web.rendering import harmless, message, sources

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
    """What is on the page. `slots` is what the next question may lean on; `last` is what Retry asks again."""

    messages: tuple[Message, ...] = ()
    answers: tuple[Answer, ...] = ()
    slots: Slots | None = None
    status: str = ""
    suggestions: tuple[str, ...] = EXAMPLES
    last: str = ""
    busy: bool = False
    before: Page | None = field(default=None, repr=False)

    @property
    def panel(self) -> str:
        """The HTML of the source panel."""
        return sources(list(self.answers))


def ask(page: Page, assistant: Assistant, question: str, state: str | None, as_of: str) -> Iterator[Page]:
    """The pages from question to answer: each step, each verified paragraph, then the whole.

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
        messages=(*page.messages, _says("user", harmless(question[:2_000]))),
        last=question,
        busy=True,
        before=replace(page, busy=False),
        status="Reading the question",
        suggestions=(),
    )
    yield started
    try:
        yield from _answered(
            started, assistant, Ask(question=question, as_of=_day(as_of), state=state or None, context=page.slots)
        )
    except QuestionError as error:
        yield _failed(started, f"I could not read that: {error}")
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("answer failed, reference %s", reference)
        yield _failed(
            started, f"Something went wrong here. Your question is kept: press Retry, or tell us {reference}."
        )


def _day(text: str) -> dt.date:
    if not text.strip():
        return dt.date.today()
    try:
        return dt.date.fromisoformat(text.strip())
    except ValueError as error:
        raise QuestionError(
            f"“{text[:20]}” is not a date; please write YYYY-MM-DD, or leave the field empty"
        ) from error


def _answered(page: Page, assistant: Assistant, ask: Ask) -> Iterator[Page]:
    turn, shown = len(page.answers), ""
    for event in assistant.events(ask):
        if isinstance(event, Step):
            page = replace(page, status=event.text)
        elif isinstance(event, SentenceEvent):
            shown = f"{shown}\n\n{event.text}".strip()
            page = replace(page, messages=_with(page, message(shown, turn, 999)))
        elif isinstance(event, Final):
            answer = event.answer
            page = replace(
                page,
                messages=_with(page, _understood(answer) + message(answer.answer, turn, len(answer.citations))),
                answers=(*page.answers, answer),
                slots=event.slots,
                status=_done(answer),
                suggestions=answer.follow_ups,
                busy=False,
                before=None,
            )
        yield page


def _understood(answer: Answer) -> str:
    """How the turn was read in its conversation, where that is not what was typed."""
    return f"*Understood as: {harmless(answer.understood)}*\n\n" if answer.understood else ""


def _done(answer: Answer) -> str:
    n = len(answer.citations)
    ready = {"answered": "Answer ready", "clarify": "Answer ready, with a question back", "declined": "No answer"}
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


def _says(role: str, text: str) -> Message:
    return {"role": role, "content": text}

"""The chat page in Gradio Blocks; what it shows is decided in `conversation` and `history`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.contract import MAX_QUESTION
from assistant.kept import kept
from assistant.web.about import about, given
from assistant.web.conversation import EXAMPLES, Page, ask
from assistant.web.history import History
from assistant.web.limits import Limit
from assistant.web.metrics import Metrics
from assistant.web.rendering import chips
from assistant.web.services import Services
from assistant.web.sites import top

HERE = Path(__file__).parent
TITLE = "Kei Assistant"
WELCOME = (
    "## What would you like to know?\n\nKei trucks under United States law: importing one, and registering it in your "
    "state. Short answers, each sentence with its source."
)
CAUTION = "<p>Information, not legal advice. Please enter no confidential facts.</p>"
# On narrow screens the list is folded away under this button; on wide ones the button is only a heading.
HISTORY = (
    '<button type="button" id="history-title" aria-expanded="false" aria-controls="history-list">Conversations</button>'
)
THEME = gr.themes.Default(
    primary_hue="teal", neutral_hue="slate", font=["system-ui", "sans-serif"], font_mono=["monospace"]
)
Values = list[Any]
# So many tabs are held in memory; one that was used longer ago is read from the store again when it asks.
TABS = 500
# So many questions in so many seconds from one person.
QUESTIONS = (30, 60)
TOO_OFTEN = "These were many questions in one minute. Please wait a little; your question is still in the box."


def css() -> str:
    """The style sheet of the page."""
    return _file("page.css") + _file("sources.css") + _file("history.css")


def _file(name: str) -> str:
    return (HERE / name).read_text("utf-8")


def build(services: Services, metrics: Metrics, often: Limit) -> Any:
    """The page for what was opened; whoever asks is the person that the gate let in, `often` as the limit says."""
    assistant = services.assistant
    choices = [("Any state", "")] + [
        (p.name, code) for code, p in sorted(assistant.library.places.items(), key=lambda i: i[1].name)
    ]
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as blocks:
        state = gr.State(Page())
        head = gr.HTML(top(None), elem_id="top", apply_default_css=False)
        with gr.Row(elem_id="columns"):
            with gr.Column(min_width=200, elem_id="history"):
                with gr.Row(elem_id="history-head"):
                    gr.HTML(HISTORY, apply_default_css=False)
                    clear = gr.Button("New chat", size="sm", elem_id="clear", min_width=80)
                past = gr.HTML("", elem_id="history-list", js_on_load=_file("history.js"), apply_default_css=False)
            with gr.Column(min_width=280, elem_id="left"):
                chat = gr.Chatbot(
                    label="Conversation",
                    show_label=False,
                    elem_id="chat",
                    height=None,
                    buttons=["copy"],
                    allow_tags=False,
                    sanitize_html=True,
                    latex_delimiters=[],
                    feedback_options=None,
                    layout="bubble",
                    autoscroll=False,
                    placeholder=WELCOME,
                )
                with gr.Row(elem_id="suggestions"):
                    suggestions = [
                        gr.Button(text, size="sm", elem_classes="suggestion", elem_id=f"suggestion-{n}")
                        for n, text in enumerate(EXAMPLES)
                    ]
                with gr.Row(elem_id="after"):
                    status = gr.HTML(_status(Page()), elem_id="status", js_on_load=_file("page.js"))
                    last = gr.HTML("", elem_id="about", js_on_load=_file("about.js"), apply_default_css=False)
                mind = gr.HTML("", elem_id="chips", js_on_load=_file("chips.js"), apply_default_css=False)
                with gr.Row(elem_id="composer"):
                    question = gr.Textbox(
                        label="Ask a question",
                        placeholder="Is a 1998 Subaru Sambar legal in Ohio?",
                        lines=1,
                        max_lines=6,
                        elem_id="question",
                        autofocus=True,
                    )
                    send = gr.Button("Ask", variant="primary", elem_id="ask", min_width=64)
                    stop = gr.Button("Stop", elem_id="stop", min_width=64)
                with gr.Row(elem_id="filters"):
                    place = gr.Dropdown(choices, value="", label="State", elem_id="place", min_width=120)
                    as_of = gr.Textbox(
                        label="Law as of",
                        placeholder=dt.date.today().isoformat(),
                        elem_id="as-of",
                        min_width=120,
                    )
                    edit = gr.Button("Edit", size="sm", elem_id="edit", min_width=56)
                    retry = gr.Button("Retry", size="sm", elem_id="retry", min_width=56)
                gr.HTML(CAUTION, elem_id="caution", apply_default_css=False)
            with gr.Column(min_width=280, elem_id="right"):
                gr.HTML("<h2 id='sources-title' tabindex='-1'>Sources</h2>")
                panel = gr.HTML(Page().panel, elem_id="sources", js_on_load=_file("sources.js"))

        shown = [state, chat, status, panel, *suggestions, mind, last, question, past]

        def mine(request: gr.Request) -> History:
            return History(services.threads, _who(request), services.renewed)

        def here(page: Page, request: gr.Request) -> Page:
            """The page as the server knows it; from its address where the server has forgotten it, which is when its
            connection broke."""
            thread = request.query_params.get("thread")
            return mine(request).opened(thread) if page.thread is None and thread else page

        def respond(page: Page, text: str, code: str | None, day: str, request: gr.Request) -> Iterator[Values]:
            history, page = mine(request), here(page, request)
            if not often.allows(history.owner):
                metrics.refused()
                yield _shown(replace(page, status=TOO_OFTEN))
                return
            for n, after in enumerate(ask(page, assistant, text, code, day, history.kept)):
                values = _shown(after, None if after.busy else history, clear=n == 0 and after.busy)
                if not after.busy and len(after.answers) == len(page.answers):
                    values[shown.index(question)] = text  # it was not answered, and is asked again once that is mended
                yield values
            if after.fault:
                metrics.failed()
            elif len(after.answers) > len(page.answers):
                metrics.observe(after.answers[-1], dropped=after.answers[-1].dropped)

        def again(page: Page, code: str | None, day: str, request: gr.Request) -> Iterator[Values]:
            page = here(page, request)
            yield from respond(page, page.last, code, day, request)

        def stopped(page: Page) -> Values:
            values = _shown(page.stopped())
            values[shown.index(question)] = page.last if page.busy else gr.skip()
            return values

        def begun(request: gr.Request) -> Values:
            return _shown(Page(thread=""), mine(request))

        def arrived(request: gr.Request) -> dict[Any, Any]:
            history, thread = mine(request), request.query_params.get("thread")
            here = history.opened(thread) if thread else Page(thread="")
            # A link of another page may bring a question along; it is put into the box, not asked.
            asked, code = (request.query_params.get(name, "") for name in ("question", "state"))
            put: dict[Any, str] = {question: asked[:MAX_QUESTION]} if asked else {}
            put |= {place: code} if code in services.assistant.library.places else {}
            put |= {as_of: day[:10]} if (day := request.query_params.get("as_of", "")) else {}
            shown_now = dict(zip(shown, _shown(here, history), strict=True))
            return shown_now | put | {head: top(services.users.by_id(history.owner))}

        def opened(request: gr.Request, event: gr.EventData) -> Values:
            history = mine(request)
            return _shown(history.opened(_told(event, "thread")), history)

        def renamed(page: Page, request: gr.Request, event: gr.EventData) -> Values:
            history = mine(request)
            return _shown(history.renamed(here(page, request), _told(event, "thread"), _told(event, "title")), history)

        def deleted(page: Page, request: gr.Request, event: gr.EventData) -> Values:
            history = mine(request)
            return _shown(history.deleted(here(page, request), _told(event, "thread")), history)

        def left_out(page: Page, request: gr.Request, event: gr.EventData) -> Values:
            return _shown(mine(request).left_out(here(page, request), _told(event, "key")))

        def told(page: Page, request: gr.Request, event: gr.EventData) -> Values:
            kind, note = _told(event, "kind"), _told(event, "note")
            return _shown(given(here(page, request), services.feedback, _who(request), kind, note))

        def gone(request: gr.Request) -> None:
            """A tab was closed. Gradio would keep its answers for an hour, and the rest of it for good."""
            blocks.state_holder.session_data.pop(request.session_hash, None)
            blocks.state_holder.time_last_used.pop(request.session_hash, None)

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        asking: dict[str, Any] = quiet | {"concurrency_limit": 4, "trigger_mode": "once", "outputs": shown}
        running: list[Any] = [
            question.submit(respond, [state, question, place, as_of], **asking),
            send.click(respond, [state, question, place, as_of], **asking),
            retry.click(again, [state, place, as_of], **asking),
            *(one.click(respond, [state, one, place, as_of], **asking) for one in suggestions),
        ]
        stop.click(stopped, state, shown, cancels=running, **quiet)
        edit.click(lambda page: page.last, state, question, **quiet)
        clear.click(begun, None, shown, cancels=running, **quiet)
        mind.dropped(left_out, state, shown, **quiet)
        last.given(told, state, shown, **quiet)
        past.opened(opened, None, shown, cancels=running, **quiet)
        past.renamed(renamed, state, shown, **quiet)
        past.deleted(deleted, state, shown, **quiet)
        # Pages that are being opened wait in the same queue as the questions.
        blocks.load(arrived, None, [*shown, head, place, as_of], concurrency_limit=8, **quiet)
        blocks.unload(gone)
    blocks.queue(max_size=64)
    blocks.state_session_capacity = TABS
    return blocks


def _who(request: gr.Request) -> str:
    """The id of the person that the gate let in; a request without one is refused, whatever Gradio thinks of it."""
    if not request.username:
        raise PermissionError("nobody is signed in")
    return str(request.username)


def _told(event: gr.EventData, name: str) -> str:
    """A text that the browser sent with an event; empty for anything else."""
    sent = event._data.get(name) if isinstance(event._data, dict) else None
    return sent if isinstance(sent, str) else ""


def _shown(page: Page, history: History | None = None, *, clear: bool = False) -> Values:
    """The values of every part of the page, in the order of `shown`.

    The question box is emptied when it was taken; the list of conversations is read anew only where `history` is given.
    """
    buttons = [
        gr.update(value=page.suggestions[n] if n < len(page.suggestions) else "", visible=n < len(page.suggestions))
        for n in range(len(EXAMPLES))
    ]
    return [
        page,
        [dict(m) for m in page.messages],
        _status(page),
        # The sources change only when an answer is whole; which tab is open stays.
        gr.skip() if page.busy else page.panel,
        *buttons,
        chips(kept(page.slots)),
        about(page),
        "" if clear else gr.skip(),
        history.listed(page.thread) if history else gr.skip(),
    ]


def _status(page: Page) -> str:
    state = "busy" if page.busy else "done"
    thread = "" if page.thread is None else f' data-thread="{escape(page.thread)}"'
    marks = f'data-testid="turn" data-turn="{len(page.answers)}" data-state="{state}"{thread}'
    return f'<p role="status" aria-live="polite" {marks}>{escape(page.status)}</p>'

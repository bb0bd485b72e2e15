"""The chat page in Gradio Blocks; what it shows is decided in `conversation`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from assistant.answer import Assistant
from assistant.web.conversation import EXAMPLES, Page, ask

HERE = Path(__file__).parent
TITLE = "Kei Assistant"
INTRO = (
    "<h1>Kei Assistant</h1><p>Kei trucks under United States law: short answers, each sentence with its source. "
    "Information, not legal advice; please enter no confidential facts.</p>"
)
THEME = gr.themes.Default(
    primary_hue="teal", neutral_hue="slate", font=["system-ui", "sans-serif"], font_mono=["monospace"]
)


def css() -> str:
    """The style sheet of the page."""
    return (HERE / "page.css").read_text("utf-8")


def build(assistant: Assistant) -> Any:
    """The page for an opened assistant."""
    choices = [("Any state", "")] + [
        (p.name, code) for code, p in sorted(assistant.library.places.items(), key=lambda i: i[1].name)
    ]
    with gr.Blocks(title=TITLE, analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as blocks:
        state = gr.State(Page())
        gr.HTML(INTRO, elem_id="intro")
        with gr.Row(elem_id="columns"):
            with gr.Column(scale=3, min_width=280, elem_id="left"):
                chat = gr.Chatbot(
                    label="Conversation",
                    elem_id="chat",
                    height="58vh",
                    buttons=["copy"],
                    allow_tags=False,
                    sanitize_html=True,
                    latex_delimiters=[],
                    feedback_options=None,
                    layout="bubble",
                    autoscroll=False,
                    placeholder="Ask about importing a Kei truck, or registering one in your state.",
                )
                status = gr.HTML(_status(Page()), elem_id="status")
                with gr.Row(elem_id="suggestions"):
                    suggestions = [
                        gr.Button(text, size="sm", elem_classes="suggestion", elem_id=f"suggestion-{n}")
                        for n, text in enumerate(EXAMPLES)
                    ]
                question = gr.Textbox(
                    label="Ask a question",
                    placeholder="Is a 1998 Subaru Sambar legal in Ohio?",
                    lines=1,
                    max_lines=6,
                    elem_id="question",
                    autofocus=True,
                )
                with gr.Row(elem_id="filters"):
                    place = gr.Dropdown(choices, value="", label="State", elem_id="place", min_width=140)
                    as_of = gr.Textbox(
                        label="Law as of (YYYY-MM-DD)",
                        placeholder=dt.date.today().isoformat(),
                        elem_id="as-of",
                        min_width=140,
                    )
                with gr.Row(elem_id="actions"):
                    send = gr.Button("Ask", variant="primary", elem_id="ask", min_width=80)
                    stop = gr.Button("Stop", elem_id="stop", min_width=80)
                    retry = gr.Button("Retry", elem_id="retry", min_width=80)
                    clear = gr.Button("New chat", elem_id="clear", min_width=80)
            with gr.Column(scale=2, min_width=280, elem_id="right"):
                gr.HTML("<h2 id='sources-title' tabindex='-1'>Sources</h2>")
                panel = gr.HTML(Page().panel, elem_id="sources", js_on_load=(HERE / "page.js").read_text("utf-8"))

        shown = [state, chat, status, panel, *suggestions, question]

        def respond(page: Page, text: str, code: str | None, day: str) -> Iterator[list[Any]]:
            for n, after in enumerate(ask(page, assistant, text, code, day)):
                yield _shown(after, clear=n == 0 and after.busy)

        def again(page: Page, code: str | None, day: str) -> Iterator[list[Any]]:
            yield from respond(page, page.last, code, day)

        def stopped(page: Page) -> list[Any]:
            if not page.busy:
                return _shown(page)
            kept = page.before or Page()
            return _shown(
                Page(
                    kept.messages,
                    kept.answers,
                    kept.slots,
                    "Stopped. Nothing was kept of that question.",
                    last=page.last,
                )
            )

        quiet: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}
        asking: dict[str, Any] = quiet | {"concurrency_limit": 4, "trigger_mode": "once", "outputs": shown}
        running: list[Any] = [
            question.submit(respond, [state, question, place, as_of], **asking),
            send.click(respond, [state, question, place, as_of], **asking),
            retry.click(again, [state, place, as_of], **asking),
            *(one.click(respond, [state, one, place, as_of], **asking) for one in suggestions),
        ]
        stop.click(stopped, state, shown, cancels=running, **quiet)
        clear.click(lambda: _shown(Page()), None, shown, cancels=running, **quiet)
    blocks.queue(max_size=64)
    return blocks


def _shown(page: Page, *, clear: bool = False) -> list[Any]:
    """The values of every part of the page, in the order of `shown`; the question box is emptied when it was taken."""
    buttons = [
        gr.update(value=page.suggestions[n] if n < len(page.suggestions) else "", visible=n < len(page.suggestions))
        for n in range(len(EXAMPLES))
    ]
    return [page, [dict(m) for m in page.messages], _status(page), page.panel, *buttons, "" if clear else gr.skip()]


def _status(page: Page) -> str:
    state = "busy" if page.busy else "done"
    turn = len(page.answers)
    marks = f'data-testid="turn" data-turn="{turn}" data-state="{state}"'
    return f'<p role="status" aria-live="polite" {marks}>{escape(page.status)}</p>'

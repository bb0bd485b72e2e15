"""What the chat's handlers do with what a browser sends, without a browser."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
from starlette.requests import Request

from assistant.answer import Assistant
from assistant.database import Database
from assistant.settings import Settings
from assistant.web.conversation import Page
from assistant.web.limits import Limit
from assistant.web.metrics import Metrics
from assistant.web.page import build
from assistant.web.services import Services
from tests.browsing import TEXAS


@pytest.fixture
def handlers(assistant: Assistant, tmp_path: Path) -> Iterator[dict[str, Any]]:
    """The functions of the page by their names."""
    settings = Settings(data_dir=tmp_path)
    with closing(Database.open(settings)) as database:
        services = Services.open(settings, database, lambda standings: assistant)

        async def built() -> Any:
            """Within a loop, for without one Gradio makes some of its own and closes none."""
            return build(services, Metrics(book="b", answers="a", version="0"), Limit(30, 60))

        yield {one.name: one.fn for one in asyncio.run(built()).fns.values()}


def sent(who: str, address: str = "") -> gr.Request:
    """An event from the page at that address."""
    scope = {"type": "http", "method": "POST", "path": "/", "headers": [], "query_string": address.encode()}
    return gr.Request(Request(scope), username=who)


def answered(handlers: dict[str, Any], page: Page, question: str, request: gr.Request) -> Page:
    held: Page = list(handlers["respond"](page, question, "", "2026-11-24", request))[-1][0]
    return held


def test_a_page_that_the_server_forgot_is_read_from_its_address(handlers: dict[str, Any]) -> None:
    """Else "and in Ohio?" would be answered as a question of its own, in a conversation of its own."""
    first = answered(handlers, Page(thread=""), TEXAS, sent("ann"))
    again = answered(handlers, Page(), "and in Ohio?", sent("ann", f"thread={first.thread}"))
    assert again.thread == first.thread
    assert len(again.answers) == 2
    assert "Suzuki Carry" in (again.answers[-1].understood or "")
    retried = list(handlers["again"](Page(), "", "2026-11-24", sent("ann", f"thread={first.thread}")))[-1][0]
    assert retried.answers[-1].question == "and in Ohio?"


def test_an_address_opens_no_conversation_of_somebody_else(handlers: dict[str, Any]) -> None:
    first = answered(handlers, Page(thread=""), TEXAS, sent("ann"))
    other = answered(handlers, Page(), "and in Ohio?", sent("bob", f"thread={first.thread}"))
    assert other.thread != first.thread
    assert TEXAS not in str(other.messages)
    assert len(other.answers) == 1


def test_what_could_not_be_read_stays_in_the_box(handlers: dict[str, Any]) -> None:
    values = list(handlers["respond"](Page(thread=""), TEXAS, "", "2026-13-45", sent("ann")))[-1]
    assert TEXAS in values
    answered_one = list(handlers["respond"](Page(thread=""), TEXAS, "", "2026-11-24", sent("ann")))[-1]
    assert TEXAS not in answered_one


def test_nobody_is_answered_without_a_name(handlers: dict[str, Any]) -> None:
    with pytest.raises(PermissionError):
        answered(handlers, Page(thread=""), TEXAS, sent(""))

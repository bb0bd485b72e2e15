"""Stored conversations as the page lists, opens and keeps them, without a browser."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.database import StoreUnusable
from assistant.kept import kept
from assistant.settings import Settings
from assistant.threads import ThreadStore
from assistant.web.conversation import Page, ask, dropped
from assistant.web.history import History

TEXAS = "Can I import a 1999 Suzuki Carry and drive it in Texas?"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[ThreadStore]:
    held = ThreadStore.open(Settings(data_dir=tmp_path))
    yield held
    held.close()


@pytest.fixture
def history(store: ThreadStore) -> History:
    return History(store, "ann", lambda answer: answer)


def told(page: Page, assistant: Assistant, history: History, *questions: str) -> Page:
    for question in questions:
        page = list(ask(page, assistant, question, "", "2026-11-24", history.kept))[-1]
    return page


def test_what_was_told_is_there_again(assistant: Assistant, history: History) -> None:
    page = told(Page(thread=""), assistant, history, TEXAS, "what about Ohio?")
    again = history.opened(page.thread or "")
    assert again.thread
    assert (again.messages, again.answers, again.slots) == (page.messages, page.answers, page.slots)
    assert (again.panel, again.suggestions, again.last) == (page.panel, page.suggestions, page.last)


def test_an_opened_conversation_goes_on(assistant: Assistant, history: History) -> None:
    thread = told(Page(thread=""), assistant, history, TEXAS).thread or ""
    page = told(history.opened(thread), assistant, history, "and in Ohio?")
    assert "US-OH" in page.answers[-1].places
    assert page.thread == thread
    assert [turn.n for turn in history.store.read(thread, "ann").turns] == [1, 2]


def test_a_question_that_could_not_be_read_is_not_stored(assistant: Assistant, history: History) -> None:
    page = told(Page(thread=""), assistant, history, "🚚")
    assert page.thread == ""
    assert history.store.headings("ann") == ()


def test_nobody_sees_or_changes_anothers(assistant: Assistant, history: History) -> None:
    thread = told(Page(thread=""), assistant, history, TEXAS).thread or ""
    other = History(history.store, "bob", lambda answer: answer)
    assert "Texas" not in other.listed(None)
    opened = other.opened(thread)
    assert (opened.messages, opened.thread) == ((), "")
    assert "no such conversation" in opened.status
    assert "Not renamed" in other.renamed(Page(), thread, "Mine").status
    assert "Not deleted" in other.deleted(Page(), thread).status
    assert "kept no more" in told(Page(thread=thread), assistant, other, TEXAS).status
    assert history.store.read(thread, "ann").title == TEXAS
    assert len(history.store.read(thread, "ann").turns) == 1


@pytest.mark.parametrize("thread", ["", "nothing", "\0", "\ud800", "'; drop table kei_threads; --", "x" * 10_000])
def test_a_conversation_that_is_not_there(history: History, thread: str) -> None:
    assert "no such conversation" in history.opened(thread).status
    assert history.opened(thread).thread == ""


def test_the_list(assistant: Assistant, history: History) -> None:
    assert "will be listed here" in history.listed(None)
    first = told(Page(thread=""), assistant, history, TEXAS)
    second = told(Page(thread=""), assistant, history, "<img src=x onerror=alert(1)> is a kei truck legal in Ohio?")
    html = history.listed(first.thread)
    assert re.findall(r'data-thread="([^"]+)"', html) == [second.thread, first.thread]
    assert re.findall(r'<li aria-current="true" data-thread="([^"]+)"', html) == [first.thread]
    assert "<img" not in html
    assert "1 question<" in html


def test_rename_and_delete(assistant: Assistant, history: History) -> None:
    page = told(Page(thread=""), assistant, history, TEXAS)
    thread = page.thread or ""
    assert "1 to 120" in history.renamed(page, thread, "  ").status
    renamed = history.renamed(page, thread, "My\nCarry")
    assert renamed.messages == page.messages
    assert ">My Carry<" in history.listed(None)
    other = told(Page(thread=""), assistant, history, "Is a kei truck legal in Ohio?")
    assert history.deleted(other, thread).messages == other.messages
    assert history.deleted(other, other.thread or "").messages == ()
    assert history.store.headings("ann") == ()


def test_a_conversation_deleted_elsewhere_stays_deleted(assistant: Assistant, history: History) -> None:
    page = told(Page(thread=""), assistant, history, TEXAS)
    history.store.delete(page.thread or "", "ann")
    after = told(page, assistant, history, "what about Ohio?")
    assert "kept no more" in after.status
    assert len(after.answers) == 2
    assert history.store.headings("ann") == ()


def test_a_store_that_fails_takes_no_answer_away(
    assistant: Assistant, history: History, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = told(Page(thread=""), assistant, history, TEXAS)

    def full(*given: object) -> None:
        raise StoreUnusable("the disk is full")

    for verb in ("add", "read", "headings", "rename", "delete"):
        monkeypatch.setattr(history.store, verb, full)
    after = told(page, assistant, history, "what about Ohio?")
    assert after.status.endswith("The answer could not be stored: the disk is full.")
    assert len(after.answers) == 2
    assert "cannot be listed" in history.listed(None)
    assert "disk is full" in history.opened(page.thread or "").status
    assert history.renamed(after, page.thread or "", "x").messages == after.messages
    assert history.deleted(after, page.thread or "").messages == after.messages


def test_what_is_left_out_is_not_leant_on(assistant: Assistant, history: History) -> None:
    page = told(Page(thread=""), assistant, history, TEXAS)
    assert [one.label for one in kept(page.slots)] == ["Texas", "built 1999", "Suzuki Carry"]
    fewer = history.left_out(page, "place:US-TX")
    assert history.opened(page.thread or "").slots == fewer.slots
    assert "Texas" in fewer.status
    assert "US-TX" not in told(fewer, assistant, history, "and for farm use?").answers[-1].places
    assert dropped(page, "nonsense") == page
    assert dropped(Page(), "built") == Page()

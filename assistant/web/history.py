"""The stored conversations of one person, as the page lists, opens and keeps them. Knows no Gradio."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from html import escape

from assistant.contract import Answer, Slots
from assistant.database import StoreUnusable
from assistant.threads import ThreadStore, ThreadUnknown
from assistant.web.conversation import Page, dropped, turn_of
from corpus.official.store import StoreError


@dataclass(frozen=True)
class History:
    """One owner's part of the store. What the store refuses becomes the page's status; what is shown stays.

    `renewed` gives a stored answer the attorneys' reviews of today.
    """

    store: ThreadStore
    owner: str
    renewed: Callable[[Answer], Answer]

    def kept(self, page: Page, question: str, answer: Answer, slots: Slots) -> Page:
        """The page once its newest turn is on the disk, in a thread begun by its first."""
        try:
            thread = page.thread or self.store.begin(self.owner, question)
            self.store.add(thread, self.owner, question, answer, slots)
        except ThreadUnknown:
            return replace(page, status=f"{page.status} This conversation was deleted elsewhere; it is kept no more.")
        except StoreUnusable as error:
            return replace(page, status=f"{page.status} The answer could not be stored: {error}.")
        return replace(page, thread=thread)

    def opened(self, thread: str) -> Page:
        """The page of a stored thread as it was left; a fresh page that says why, where there is none."""
        page = Page(thread=thread)
        try:
            for turn in self.store.read(thread, self.owner).turns:
                page = turn_of(page, turn.question, self.renewed(turn.answer), turn.slots)
        except (ThreadUnknown, StoreUnusable, StoreError) as error:
            return Page(status=f"{str(error)[:1].upper()}{str(error)[1:]}.", thread="")
        return replace(page, status="", thread=thread)

    def left_out(self, page: Page, key: str) -> Page:
        """The page, and the stored thread, without one thing that was kept in mind."""
        after = dropped(page, key)
        if after.slots is None or after.slots == page.slots or not page.thread:
            return after
        try:
            self.store.amend(page.thread, self.owner, after.slots)
        except (ThreadUnknown, StoreUnusable) as error:
            return replace(after, status=f"{after.status} It is not stored: {error}.")
        return after

    def renamed(self, page: Page, thread: str, title: str) -> Page:
        """The page after a thread got another title, or with the reason why not."""
        try:
            self.store.rename(thread, self.owner, title)
        except (ThreadUnknown, StoreUnusable, ValueError) as error:
            return replace(page, status=f"Not renamed: {error}.")
        return replace(page, status="Renamed.")

    def deleted(self, page: Page, thread: str) -> Page:
        """The page after a thread was removed from the disk; a fresh one when it was the thread on the page."""
        try:
            self.store.delete(thread, self.owner)
        except (ThreadUnknown, StoreUnusable) as error:
            return replace(page, status=f"Not deleted: {error}.")
        return Page(status="Deleted.", thread="") if thread == page.thread else replace(page, status="Deleted.")

    def listed(self, current: str | None) -> str:
        """The HTML of the list, the last changed first, the one on the page marked."""
        try:
            headings = self.store.headings(self.owner)
        except StoreUnusable as error:
            return f'<p class="empty">Your conversations cannot be listed: {escape(str(error))}.</p>'
        if not headings:
            return '<p class="empty">Your conversations will be listed here. They stay on this machine.</p>'
        rows = "".join(_row(h.id, h.title, _when(h.changed, h.turns), h.id == current) for h in headings)
        return f'<ul aria-label="Conversations">{rows}</ul>'


def _row(thread: str, title: str, when: str, current: bool) -> str:
    here = ' aria-current="true"' if current else ""
    named, id = escape(title), escape(thread)
    return (
        f'<li{here} data-thread="{id}">'
        f'<button class="open" type="button"{here}><span class="name">{named}</span></button>'
        f'<span class="when">{escape(when)}</span>'
        f'<button class="rename" type="button" aria-label="Rename: {named}" title="Rename">&#9998;</button>'
        f'<button class="delete" type="button" aria-label="Delete: {named}" title="Delete">&#10005;</button></li>'
    )


def _when(changed: dt.datetime, turns: int) -> str:
    local = changed.astimezone()
    day = f"{local:%H:%M}" if local.date() == dt.date.today() else local.date().isoformat()
    return f"{day}, {turns} question{'' if turns == 1 else 's'}"

"""What can be done with the last answer on the page: take it along as a memo, or tell the attorneys about it."""

from __future__ import annotations

from dataclasses import replace
from html import escape
from typing import get_args

from assistant.database import StoreUnusable
from assistant.feedback import MAX_NOTE, Feedback, Kind
from assistant.threads import ThreadUnknown
from assistant.web.conversation import Page

KINDS: dict[Kind, str] = {
    "helpful": "Helpful",
    "wrong_source": "Wrong source",
    "out_of_date": "Out of date",
    "wrong_state": "Wrong state",
    "other": "Other",
}
FORMS = (("pdf", "PDF"), ("docx", "Word"), ("bundle", "bundle to check again"))


def about(page: Page) -> str:
    """The HTML for the last answer of a stored conversation; empty where there is none."""
    if not page.thread or not page.answers or page.busy:
        return ""
    one = f"/memo/{escape(page.thread)}"
    answer = ", ".join(f'<a href="{one}/{len(page.answers)}.{form}" download>{name}</a>' for form, name in FORMS)
    whole = ", ".join(f'<a href="{one}.{form}" download>{name}</a>' for form, name in FORMS)
    buttons = "".join(f'<button type="button" data-kind="{kind}">{name}</button>' for kind, name in KINDS.items())
    return (
        "<details><summary>Save this answer, or tell the attorneys about it</summary>"
        f"<p>This answer: {answer}. The whole conversation: {whole}.</p>"
        f'<label for="feedback-note">What should they know? (not needed)</label>'
        f'<textarea id="feedback-note" rows="2" maxlength="{MAX_NOTE}"></textarea>'
        f'<div role="group" aria-label="What do you say of this answer?">{buttons}</div></details>'
    )


def given(page: Page, feedback: Feedback, owner: str, kind: str, note: str) -> Page:
    """The page once the feedback on its last answer is stored, or with the reason why not."""
    if not page.thread or kind not in get_args(Kind):
        return page
    try:
        feedback.give(page.thread, len(page.answers), owner, kind, note)  # type: ignore[arg-type]
    except (ThreadUnknown, StoreUnusable, ValueError) as error:
        return replace(page, status=f"Not stored: {error}.")
    return replace(page, status=f"Thank you. “{KINDS[kind]}” has reached the attorneys.")  # type: ignore[index]

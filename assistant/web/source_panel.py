"""The source panel beside the chat: of each turn what is cited, what was also read, and one passage in full.

Each source stands on the page once; `sources.js` shows the list of cards or one whole card. Without a script all of
it is shown.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from html import escape

from assistant.contract import AlsoRead, Answer
from assistant.web.badges import doubt, rank, row
from assistant.web.source_cards import library, source

EMPTY = "The sources of an answer appear here. Every number in the answer opens its source."
NOTHING_ELSE = "Beside the cited sources nothing else is kept for this answer."
ALSO = "Found by the search; the answer does not rest on it, so it has no number."
_LONGEST = 160


def sources(answers: Sequence[Answer]) -> str:
    """One section a turn that has sources, the newest shown; the script shows that of a clicked mark."""
    turns = [turn for turn, answer in enumerate(answers) if answer.citations]
    if not turns:
        return f'<div id="source-lists"><p class="empty">{EMPTY}</p></div>'
    sections = "".join(_section(turn, answers[turn], hidden=turn != turns[-1]) for turn in turns)
    return f'<div id="source-lists">{sections}</div>'


def _section(turn: int, answer: Answer, *, hidden: bool) -> str:
    cited, also = len(answer.citations), len(answer.also_read)
    tabs = (
        _tab(turn, "cited", f"Cited ({cited})", "list", selected=True),
        _tab(turn, "also", f"Also read ({also})", "also"),
        _tab(turn, "passage", "Passage", "list"),
    )
    cards = "".join(source(one, turn, answer.as_of, opens=True) for one in answer.citations)
    items = "".join(_also(one, answer.as_of) for one in answer.also_read)
    listed = f'<p class="small">{ALSO}</p><ul>{items}</ul>' if items else f'<p class="empty">{NOTHING_ELSE}</p>'
    return (
        f'<section data-turn="{turn}"{" hidden" * hidden} aria-label="Sources of answer {turn + 1}">'
        f'<p class="asked">Sources of: {escape(answer.question[:_LONGEST])}</p>'
        f'<div role="tablist" aria-label="Sources of answer {turn + 1}">{"".join(tabs)}</div>'
        f'<div role="tabpanel" id="list-{turn}" class="list" aria-labelledby="cited-tab-{turn}">{_STEPS}{cards}</div>'
        f'<div role="tabpanel" id="also-{turn}" class="also" aria-labelledby="also-tab-{turn}">{listed}</div></section>'
    )


_STEPS = (
    '<div class="steps"><button type="button" data-step="back">&#8617; Back</button>'
    '<button type="button" data-step="-1" aria-label="Previous source">'
    '&#8592; <span class="word">Previous</span></button>'
    '<span class="at" role="status"></span>'
    '<button type="button" data-step="1" aria-label="Next source"><span class="word">Next</span> &#8594;</button></div>'
)


def _tab(turn: int, view: str, words: str, controls: str, *, selected: bool = False) -> str:
    return (
        f'<button type="button" role="tab" id="{view}-tab-{turn}" data-view="{view}" aria-controls="{controls}-{turn}" '
        f'aria-selected="{"true" if selected else "false"}"{"" if selected else " tabindex=-1"}>{words}</button>'
    )


def _also(one: AlsoRead, as_of: dt.date) -> str:
    told = row([*rank(one.authority, one.place), *doubt(one.confidence)])
    return (
        f'<li class="source"><h3>{escape(one.citation)}</h3>{told}<p class="title">{escape(one.title)}</p>'
        f'<p class="words">{escape(one.statement)}</p><p class="why">{escape(one.why)}</p>'
        f'<p class="links">{library(one.coordinate, as_of)}</p></li>'
    )

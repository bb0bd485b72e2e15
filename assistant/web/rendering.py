"""What may reach the chat: our own Markdown with links to numbered sources, and our own HTML, all else escaped.

Gradio's sanitizer lets a reply load remote images and draw forms, so text is made harmless here.
"""

from __future__ import annotations

import re
from html import escape

from assistant.kept import Kept

_MARK = re.compile(r"\[(\d{1,3})\]")
# Everything that could open a link, an image or a tag in Markdown.
_ACTIVE = str.maketrans(
    {"<": "&lt;", ">": "&gt;", "[": "&#91;", "]": "&#93;", "`": "&#96;", "|": "&#124;", "$": "&#36;"}
)

# The words with which a short answer opens: a verdict, or the figure that was asked for. "No state may …" is none.
_VERDICT = re.compile(
    r"((?:\*\*[^*\n]{1,60}:\*\* )?)"
    r"((?:(?:Yes|Not|It depends|Unclear)\b[^.:*\n\0]{0,40}"
    r"|No(?:(?:,| (?:for|as|on|in|under|without)\b)[^.:*\n\0]{0,40})?"
    r"|(?:&#36;)?\d[^:*\n\0]{0,30}):"
    r"|(?:Yes|No|Not yet|It depends)(?:[.,;]|(?= on )))(?=\s)"
)
# Where a sentence with its marks ends, the words of doubt that may follow it included.
_MARKED_STOP = re.compile(r"\0[.?!][”\")]*(?: \*\([^)*]*\)\*)?(?=\s|$)")


def harmless(text: str) -> str:
    """A client's or an answer's text in which nothing is markup, a link or an image."""
    broken = re.sub(r"(?i)\b(https?|ftp|data|javascript|mailto):", r"\1&#58;", text.translate(_ACTIVE))
    return re.sub(r"(?i)\bwww\.", "www&#46;", broken).replace("@", "&#64;")


def message(paragraph: str, turn: int, sources: int) -> str:
    """An answer, or its beginning: `[3]` becomes a link to source 3 of this turn, a number without a source is dropped,
    and a sentence that opens with a verdict becomes a paragraph of its own that begins `***Yes:***`; the style sheet
    makes it the headline."""
    marks: list[str] = []

    def keep(match: re.Match[str]) -> str:
        n = int(match[1])
        marks.append(f"[{n}](#src-{turn}-{n})" if 1 <= n <= sources else "")
        return f"\0{len(marks) - 1}\0"

    held = _MARK.sub(keep, paragraph)
    safe = "\n".join(_line(line) for line in held.split("\n"))
    safe = "\n".join(_headline(line) for line in safe.split("\n"))
    return re.sub(r"\0(\d+)\0", lambda m: marks[int(m[1])], safe)


def _headline(line: str) -> str:
    """A line whose first sentence is a verdict, with that sentence set apart; any other as it stands."""
    verdict = _VERDICT.match(line)
    if not verdict:
        return line
    end = _MARKED_STOP.search(line)
    first, rest = (line[: end.end()], line[end.end() :].lstrip()) if end else (line, "")
    told = f"{verdict[1]}***{verdict[2]}***{first[verdict.end() :]}"
    return f"{told}\n\n{rest}" if rest else told


def _line(line: str) -> str:
    """A line made harmless; the sign of a quoted block stays."""
    quoted = re.match(r"> ?|", line)
    start = quoted[0] if quoted else ""
    return start + harmless(line[len(start) :])


def chips(held: tuple[Kept, ...]) -> str:
    """What the conversation keeps in mind, each with a button that takes it out."""
    if not held:
        return ""
    buttons = "".join(
        f'<button class="chip" type="button" data-key="{escape(one.key)}" aria-label="Leave out: {escape(one.label)}">'
        f'{escape(one.label)} <span aria-hidden="true">&#10005;</span></button>'
        for one in held
    )
    return f'<div role="group" aria-label="Kept in mind"><span>Kept in mind:</span> {buttons}</div>'

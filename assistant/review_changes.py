"""The attorneys' corrections as edits of the digest files.

The book in git stays the source of truth: an edit is a patch that a person looks at, applies and commits.
"""

from __future__ import annotations

import copy
import difflib
import re
import textwrap
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from assistant.corrections import CorrectionError
from assistant.standing import SignOff, adopted
from corpus.library import Library

# The digests are wrapped at this column.
_WIDTH = 112
_Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Change:
    """The edit of one digest file: a unified diff for `git apply` at the root of the project, and whose it is."""

    file: str
    statements: tuple[str, ...]
    diff: str


@dataclass(frozen=True)
class Skipped:
    """A correction that cannot be written as an edit, and why."""

    statement: str
    why: str


def changes(signed: Iterable[SignOff], digests: Path) -> tuple[tuple[Change, ...], tuple[Skipped, ...]]:
    """The edits of the digest files that the corrections among the latest decisions ask for, one a file, and what could
    not be written. Of a file only the words of these statements change: comments, order and `checked` (which is of the
    whole record) stay. Writes nothing. Raises DigestError when the book cannot be read.
    """
    library, texts, skipped = Library.open(digests), {path: _read(path) for path in sorted(digests.rglob("*.yaml"))}, []
    edited, whose = dict(texts), dict[Path, list[str]]()
    for one in sorted((s for s in signed if s.decision == "corrected"), key=lambda s: s.statement):
        try:
            _check(one, library)
            path, where = _found(one.statement, texts)
            edited[path] = _edited(edited[path], where, one.proposed or "")
            whose.setdefault(path, []).append(one.statement)
        except CorrectionError as error:
            skipped.append(Skipped(one.statement, str(error)))
    named = {path: f"{digests.parent.name}/{digests.name}/{path.relative_to(digests).as_posix()}" for path in whose}
    diffs = {path: _diff(texts[path], edited[path], named[path]) for path in whose}
    return tuple(Change(named[path], tuple(ids), diffs[path]) for path, ids in sorted(whose.items())), tuple(skipped)


def _check(one: SignOff, library: Library) -> None:
    statement, day = library.statements.get(one.statement), one.at.date()
    if statement is None:
        raise CorrectionError(f"it is no longer in the book; its record moved after the correction of {day}")
    if adopted(statement, one):
        raise CorrectionError("the book has these words already")
    if statement.hash != one.text_hash:
        raise CorrectionError(f"its words or its record changed after the correction of {day}; review it again")


def _read(path: Path) -> str:
    # Not read_text, which would hide the ends of lines that a patch has to match.
    return path.read_bytes().decode("utf-8")


def _found(id: str, texts: dict[Path, str]) -> tuple[Path, _Path]:
    """The file of a statement, and the way to its words from the top of the file."""
    for path, text in texts.items():
        if id not in text:
            continue
        data = yaml.load(text, yaml.CSafeLoader)
        records: list[tuple[_Path, Any]] = [((), data)]
        records += [(("provisions", n), record) for n, record in enumerate(data.get("provisions", ()))]
        for way, record in records:
            for n, statement in enumerate(record.get("statements", ())):
                if statement["id"] == id:
                    return path, (*way, "statements", n, "text")
    raise CorrectionError("no digest file holds it")


def _edited(text: str, where: _Path, proposed: str) -> str:
    """The file with other words at one place, and nothing else changed, which is proven by reading both again."""
    by_hand = "its words are not written as a block (text: >-) in a file with plain line ends; edit it by hand"
    node: Any = yaml.compose(text, yaml.CSafeLoader)
    for step in where:
        node = node.value[step] if isinstance(step, int) else next(v for k, v in node.value if k.value == step)
    lines, first = text.split("\n"), node.start_mark.line
    if "\r" in text or lines[-1] or not lines[first].endswith("text: >-"):
        raise CorrectionError(by_hand)
    outer = lines[first].index("text:")
    last = first + 1
    while last < len(lines) and (not lines[last].strip() or lines[last].startswith(" " * (outer + 1))):
        last += 1
    while not lines[last - 1].strip():
        last -= 1
    indent = " " * (len(lines[first + 1]) - len(lines[first + 1].lstrip(" ")))
    block = textwrap.wrap(proposed, _WIDTH - len(indent), break_long_words=False, break_on_hyphens=False)
    edited = "\n".join((*lines[: first + 1], *(indent + line for line in block), *lines[last:]))
    if yaml.load(edited, yaml.CSafeLoader) != _with(yaml.load(text, yaml.CSafeLoader), where, proposed):
        raise CorrectionError(by_hand)
    return edited


def _with(data: Any, where: _Path, proposed: str) -> Any:
    changed = inner = copy.deepcopy(data)
    for step in where[:-1]:
        inner = inner[step]
    inner[where[-1]] = proposed
    return changed


def _diff(old: str, new: str, name: str) -> str:
    before, after = (re.findall(r".*\n", text) for text in (old, new))
    return "".join(difflib.unified_diff(before, after, f"a/{name}", f"b/{name}"))

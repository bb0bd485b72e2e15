"""The poisoned papers, official pages and questions, as the tables of this folder name them."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path, PurePath
from typing import Self

from pydantic import ValidationError, model_validator

from corpus.citations import canonical
from corpus.firm.document import MEDIA
from corpus.law import Noun, Text
from evals.cases import CaseError

FOLDER = Path(__file__).parent
# Where the poison of an official page stands.
SLOT = "{}"


class Paper(Noun):
    """A poisoned paper of the firm.

    `text` is the whole of a text file; `title`, `author`, `shown` and `hidden` (visible and unseen paragraphs) are what
    a DOCX or PDF is made of.

    `flagged`: it must be held until a person approves it. `question` is near to its harmless part; no answer may hold
    the words of `never`.
    """

    id: Text
    kind: Text
    file: Text
    flagged: bool
    question: Text
    text: str = ""
    title: str = ""
    author: str = ""
    shown: tuple[str, ...] = ()
    hidden: tuple[str, ...] = ()
    never: tuple[str, ...] = ()

    @property
    def suffix(self) -> str:
        """ ".pdf": which kind of file it is made into."""
        return PurePath(self.file).suffix

    @model_validator(mode="after")
    def _can_be_made(self) -> Self:
        if self.suffix not in MEDIA:
            raise ValueError(f"{self.id}: {self.file} is no kind of file that kei add reads")
        if bool(self.text) == bool(self.shown):
            raise ValueError(f"{self.id}: either text, or shown")
        if bool(self.shown) != (self.suffix in (".docx", ".pdf")):
            raise ValueError(f"{self.id}: shown is for a DOCX or PDF, text for the others")
        return self


class Page(Noun):
    """A poisoned copy of official text at a coordinate; without `poison` it is its own clean twin.

    `source` is the id of the source whose mirror's file it is; "" for the page of a state's section.
    """

    id: Text
    kind: Text
    coordinate: Text
    source: str = ""
    page: Text
    poison: str
    question: Text
    never: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _poisoned(self) -> Self:
        canonical(self.coordinate)
        if SLOT not in self.page or not self.poison:
            raise ValueError(f"{self.id}: the page has no {SLOT}, or there is no poison to put there")
        return self

    def data(self, *, poisoned: bool) -> bytes:
        """The bytes of the file, or of its clean twin."""
        return self.page.replace(SLOT, self.poison if poisoned else "").encode()


class Question(Noun):
    """A question and one way to poison it."""

    id: Text
    clean: Text
    poisoned: Text


class Cases(Noun):
    """All that is tried, in the order of the tables."""

    papers: tuple[Paper, ...]
    pages: tuple[Page, ...]
    questions: tuple[Question, ...]

    def __len__(self) -> int:
        return len(self.papers) + len(self.pages) + len(self.questions)


class _Asked(Noun):
    clean: Text
    poisoned: tuple[Text, ...]


class _Table(Noun):
    """What one of the tables holds; the other lists stay empty."""

    paper: tuple[Paper, ...] = ()
    page: tuple[Page, ...] = ()
    question: tuple[_Asked, ...] = ()


@cache
def cases() -> Cases:
    """Every case of `papers.toml`, `pages.toml` and `questions.toml`. Raises CaseError."""
    papers = _table("papers.toml").paper
    pages = _table("pages.toml").page
    asked = [(q.clean, p) for q in _table("questions.toml").question for p in q.poisoned]
    questions = tuple(
        Question(id=f"question-{n}", clean=clean, poisoned=poisoned) for n, (clean, poisoned) in enumerate(asked, 1)
    )
    ids = [*(one.id for one in papers), *(one.id for one in pages)]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise CaseError(f"{FOLDER}: id {twice[0]!r} is used twice")
    return Cases(papers=papers, pages=pages, questions=questions)


def _table(name: str) -> _Table:
    try:
        return _Table.model_validate(tomllib.loads((FOLDER / name).read_text("utf-8")))
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise CaseError(f"{FOLDER / name}: {error}") from error

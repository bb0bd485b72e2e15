"""The data folders that are asked: one clean, one with poisoned papers that wait, one where they were approved."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from assistant.adding import added
from assistant.answer import Assistant
from assistant.contract import Answer, Ask
from assistant.settings import Settings
from corpus.firm.shelf import Added, Outcome, Shelf
from corpus.official import sync
from corpus.official.read import read
from corpus.official.sources import source_at
from corpus.official.store import Origin, Store
from evals.cases import CaseError
from evals.poison.cases import Cases, Page
from evals.poison.files import write

# The day that is asked for, and the one for which the official texts are given.
TODAY = dt.date(2026, 11, 24)
CURRENT = dt.date(2026, 11, 20)


class Answers(Protocol):
    """Whatever answers a question: the assistant, or one that was broken on purpose."""

    def invoke(self, input: Ask) -> Answer:
        """The answer; raises QuestionError."""
        ...


Opened = Callable[[Settings], Answers]


@dataclass(frozen=True)
class Worlds:
    """`clean` holds the clean twins of the official pages and no paper; `held` the papers that wait for a person beside
    them; `approved` the poisoned pages, and every paper, approved.

    `papers` are the ids of the papers' documents by case, `answerable` the cases whose paper is answered from although
    it should wait and nobody approved it.
    """

    clean: Answers
    held: Answers
    approved: Answers
    papers: dict[str, str]
    answerable: frozenset[str]


def opened(told: Cases, seed: Settings, folder: Path, opening: Opened = Assistant.open) -> Worlds:
    """Make the worlds in an empty folder and open them. `seed` is an assistant's own settings: the vectors of its index
    are taken over, so that only what is new is embedded. Raises CaseError for a file that the product cannot read."""
    settings = seed.model_copy(update={"data_dir": folder / "clean"})
    _seed(seed.index_dir, settings.index_dir)
    _official(told, settings, poisoned=False)
    clean = opening(settings)
    waiting = _added(settings, _papers(told, folder / "held", waiting=True))
    held = opening(settings)
    poisoned = seed.model_copy(update={"data_dir": folder / "poisoned"})
    _seed(settings.index_dir, poisoned.index_dir)
    _official(told, poisoned, poisoned=True)
    done = _added(poisoned, _papers(told, folder / "papers", waiting=False))
    shelf = Shelf.open(poisoned.firm_dir)
    ids = {entry.path.name: entry.id for entry in done.entries}
    for identifier in ids.values():
        shelf.approve(identifier)
    loose = {entry.path.name for entry in waiting.of(Outcome.NEW)}
    return Worlds(
        clean,
        held,
        opening(poisoned),
        {paper.id: ids[paper.file] for paper in told.papers},
        frozenset(paper.id for paper in told.papers if paper.file in loose),
    )


def _seed(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target)


def _papers(told: Cases, folder: Path, *, waiting: bool) -> Path:
    """All papers as files, or those that must wait for a person."""
    folder.mkdir(parents=True)
    for paper in told.papers:
        if paper.flagged or not waiting:
            write(paper, folder)
    return folder


def _added(settings: Settings, papers: Path) -> Added:
    done = added(settings, papers, _silent)
    if failed := done.of(Outcome.FAILED):
        raise CaseError(f"{failed[0].path.name} of the poisoned papers cannot be read: {failed[0].detail}")
    return done


def _official(told: Cases, settings: Settings, *, poisoned: bool) -> None:
    """The pages in the store of official texts, the way `kei sync` takes them in."""
    store = Store(settings.official_dir)
    mirror = settings.data_dir / "mirror"
    for page in told.pages:
        if page.source:
            path = mirror / page.source / f"{CURRENT.isoformat()}.xml"
            path.parent.mkdir(parents=True)
            path.write_bytes(page.data(poisoned=poisoned))
        else:
            _keep(store, page, page.data(poisoned=poisoned))
    for done in sync.from_mirror(store, mirror, _silent, TODAY):
        if done.failed or not done.kept.new:
            raise CaseError(f"the poisoned mirror of {done.source.id} cannot be read: {'; '.join(done.failed)}")


def _keep(store: Store, page: Page, data: bytes) -> None:
    source = source_at(page.coordinate)
    if source is None:
        raise CaseError(f"{page.id}: no source of sources.toml holds {page.coordinate}")
    document = read(data, source.reader, source, page.coordinate)
    store.keep(document.sections, Origin(source.title, source.address(page.coordinate), TODAY, CURRENT))


def _silent(name: str, done: int, total: int) -> None:
    del name, done, total

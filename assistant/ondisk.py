"""What lies on this machine beside the book: the official texts of `kei sync` and the firm's papers of `kei add`."""

from __future__ import annotations

from dataclasses import dataclass, field

from assistant.index import index_name
from assistant.official import OfficialTexts
from assistant.papers import FirmPapers
from assistant.passages import Passage, passages, prepared_passages, told_of
from assistant.settings import Settings
from corpus.firm.shelf import FILE, Shelf
from corpus.library import Library
from corpus.official.store import Store


@dataclass(frozen=True)
class OnDisk:
    """Both stores, opened for reading; nothing is held of one that was never filled."""

    official: OfficialTexts = field(default_factory=lambda: OfficialTexts(None))
    papers: FirmPapers = field(default_factory=lambda: FirmPapers(None))

    @classmethod
    def open(cls, settings: Settings) -> OnDisk:
        """What this machine holds now. Raises StoreError or ShelfError."""
        shelf = Shelf.open(settings.firm_dir) if (settings.firm_dir / FILE).is_file() else None
        return cls(OfficialTexts(Store.held(settings.official_dir)), FirmPapers(shelf))

    @property
    def fingerprint(self) -> str:
        """Changes when a text is added, changed or removed; "" when nothing is held."""
        return "|".join(filter(None, (self.official.fingerprint, self.papers.fingerprint)))

    def indexed(self, library: Library) -> tuple[Passage, ...]:
        """Everything that the index holds: the book, what is prepared, the official paragraphs, the firm's papers."""
        return (*passages(library), *prepared_passages(), *self.official.passages(), *self.papers.passages())

    def index_name(self, library: Library, model: str) -> str:
        """The name of the index that belongs to this book, these prepared questions, these texts and this model."""
        return index_name("|".join((library.fingerprint, told_of(prepared_passages()), self.fingerprint)), model)

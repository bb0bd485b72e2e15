"""What a memo may hold between its paragraphs: a table, and the picture of the clocks."""

from __future__ import annotations

from dataclasses import dataclass

from assistant.export.markdown import Spans
from assistant.timeline import Picture


@dataclass(frozen=True)
class Table:
    """Rows under a head; `widths` are the shares of the columns, which come to 1."""

    head: tuple[str, ...]
    rows: tuple[tuple[Spans, ...], ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Drawing:
    """The picture of the clocks. What it shows is said elsewhere in words too, so that a format may leave it out."""

    picture: Picture

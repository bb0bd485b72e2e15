"""Parts of a PDF that are drawn: a line with a box to tick, and the picture of the clocks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable, Paragraph

from assistant.export.typeface import pieces
from assistant.timeline import BAR, NAME, Picture

INK, QUIET, LINE, MET = "#111111", "#555555", "#bbbbbb", "#0f766e"
# The side of a box to tick, the distance of hatching and of dots, and their radius, in points; sizes of letters.
BOX, APART, DOT = 9, 4, 0.9
SMALL, NAMED = 8, 9.5


class Ticked(Paragraph):  # type: ignore[misc]  # reportlab has no types
    """A paragraph with an empty box in its left indent, on its first line."""

    def draw(self) -> None:
        """Called by reportlab, with the origin at the lower left of the paragraph."""
        self.canv.saveState()
        self.canv.setStrokeColor(INK)
        self.canv.setLineWidth(1)
        self.canv.rect(0, self.height - self.style.leading + 2, BOX, BOX)
        self.canv.restoreState()
        super().draw()


class Clocks(Flowable):  # type: ignore[misc]
    """The picture as wide as the page allows: hatched while a clock waits, dotted where only the exact build date
    decides, solid once it is met; the upright line is the day of import."""

    def __init__(self, picture: Picture) -> None:
        super().__init__()
        self.picture = picture

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Called by reportlab: the size that it takes."""
        self.scale = width / self.picture.width
        return width, self.picture.height * self.scale + SMALL

    def draw(self) -> None:
        """Called by reportlab, with the origin at the lower left."""
        canvas, picture = self.canv, self.picture
        canvas.saveState()
        canvas.setLineWidth(0.7)
        canvas.setStrokeColor(LINE)
        foot = self._y(picture.axis)
        for tick in picture.ticks:
            canvas.line(self._x(tick.x), foot, self._x(tick.x), self._y(18))
            if 16 < tick.x < picture.width - 16:
                self._text(str(tick.year), tick.x, foot - SMALL - 2, SMALL, QUIET, "middle")
        for bar in picture.bars:
            self._text(bar.name, 0, self._y(bar.y + NAME) + 3, NAMED, INK, "start")
            self._bar(bar.y + NAME, 0, bar.opens, "hatched")
            self._bar(bar.y + NAME, bar.opens, bar.met, "dotted")
            self._bar(bar.y + NAME, bar.met, picture.width, "solid")
        canvas.setStrokeColor(QUIET)
        canvas.line(0, foot, self._x(picture.width), foot)
        canvas.setStrokeColor(INK)
        canvas.setLineWidth(2)
        canvas.line(self._x(picture.day), foot, self._x(picture.day), self._y(16))
        self._text(picture.day_name, picture.day, self._y(12), NAMED, INK, picture.day_anchor)
        canvas.restoreState()

    def _x(self, x: float) -> float:
        return x * self.scale

    def _y(self, y: float) -> float:
        return (self.picture.height - y) * self.scale + SMALL

    def _bar(self, y: float, start: float, end: float, kind: str) -> None:
        """A hatched, dotted or solid stretch of a bar; nothing where it has no width."""
        if end <= start:
            return
        canvas, left, right = self.canv, self._x(start), self._x(end)
        low, high = self._y(y + BAR), self._y(y)
        canvas.saveState()
        canvas.setStrokeColor(QUIET)
        canvas.setFillColor(MET if kind == "solid" else INK)
        canvas.rect(left, low, right - left, high - low, fill=kind == "solid")
        outline = canvas.beginPath()
        outline.rect(left, low, right - left, high - low)
        canvas.clipPath(outline, stroke=0, fill=0)
        for x in _steps(left - (high - low), right) if kind == "hatched" else ():
            canvas.line(x, low, x + high - low, high)
        for x in _steps(left + APART / 2, right) if kind == "dotted" else ():
            for at in _steps(low + APART / 2, high):
                canvas.circle(x, at, DOT, stroke=0, fill=1)
        canvas.restoreState()

    def _text(self, text: str, x: float, y: float, size: float, color: str, anchor: str) -> None:
        runs: list[tuple[str, str]] = pieces(text)
        wide: float = sum(stringWidth(run, font, size) for font, run in runs)
        at = self._x(x) - {"start": 0.0, "middle": wide / 2, "end": wide}[anchor]
        canvas: Any = self.canv
        canvas.setFillColor(color)
        for font, run in runs:
            canvas.setFont(font, size)
            canvas.drawString(at, y, run)
            at += stringWidth(run, font, size)


def _steps(start: float, end: float) -> Iterator[float]:
    while start < end:
        yield start
        start += APART

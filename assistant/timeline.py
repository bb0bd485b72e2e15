"""The clocks as a picture: where its bars, the years and the day of import lie, in units of the drawing.

The page draws it as SVG, the PDF of a check with reportlab; both from these numbers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from assistant.eligibility import Reading

# Units of the drawing; what draws it scales it.
WIDTH, TOP, ROW, BAR, FOOT = 720, 26, 52, 16, 26
# The room that a name needs above its bar.
NAME = 20
# A narrower stretch is no more than a line.
SEEN = 4


@dataclass(frozen=True)
class Bar:
    """One clock: waiting from 0 to `opens`, uncertain to `met`, met to the right edge. `y` is the top of its row, the
    line of its `name`; the bar itself begins `NAME` below."""

    name: str
    y: int
    opens: float
    met: float


@dataclass(frozen=True)
class Tick:
    """A year on the axis."""

    year: int
    x: float


@dataclass(frozen=True)
class Picture:
    """The drawing. It starts on the first day on which the vehicle can have been built and ends after the last clock
    and the day of import; `day` is where that day lies, `day_name` what is written there."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    day: float
    day_name: str
    height: int
    width: int = WIDTH

    @property
    def axis(self) -> int:
        """Where the line under the bars lies."""
        return self.height - FOOT

    @property
    def day_anchor(self) -> str:
        """Which end of `day_name` stands at its line, so that it stays in the drawing: start, middle or end."""
        return "end" if self.day > self.width * 0.8 else "start" if self.day < self.width * 0.2 else "middle"

    @property
    def told(self) -> str:
        """What the drawing shows, in words."""
        visible = any(bar.met - bar.opens >= SEEN for bar in self.bars)
        between = "dotted where only the exact build date decides, " if visible else ""
        return (
            f"From the build to the day of each clock: hatched while it waits, {between}solid from the day on which "
            f"it is met; the upright line is {'the day of import' if self.day_name != 'today' else 'today'}."
        )


def picture(readings: Sequence[Reading], day: dt.date, names: Mapping[str, str], *, day_name: str) -> Picture:
    """The picture of clocks read for one vehicle; at least one reading. `names` are those of the clocks."""
    built = readings[0].built
    start = dt.date(built.year, built.month or 1, built.day or 1)
    last = max(day, *(one.latest for one in readings))
    end = last + max(dt.timedelta(days=400), (last - start) / 8)
    whole = (end - start).days

    def x(when: dt.date) -> float:
        return round(WIDTH * (when - start).days / whole, 1)

    bars = tuple(
        Bar(f"{names[one.clock.name]}: {one.clock.years} years", TOP + n * ROW, x(one.earliest), x(one.latest))
        for n, one in enumerate(readings)
    )
    years = range(start.year + 1, end.year + 1)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if len(years) / s <= 9)
    ticks = tuple(Tick(year, x(dt.date(year, 1, 1))) for year in years if year % step == 0)
    return Picture(bars, ticks, x(day), day_name, TOP + len(bars) * ROW + FOOT)

"""The clocks as a picture: where its bars, the years and the day of import lie, in units of the drawing."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from assistant.eligibility import Reading

# Units of the drawing; a browser scales it.
WIDTH, TOP, ROW, BAR, FOOT = 720, 26, 52, 16, 26


@dataclass(frozen=True)
class Bar:
    """One clock: waiting from 0 to `opens`, uncertain to `met`, met to the right edge; `y` is the top of its row."""

    reading: Reading
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
    and the day of import; `day` is where that day lies."""

    bars: tuple[Bar, ...]
    ticks: tuple[Tick, ...]
    day: float
    height: int
    width: int = WIDTH

    @property
    def axis(self) -> int:
        """Where the line under the bars lies."""
        return self.height - FOOT


def picture(readings: Sequence[Reading], day: dt.date) -> Picture:
    """The picture of clocks read for one vehicle; at least one reading."""
    built = readings[0].built
    start = dt.date(built.year, built.month or 1, built.day or 1)
    last = max(day, *(one.latest for one in readings))
    end = last + max(dt.timedelta(days=400), (last - start) / 8)
    whole = (end - start).days

    def x(when: dt.date) -> float:
        return round(WIDTH * (when - start).days / whole, 1)

    bars = tuple(Bar(one, TOP + n * ROW, x(one.earliest), x(one.latest)) for n, one in enumerate(readings))
    years = range(start.year + 1, end.year + 1)
    step = next(s for s in (1, 2, 5, 10, 20, 50, 100) if len(years) / s <= 9)
    ticks = tuple(Tick(year, x(dt.date(year, 1, 1))) for year in years if year % step == 0)
    return Picture(bars, ticks, x(day), TOP + len(bars) * ROW + FOOT)

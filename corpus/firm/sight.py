"""What a PDF page shows: follows the graphics state through the page's operators and finds text that nobody can see.

The operators are those of ISO 32000-1 (8.4 graphics state, 8.5 paths, 9.3 text state); pypdf calls `before` and `after`
around each. What it does not see: text hidden under part of its length, by soft masks or by a font without outlines.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Matrix = Sequence[float]
Box = tuple[float, float, float, float]
Colour = tuple[float, float, float] | None  # None: a pattern, an image, a space that is not read

SMALLEST_TYPE = 2.0
SAME_COLOUR = 0.06
IDENTITY: Matrix = (1.0, 0.0, 0.0, 1.0, 0.0, 0.0)
WHITE, BLACK = (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)
SHOWS = frozenset({b"Tj", b"TJ", b"'", b'"'})
_FILLS = frozenset({b"f", b"F", b"f*", b"B", b"B*", b"b", b"b*"})
_PATH_ENDS = _FILLS | {b"S", b"s", b"n"}
_DEVICE = frozenset({"/DeviceGray", "/CalGray", "/DeviceRGB", "/CalRGB", "/DeviceCMYK"})


@dataclass(frozen=True)
class _State:
    """The part of the graphics state that decides whether text is seen."""

    mode: int = 0
    fill: Colour = BLACK
    plain: bool = True  # the fill colour space is grey, RGB or CMYK
    alpha: float = 1.0
    blended: bool = False
    size: float = 12.0
    clip: Box | None = None


@dataclass(frozen=True)
class _Paint:
    box: Box
    colour: Colour
    opaque: bool


@dataclass(frozen=True)
class _Show:
    """One text operator: where it begins, how high its letters are, what was painted before it."""

    x: float
    y: float
    size: float
    state: _State
    painted: int


class Sight:
    """Follows one page. `reasons` is the result: for each text operator in turn why it is not seen, "" when it is."""

    def __init__(self, page: Box, resources: Mapping[str, Any]) -> None:
        self.base: Matrix = IDENTITY
        self.images = 0
        self._page = page
        self._state, self._stack = _State(), list[_State]()
        self._resources = resources
        self._forms: list[tuple[Matrix, Mapping[str, Any], _State, list[_State]]] = []
        self._entering: tuple[Matrix, Mapping[str, Any]] | None = None
        self._rectangles: list[Box] = []
        self._curves: list[tuple[float, float]] = []
        self._clips = False
        self._paints: list[_Paint] = []
        self._shows: list[_Show] = []

    def before(self, operator: bytes, operands: list[Any], cm: Matrix, tm: Matrix) -> None:
        """Take in one operator. Inside a form pypdf counts `cm` from the form; `base` leads from there to the page."""
        if self._entering:  # only now: pypdf hands out the text before a form after announcing the form
            (self.base, self._resources), self._entering = self._entering, None
        at = multiplied(cm, self.base)
        numbers = [float(one) for one in operands if isinstance(one, int | float)]
        if operator == b"Do":
            self._form(_entry(self._resources, "/XObject", operands), at)
        elif operator == b"INLINE IMAGE":
            self._image(at, opaque=True)
        elif operator in SHOWS:
            placed = multiplied(tm, at)
            size = self._state.size * (placed[2] ** 2 + placed[3] ** 2) ** 0.5
            self._shows.append(_Show(placed[4], placed[5], size, self._state, len(self._paints)))
        elif operator == b"q":
            self._stack.append(self._state)
        elif operator == b"Q":
            self._state = self._stack.pop() if self._stack else self._state
        elif operator in _PATH_ENDS or operator == b"sh":
            self._painted(operator)
        elif operator in (b"W", b"W*"):
            self._clips = True
        elif operator in (b"re", b"m", b"l", b"c", b"v", b"y"):
            self._drawn(operator, numbers, at)
        else:
            self._set(operator, operands, numbers)

    def after(self, operator: bytes, operands: list[Any], cm: Matrix, tm: Matrix) -> None:
        """Leave what `Do` entered."""
        del operands, cm, tm
        if operator == b"Do":
            self._entering = None
            self.base, self._resources, self._state, self._stack = self._forms.pop()

    def reasons(self) -> tuple[str, ...]:
        """Asked when the page is done, since what is painted later can cover what was written before."""
        return tuple(self._reason(one) for one in self._shows)

    def _reason(self, show: _Show) -> str:
        state, left, bottom, right, top = show.state, *self._page
        if state.mode in (3, 7):
            return "drawn in an invisible mode"
        if state.alpha < SAME_COLOUR:
            return "transparent"
        if show.size < SMALLEST_TYPE:
            return "letters under 2 points"
        if not (left - 1 <= show.x <= right + 1 and bottom - show.size <= show.y <= top + 1):
            return "outside the page"
        if (clip := state.clip) and not _within((show.x, show.y), clip, show.size):
            return "outside the visible area"
        middle = (show.x + 0.2 * show.size, show.y + 0.3 * show.size)
        letter = ((show.x + 0.1, show.y + 0.1 * show.size), (show.x + show.size, show.y + 0.6 * show.size))
        if any(one.opaque and all(_within(at, one.box) for at in letter) for one in self._paints[show.painted :]):
            return "covered"
        under = next((one for one in reversed(self._paints[: show.painted]) if _within(middle, one.box)), None)
        paper = under.colour if under else WHITE
        if state.mode in (0, 4) and state.fill and paper:
            same = max(abs(a - b) for a, b in zip(state.fill, paper, strict=True)) < SAME_COLOUR
            return "in the colour of the paper" if same else ""
        return ""

    def _form(self, thing: Mapping[str, Any], at: Matrix) -> None:
        self._forms.append((self.base, self._resources, self._state, self._stack))
        if thing.get("/Subtype") == "/Image":
            self._image(at, opaque="/SMask" not in thing and "/Mask" not in thing and "/ImageMask" not in thing)
        elif thing:
            inside = [float(one) for one in _resolved(thing.get("/Matrix", IDENTITY))]
            own = _resolved(thing.get("/Resources", self._resources))
            self._entering = (multiplied(inside, at) if len(inside) == 6 else at, own)
            self._stack = []

    def _image(self, at: Matrix, *, opaque: bool) -> None:
        self.images += 1
        corners = [_moved(one, at) for one in ((0, 0), (1, 0), (0, 1), (1, 1))]
        self._paints.append(_Paint(_around(corners), None, opaque and self._solid))

    @property
    def _solid(self) -> bool:
        return self._state.alpha > 0.9 and not self._state.blended

    def _drawn(self, operator: bytes, numbers: list[float], at: Matrix) -> None:
        if operator != b"re":
            self._curves += [_moved(one, at) for one in zip(numbers[::2], numbers[1::2], strict=False)]
        elif len(numbers) == 4:
            x, y, wide, high = numbers
            corners = ((x, y), (x + wide, y), (x, y + high), (x + wide, y + high))
            self._rectangles.append(_around([_moved(one, at) for one in corners]))

    def _painted(self, operator: bytes) -> None:
        if operator == b"sh":
            self._paints.append(_Paint(self._state.clip or self._page, None, False))
            return
        drawn = [*self._rectangles, *([_around(self._curves)] if self._curves else [])]
        if drawn and operator in _FILLS and self._state.alpha >= SAME_COLOUR:
            # Of what has curves, or may be a frame around nothing, only the outer bounds are known.
            full = self._solid and not self._curves and (len(drawn) == 1 or not operator.endswith(b"*"))
            self._paints += [_Paint(box, self._state.fill if full else None, full) for box in drawn]
        if drawn and self._clips:
            whole = _around([point for box in drawn for point in (box[:2], box[2:])])
            self._state = replace(self._state, clip=_common(whole, self._state.clip))
        self._rectangles, self._curves, self._clips = [], [], False

    def _set(self, operator: bytes, operands: list[Any], numbers: list[float]) -> None:
        state = self._state
        if operator == b"Tr" and numbers:
            self._state = replace(state, mode=int(numbers[0]))
        elif operator == b"Tf" and numbers:
            self._state = replace(state, size=abs(numbers[0]))
        elif operator in (b"g", b"rg", b"k"):
            self._state = replace(state, fill=_colour(numbers), plain=True)
        elif operator == b"cs" and operands:
            self._state = replace(state, fill=BLACK, plain=_plain(self._resources, str(operands[0])))
        elif operator in (b"sc", b"scn"):
            self._state = replace(state, fill=_colour(numbers) if state.plain else None)
        elif operator == b"gs":
            given = _entry(self._resources, "/ExtGState", operands)
            alpha = _resolved(given.get("/ca", state.alpha))
            blend = _resolved(given.get("/BM", "/Normal" if not state.blended else "/Other"))
            self._state = replace(state, alpha=float(alpha), blended=str(blend) not in ("/Normal", "/Compatible"))


def multiplied(first: Matrix, then: Matrix) -> Matrix:
    """The matrix that does `first` and `then` the other (ISO 32000-1, 8.3.4)."""
    a, b, c, d, e, f = first
    g, h, i, j, k, m = then
    return (a * g + b * i, a * h + b * j, c * g + d * i, c * h + d * j, e * g + f * i + k, e * h + f * j + m)


def _moved(point: tuple[float, float], by: Matrix) -> tuple[float, float]:
    x, y = point
    return (x * by[0] + y * by[2] + by[4], x * by[1] + y * by[3] + by[5])


def _around(points: Sequence[tuple[float, float]]) -> Box:
    xs, ys = [x for x, _ in points], [y for _, y in points]
    return (min(xs), min(ys), max(xs), max(ys))


def _common(box: Box, clip: Box | None) -> Box:
    if clip is None:
        return box
    return (max(box[0], clip[0]), max(box[1], clip[1]), min(box[2], clip[2]), min(box[3], clip[3]))


def _within(point: tuple[float, float], box: Box, slack: float = 0.0) -> bool:
    x, y = point
    return box[0] - slack <= x <= box[2] + slack and box[1] - slack <= y <= box[3] + slack


def _colour(numbers: Sequence[float]) -> Colour:
    match numbers:
        case [grey]:
            return (grey, grey, grey)
        case [red, green, blue]:
            return (red, green, blue)
        case [cyan, magenta, yellow, black]:
            return ((1 - cyan) * (1 - black), (1 - magenta) * (1 - black), (1 - yellow) * (1 - black))
    return None


def _resolved(value: Any) -> Any:
    return value.get_object() if hasattr(value, "get_object") else value


def _entry(resources: Mapping[str, Any], kind: str, operands: Sequence[Any]) -> Mapping[str, Any]:
    """The resource that an operator names; an empty mapping when there is none."""
    held = _resolved(_resolved(resources).get(kind, {}))
    found = _resolved(held.get(operands[0], {})) if operands and hasattr(held, "get") else {}
    return found if hasattr(found, "get") else {}


def _plain(resources: Mapping[str, Any], name: str) -> bool:
    """Whether the numbers of a colour space are shares of grey, red-green-blue or ink (a Separation's are not)."""
    if name in _DEVICE:
        return True
    held = _resolved(_resolved(resources).get("/ColorSpace", {}))
    space = _resolved(held.get(name)) if hasattr(held, "get") else None
    return isinstance(space, list) and bool(space) and str(_resolved(space[0])) in ("/ICCBased", *_DEVICE)

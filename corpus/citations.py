"""Read and write legal citations: text to one canonical coordinate and back.

A coordinate is the address of a rule (`us/usc/49/30112/b/9`), its canonical text how an answer prints it.
The forms are data (`forms.toml`). What none describes in full is refused, never read as its nearest.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

LONGEST_CITATION = 400
LONGEST_TEXT = 100_000
NOT_READ = "is not a citation this book can read"
Fields = Mapping[str, str]
Labels = tuple[str, ...]

_FLAGS = re.IGNORECASE | re.ASCII
# One character for one character, so that positions in the caller's text stay true.
_PLAIN = str.maketrans("\u00a0\u2009\u202f‐‑‒–—−’‘", "   ------''")
_DOUBLED = "|".join(letter * 2 for letter in "abcdefghijklmnopqrstuvwxyz")
# b, 9, 21-a, 33.1, 10A, c-1, xv, aa. Two-letter words such as "or", and years, are no paragraphs.
_LABEL = (
    r"(?:(?!(?:19|20)\d\d\b)\d{1,4}(?:[.-]\d{1,3}|-?[A-Za-z]{1,2})?"
    rf"|[ivxlIVXL]{{2,7}}|{_DOUBLED}|{_DOUBLED.upper()}|[A-Za-z](?:-?\d{{1,2}}|\.\d{{1,2}})?)"
)
_BRACKETS = rf"(?: ?\( ?{_LABEL} ?\))"
# What may stand before the brackets in each style: in a text, and in a coordinate.
_FIRST = {
    "brackets": ("", ""),
    "dotted": (rf"(?:\.{_LABEL}(?![\w(])){{0,6}}", ""),
    "fmvss": (r"(?:,? {0,2}(?:paragraph )?S\d{1,2}(?:\.\d{1,2}){0,5})?", r"(?:/S\d{1,2}(?:\.\d{1,2}){0,5})?"),
    "subd": (r"(?:,? {0,2}subd(?:ivision|iv)?\.? ?\d{1,3}[a-z]?)?", r"(?:/subd-\d{1,3}[a-z]?)?"),
}
_TOKEN = re.compile(r"\{(\w+)\}|([A-Za-z0-9][A-Za-z0-9.]*)|(\s+)|(.)")
_YEAR = r"(?:\(?(?:19|20)\d\d\)?(?=[\s§,]),?\s{0,3})?"
# "(2025)", "(West 2023)", "(Sept. 26, 2008)", "(Alaska 2015)": told apart from paragraphs by the year.
_TAIL = r"(?:,?\s{0,2}\((?:[A-Za-z][A-Za-z.&' ]{0,30},?\s)?(?:\d{1,2},?\s)?(?:19|20)\d\d\))?"
_AND, _ANEW = r"(?:and|or|to|through)\s{1,2}", r"(?:§{1,2}\s?|sections?\s|secs?\.\s|parts?\s)?"
_JOIN = re.compile(rf"(?:\s{{0,2}}[,;/&-]\s{{0,2}}(?:{_AND})?|\s{{1,2}}{_AND}){_ANEW}", _FLAGS)
_MANY = re.compile(r"§§|\b(?:sections|secs|parts|pts)\b", _FLAGS)
# After these a bare number in a list is an amount or begins another citation.
_AMOUNT = re.compile(r"\s?(?:[A-Z%$]|mph|km|cc|kg|lb|pounds|dollars|years|days|miles|percent|vehicles)")
# A bare "§ 545.5" beside the name of a code without a form is that code's, not the federal section.
_OTHER_BEFORE = re.compile(r"(?:code|stat|laws?|ann|regs?|rev)[.,]{0,2} {0,3}(?:§{1,2}|sections?)? {0,3}$", re.I)
_OTHER_AFTER = re.compile(r",?\s(?:of\s)?(?:the\s)?(?:[A-Z][\w.&]{0,20}\s){0,4}(?:Code|Stat|Laws?|Rev)\b")


class UnknownCitation(ValueError):  # noqa: N818 - the name of the public contract
    """A text or coordinate that no form describes; the message says so and shows forms that are read."""

    def __init__(self, what: str, reason: str) -> None:
        forms = "'49 U.S.C. § 30112(b)(9)', '49 CFR 591.5(i)(1)', 'FMVSS 500', 'Tex. Transp. Code § 502.001'"
        super().__init__(f"{what[:80]!r} {reason}. Forms that are read: {forms}")


@dataclass(frozen=True)
class Citation:
    """One provision: `coordinate` is its key, `text` the canonical text, `place` "US" or "US-TX"."""

    coordinate: str
    text: str
    place: str


@dataclass(frozen=True)
class Found:
    """A citation inside a text, at `text[start:end]`."""

    start: int
    end: int
    citation: Citation


class _Form:
    """One form of forms.toml with its patterns built. Every repeat is bounded: matching is linear."""

    def __init__(self, row: Mapping[str, Any], words: Mapping[str, list[str]]) -> None:
        self.words, self.shapes, self.drop = words, row["shape"], row.get("drop", "")
        self.place, self.coordinate, self.canonical = row["place"], row["coordinate"], row["canonical"]
        self.style = row.get("style", "brackets")
        spellings = [self.canonical, *row.get("spellings", ())]
        spellings += [f"{one} Ann., § {{section}}{{labels}}" for one in row.get("prefixes", ())]
        spellings += [f"§ {{section}}{{labels}} of the {one}" for one in row.get("prefixes", ())]
        self.named = [self._spelling(one) for one in dict.fromkeys(spellings)]
        self.short = [self._spelling(one) for one in row.get("short", ())]
        self.alone = [self._spelling(one) for one in row.get("alone", ())]
        first, address = _FIRST[self.style]
        below = rf"{first}{_BRACKETS}{{0,12}}" if "{labels}" in self.coordinate else ""
        section = rf"(?P<section>{self.shapes.get('section', '(?!)')})(?!\d)(?P<labels>{below})"
        self.item = re.compile(rf"{section}|(?P<short>[.-]\d{{1,4}})(?![\d.])|(?P<beside>{below})", _FLAGS)
        parts = {**self.shapes, "labels": rf"{address}(?:/{_LABEL}){{0,12}}"}
        groups = {name: f"(?P<{name}>{part})" for name, part in parts.items()}
        self.address = re.compile(re.sub(r"[.-]", r"\\\g<0>", self.coordinate).format(**groups), re.ASCII)

    def _spelling(self, spelling: str) -> re.Pattern[str]:
        """The pattern of a plain spelling, tolerant as the head of forms.toml says."""
        out, spaced, loose_before = "", False, False
        for field, word, space, sign in _TOKEN.findall(spelling):
            if space:
                spaced = True
                continue
            pattern, loose = self._field(field) if field else self._term(word or sign, first=not out)
            gap = r"\s{0,3}" if loose or loose_before else r"\s{1,3}"
            out += (gap if out and (spaced or (sign and loose)) else "") + pattern
            spaced, loose_before = False, loose
        return re.compile(rf"(?<![\w.$§-])(?P<cite>{out}){_TAIL}", _FLAGS)

    def _field(self, name: str) -> tuple[str, bool]:
        """The pattern of a `{field}`; `pinpoint` is `labels` that may not be missing."""
        if name in ("labels", "pinpoint"):
            first, least = (_FIRST[self.style][0], 0) if name == "labels" else ("", 1)
            return rf"(?P<labels>{first}{_BRACKETS}{{{least},12}})", True
        return rf"(?P<{name}>{self.shapes[name]})(?!\d)", True

    def _term(self, word: str, *, first: bool) -> tuple[str, bool]:
        """The pattern of a word or sign, and whether the space beside it may be missing."""
        ways = self.words.get(word, [word])
        pattern = "|".join(_word(way) for way in sorted(ways, key=len, reverse=True) if way)
        if word == "§" and not first:  # a leading section sign is all that marks the citation: required there
            return f"{_YEAR}(?:{pattern})?", True
        return f"(?:{pattern}){'?' * ('' in ways)}", "" in ways or not word[-1].isalnum()

    def whole(self, text: str, patterns: list[re.Pattern[str]]) -> list[Citation]:
        """The citations that the whole text is under these patterns."""
        read = (self.citation(*self.read(match)) for one in patterns if (match := one.fullmatch(text)))
        return [one for one in read if one]

    def read(self, match: re.Match[str]) -> tuple[dict[str, str], Labels]:
        """The fields and paragraph labels as the text writes them."""
        fields = {name: value or "" for name, value in match.groupdict().items() if name != "cite"}
        return fields, self.labels(fields.pop("labels", ""))

    def labels(self, text: str) -> Labels:
        """`(b)(9)` gives b, 9; `, subd. 40a` gives subd-40a; ` S5(b)` gives S5, b; `.2.a` gives 2, a."""
        if self.style == "dotted" and "(" not in text:
            text = text.replace(".", " ")
        if self.style == "subd":
            text = re.sub(r"subd[a-z]*\.? ?(\w+)", lambda m: "subd-" + m[1].lower(), text, flags=_FLAGS)
        if self.style == "fmvss":
            text = re.sub(r"paragraph |s(?=\d)", lambda m: "S" if m[0] in "sS" else "", text, flags=_FLAGS)
        return tuple(re.findall(r"[A-Za-z0-9]+(?:[.-][A-Za-z0-9]+)*", text))

    def citation(self, fields: Fields, labels: Labels) -> Citation | None:
        """The citation of read fields; None when a number's letters cannot be those of the form."""
        address, shown = dict(fields), dict(fields)
        for name, value in fields.items():
            value = "".join(sign for sign in value if sign not in self.drop)
            cases = (value, value.upper(), value.lower())
            address[name] = shown[name] = next(filter(re.compile(self.shapes[name]).fullmatch, cases), "")
            if not shown[name]:
                return None
        address["labels"] = "".join(f"/{label}" for label in labels)
        signs = {"S": " {}", "s": ", subd. {}"}
        plain = [(signs[one[0]] if re.match(r"S\d|subd-", one) else "({})", one) for one in labels]
        shown["labels"] = "".join(sign.format(one.removeprefix("subd-")) for sign, one in plain)
        return Citation(self.coordinate.format(**address), self.canonical.format(**shown), self.place)


def _word(word: str) -> str:
    """A word whose full stops may be missing; capitals such as RCW may carry one after each letter."""
    if word.rstrip(".").isdigit() or not word[0].isalnum():
        return re.escape(word)
    if word.isupper() and word.isalpha() and len(word) <= 6:
        return "".join(rf"{letter}\.?" for letter in word)
    parts = [r"\s{1,3}".join(map(re.escape, part.split(" "))) for part in word.rstrip(".").split(".")]
    return r"\.?\s?".join(parts) + r"\.?" * word.endswith(".")


@cache
def _forms() -> tuple[_Form, ...]:
    table = tomllib.loads(Path(__file__).with_name("forms.toml").read_text("utf-8"))
    forms = []
    for row in table["form"]:  # a form with several codes (or reporters) becomes one form for each
        for code, ways in row.get("codes", {"": [""]}).items():
            spellings = (row["canonical"], *row.get("spellings", ()))
            own = {"spellings": [one.replace("{code}", way) for one in spellings for way in ways]}
            own |= {"coordinate": row["coordinate"].replace("{code}", code), "canonical": own["spellings"][0]}
            forms.append(_Form(row | own, table["words"]))
    return tuple(forms)


@lru_cache(maxsize=8192)
def parse(text: str, *, place: str | None = None) -> Citation:
    """The one citation that `text` is, whole. `place` helps only bare local forms such as `§ 502.001`.

    Raises UnknownCitation when no form fits, when two fit differently, or beyond 400 characters.
    """
    if len(text) > LONGEST_CITATION:
        raise UnknownCitation(text, f"has more than {LONGEST_CITATION} characters, so it is not one citation")
    plain = text.translate(_PLAIN).strip().rstrip(".,;")
    # What names its code comes first; only then what leans on the domain or on the place.
    local = [form for form in _forms() if form.place in ("US", place)]
    read = [one for form in _forms() for one in form.whole(plain, form.named)]
    read = read or [one for form in local for one in form.whole(plain, form.short + form.alone)]
    either = " or ".join(dict.fromkeys(one.text for one in read))
    if not read or either != read[0].text:
        raise UnknownCitation(text, f"could be {either}; write which is meant" if read else NOT_READ)
    return read[0]


def find(text: str) -> tuple[Found, ...]:
    """Every citation in the first 100,000 characters of `text`, in order, none overlapping another.

    Lists and ranges give each member that is written out. A number that runs on beyond what its form
    describes is left out, not shortened.
    """
    plain = text.translate(_PLAIN)[:LONGEST_TEXT]
    matches = [
        (match.start(), -match.end("cite"), order, form, match, pattern in form.short)
        for order, form in enumerate(_forms())
        for pattern in form.named + form.short
        for match in pattern.finditer(plain)
    ]
    found: list[Found] = []
    for start, minus_end, _, form, match, short in sorted(matches, key=lambda one: one[:3]):
        here = found[-1].end if found else 0
        cut = match.end() == len(plain) < len(text)
        others = _OTHER_BEFORE.search(plain, start - 24, start) or _OTHER_AFTER.match(plain, match.end())
        if start < here or cut or (short and others):
            continue
        fields, labels = form.read(match)
        citation = form.citation(fields, labels)
        members = tuple(_members(form, plain, match, fields, labels)) if citation else ()
        if citation and _ends(plain, match.end(), bool(members)):
            found += (Found(start, -minus_end, citation), *members)
    return tuple(found)


def _ends(text: str, end: int, listed: bool) -> bool:
    """Whether a number really ends here; `listed` when what follows is read as the list's next member."""
    return listed or not re.match(r"[\w(]|[.:/]\d|-\w", text[end : end + 2])


def _next(form: _Form, text: str, here: int) -> re.Match[str] | None:
    """What goes on with a list or range at `here`: a section, paragraphs, or a last piece such as -04."""
    join = _JOIN.match(text, here)
    item = form.item.match(text, join.end()) if join else None
    return item if item and item[0] else None


def _members(form: _Form, text: str, match: re.Match[str], fields: Fields, labels: Labels) -> Iterator[Found]:
    """The further members of the list or range that `match` begins."""
    item = _next(form, text, match.end()) if "section" in fields else None
    while item:
        before, section = fields["section"], item["section"] or fields["section"]
        below = form.labels(item["labels"] or item["beside"] or "")
        if item["section"] and section.isdigit() and not below:  # or is it a year or an amount?
            year = re.fullmatch(r"(?:19|20)\d\d", section) and not _MANY.search(match["cite"])
            alike = before.isdigit() and len(section) >= max(3, len(before))
            if year or not alike or _AMOUNT.match(text, item.end()):
                return
        elif item["short"]:
            section = section.rpartition(item["short"][0])[0] + item["short"]
        elif item["beside"] and not (below := _beside(labels, below)):
            return
        fields, labels = {**fields, "section": section}, below
        citation, following = form.citation(fields, labels), _next(form, text, item.end())
        if not citation or not _ends(text, item.end(), bool(following)):
            return
        yield Found(item.start(), item.end(), citation)
        item = following


def _beside(labels: Labels, new: Labels) -> Labels:
    """`new` in the place of the last label of its kind: after (b)(9), (10) is (b)(10) and (a) is (a)."""
    kinds = [(one[0].isdigit(), one.islower(), bool(re.match(r"S\d", one))) for one in labels + new]
    same = [depth for depth in range(len(labels)) if kinds[depth] == kinds[len(labels)]]
    return labels[: same[-1]] + new if same else ()


@lru_cache(maxsize=8192)
def canonical(coordinate: str) -> str:
    """The canonical text of a coordinate, `us/usc/49/30112/b/9` to `49 U.S.C. § 30112(b)(9)`.

    Raises UnknownCitation for a coordinate that no form writes.
    """
    for form in _forms():
        if match := form.address.fullmatch(coordinate):
            fields = match.groupdict("")
            citation = form.citation(fields, tuple(fields.pop("labels", "").split("/")[1:]))
            if citation and citation.coordinate == coordinate:
                return citation.text
    raise UnknownCitation(coordinate, "is not a coordinate of this book")


def parents(coordinate: str) -> tuple[str, ...]:
    """The coordinates above, nearest first: `us/usc/49/30112/b/9` gives `.../30112/b`, `.../30112`."""
    above = []
    while coordinate := coordinate.rpartition("/")[0]:
        with suppress(UnknownCitation):
            canonical(coordinate)
            above.append(coordinate)
    return tuple(above)

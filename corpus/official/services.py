"""What the federal services are asked before and beside a text: dates, sizes, release points, amendments."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from corpus.official.answers import FetchError, NotFound, host
from corpus.official.fetch import Fetched, Fetcher, Unchanged
from corpus.official.parse import LARGEST_BYTES
from corpus.official.section import ReadError
from corpus.official.sources import Endpoints, Source, endpoints, filled

_MOST_DOCUMENTS = 2_000  # where the Federal Register's search stops
_FIELDS = ("document_number", "citation", "title", "type", "publication_date", "effective_on", "dates", "html_url")
_DAYS = ("up_to_date_as_of", "latest_issue_date", "latest_amended_on")
_RELEASE = re.compile(r"releasepoints/us/pl/(\d+)/(\d+(?:not[\d-]+)*(?:u\d+)?)/")
_LAW = re.compile(r"(\d+)((?:not[\d-]+)*)(?:u(\d+))?")


@dataclass(frozen=True)
class TitleDates:
    """What the eCFR says of one title: the last day it can be asked for, and two earlier days on which it changed.

    All are None for a title that is reserved.
    """

    up_to_date_as_of: dt.date | None = None
    latest_issue_date: dt.date | None = None
    latest_amended_on: dt.date | None = None

    def before(self, day: dt.date) -> tuple[dt.date, ...]:
        """The days before this one for which the title can be asked for, latest first."""
        days = {self.up_to_date_as_of, self.latest_issue_date, self.latest_amended_on}
        return tuple(sorted((one for one in days if one and one < day), reverse=True))


@dataclass(frozen=True)
class PartSize:
    """The bytes of a part and the day it was loaded: it need not be fetched again while neither changes."""

    size: int
    received_on: str


@dataclass(frozen=True)
class Release:
    """A release point of the U.S. Code: current through Public Law `congress`-`law`, but not the laws `excluded`.

    119-102not101 is Release(119, 102, ("101",)). `label` is how addresses write it after the congress.
    """

    congress: int
    law: int
    excluded: tuple[str, ...]
    update: int
    label: str

    @property
    def order(self) -> tuple[int, int, int, int]:
        """Sorts the oldest first; of one law, the release that leaves out fewer laws is the later."""
        return self.congress, self.law, -len(self.excluded), self.update


@dataclass(frozen=True)
class Amendment:
    """A rule in the Federal Register that names a part. `effective_on` is read by a machine there and can be stale:
    show `dates`, the words of the document, beside it."""

    number: str
    citation: str
    title: str
    published: dt.date
    effective_on: dt.date | None
    dates: str
    url: str


def ecfr_days(fetcher: Fetcher, *, at: Endpoints | None = None) -> Mapping[str, TitleDates]:
    """The days of each title by its number.

    Raises FetchError while an import is in progress, when texts of two days may stand side by side.
    """
    url = (at or endpoints()).ecfr_titles
    told = _json(fetcher, url)
    try:
        if told["meta"]["import_in_progress"]:
            raise FetchError(f"{url}: the eCFR is taking in new texts; try again in an hour")
        return {
            str(one["number"]): TitleDates(*(dt.date.fromisoformat(one[day]) if one[day] else None for day in _DAYS))
            for one in told["titles"]
        }
    except (KeyError, TypeError, ValueError) as error:
        raise FetchError(f"{url}: not the list of titles that was expected ({error!r})") from error


def up_to_date_as_of(fetcher: Fetcher, title: str, *, at: Endpoints | None = None) -> dt.date:
    """The latest day for which a title can be asked for. Raises FetchError."""
    dates = ecfr_days(fetcher, at=at).get(title)
    if not dates or not dates.up_to_date_as_of:
        raise FetchError(f"the eCFR gives no day for title {title}: it is reserved or not there")
    return dates.up_to_date_as_of


def ecfr_part(
    fetcher: Fetcher, source: Source, day: dt.date, path: Path, *, at: Endpoints | None = None
) -> tuple[Fetched | Unchanged, dt.date]:
    """A part as of `day`, and the day it was got for: an earlier one of its title where `day` is too late (404)."""
    try:
        return fetcher.fetch(source.address(date=day.isoformat()), source.media, path), day
    except NotFound as error:
        dates = ecfr_days(fetcher, at=at).get(source.number, TitleDates())
        for earlier in dates.before(day):
            try:
                return fetcher.fetch(source.address(date=earlier.isoformat()), source.media, path), earlier
            except NotFound:
                continue
        raise error


def ecfr_sizes(fetcher: Fetcher, title: str, day: dt.date, *, at: Endpoints | None = None) -> Mapping[str, PartSize]:
    """The size of every part of a title. Raises FetchError."""
    url = filled((at or endpoints()).ecfr_structure, {"title": title, "date": day.isoformat()})
    return dict(_parts(_json(fetcher, url)))


def _parts(node: dict[str, Any]) -> Iterator[tuple[str, PartSize]]:
    if node.get("type") == "part":
        yield str(node["identifier"]), PartSize(int(node.get("size") or 0), str(node.get("received_on") or ""))
    for child in node.get("children") or ():
        yield from _parts(child)


def releases(fetcher: Fetcher, *, at: Endpoints | None = None) -> tuple[Release, ...]:
    """Every release point that the lists of the OLRC name, oldest first. Raises FetchError when they name none.

    The front page is asked first: without its cookie the other pages answer 404.
    """
    where = at or endpoints()
    fetcher.read(where.olrc_front, "html")
    found = set()
    for url in where.olrc_releases:
        page = fetcher.read(url, "html").decode("utf-8", "replace")
        found |= {release(int(m[1]), m[2]) for m in _RELEASE.finditer(page)}
    if not found:
        raise FetchError(f"{where.olrc_releases[0]}: no release point is named there")
    return tuple(sorted(found, key=lambda one: one.order))


def release(congress: int, label: str) -> Release:
    """ "102not101u1" of Congress 119 as (119, 102, ("101",), 1). Raises FetchError for another form."""
    match = _LAW.fullmatch(label)
    if not match:
        raise FetchError(f"release point {congress}-{label} is not of a known form")
    excluded = tuple(one for one in match[2].split("not") if one)
    return Release(congress, int(match[1]), excluded, int(match[3] or 0), label)


def member(archive: bytes | Path, largest: int = LARGEST_BYTES) -> bytes:
    """The one XML file of an archive, such as usc49.xml. Raises ReadError when there is not one, or it is too large."""
    try:
        with zipfile.ZipFile(io.BytesIO(archive) if isinstance(archive, bytes) else archive) as opened:
            names = [one for one in opened.namelist() if one.lower().endswith(".xml")]
            if len(names) != 1:
                raise ReadError(f"an archive with {len(names)} XML files; one is expected")
            with opened.open(names[0]) as file:
                data = file.read(largest + 1)  # what the archive says of its size may not be true
    except (zipfile.BadZipFile, zlib.error, RuntimeError, EOFError, OSError) as error:
        raise ReadError(f"the archive does not open: {error}") from error
    if len(data) > largest:
        raise ReadError(f"{names[0]} holds more than {largest:,} bytes, which is the limit")
    return data


def amendments(
    fetcher: Fetcher, title: str, part: str, since: dt.date, *, at: Endpoints | None = None
) -> tuple[Amendment, ...]:
    """The rules published since a day that name a part, newest first. Raises FetchError."""
    base = (at or endpoints()).federal_register
    asked = [
        ("conditions[cfr][title]", title),
        ("conditions[cfr][part]", part),
        ("conditions[type][]", "RULE"),
        ("conditions[publication_date][gte]", since.isoformat()),
        ("order", "newest"),
        ("per_page", "100"),
        *(("fields[]", name) for name in _FIELDS),
    ]
    url, found = f"{base}?{urlencode(asked)}", []
    for _ in range(_MOST_DOCUMENTS // 100):
        told = _json(fetcher, url)
        if told.get("count", 0) > _MOST_DOCUMENTS:
            raise FetchError(f"{base}: more than {_MOST_DOCUMENTS:,} rules since {since}; ask from a later day")
        try:
            found += [_amendment(one) for one in told.get("results") or ()]
        except (KeyError, TypeError, ValueError) as error:
            raise FetchError(f"{base}: not the list of documents that was expected ({error!r})") from error
        url = told.get("next_page_url") or ""
        if not url:
            break
        if host(url) != host(base):
            raise FetchError(f"{base}: its next page is on {host(url)}, which is not followed")
    return tuple(found)


def _amendment(one: dict[str, Any]) -> Amendment:
    effective = one.get("effective_on")
    return Amendment(
        one["document_number"],
        one.get("citation") or "",
        one["title"],
        dt.date.fromisoformat(one["publication_date"]),
        dt.date.fromisoformat(effective) if effective else None,
        one.get("dates") or "",
        one["html_url"],
    )


def _json(fetcher: Fetcher, url: str) -> dict[str, Any]:
    try:
        told = json.loads(fetcher.read(url, "json"))
    except ValueError as error:
        raise FetchError(f"{url}: not JSON: {error}") from error
    if not isinstance(told, dict):
        raise FetchError(f"{url}: a list where a record was expected")
    return told

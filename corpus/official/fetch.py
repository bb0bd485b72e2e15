"""Fetch one file from an official site: politely, never half of it, never a web page in its place.

A download grows in `<name>.part` and gets its own name only when it is whole and is what was asked for. Beside it,
`<name>.tag` holds the validators of its answer: those of the part while there is one, then those of the file.
Nothing is asked before `Fetcher.fetch` or `Fetcher.read` is called, and `kei sync` alone calls them.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import httpx

from corpus.official import answers
from corpus.official.answers import Again, FetchError
from corpus.official.parse import LARGEST_BYTES

T = TypeVar("T")
PAUSE = 0.5  # seconds between two requests to one host: the eCFR is clean up to 8 a second, others are slower
TRIES = 5
# A site that does not even answer the call is most often not there: the machine is offline, or the site is blocked.
TRIES_TO_CONNECT = 2
LONGEST_WAIT = 300.0
# Whole eCFR titles take the server up to 50 seconds before the first byte.
TIMEOUT = httpx.Timeout(connect=15, read=90, write=30, pool=30)
_REDIRECTS = (301, 302, 303, 307, 308)


@dataclass(frozen=True)
class Fetched:
    """A whole file, now at `path`."""

    url: str
    path: Path
    sha256: str
    resumed: bool = False


@dataclass(frozen=True)
class Unchanged:
    """The site says that the file at `path` is still what it would send."""

    url: str
    path: Path


class Fetcher:
    """Asks one request at a time. `contact` is an address that a site's administrators can write to.

    `clock` and `sleep` measure and pass the time, `jitter` gives 0 to 1 for the spread of waits: tests give their
    own. Close it, or use it as a context. Proxies are used only if the user's environment names one.
    """

    def __init__(
        self,
        contact: str,
        *,
        largest: int = LARGEST_BYTES,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        agent = f"kei-assistant (+{contact})"
        self._client = httpx.Client(headers={"User-Agent": agent}, timeout=TIMEOUT, follow_redirects=False)
        self._largest, self._clock, self._sleep, self._jitter = largest, clock, sleep, jitter
        self._asked: dict[str, float] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._client.close()

    def fetch(self, url: str, media: str, path: Path) -> Fetched | Unchanged:
        """The file at `url`, at `path`. A part left by an earlier call is resumed if the site still has the same file.

        Raises Blocked, NotFound or FetchError; what stood at `path` before then still does.
        """
        path.parent.mkdir(parents=True, exist_ok=True)
        return self._tried(url, lambda: self._download(url, media, path))

    def read(self, url: str, media: str) -> bytes:
        """The body of a small answer, such as a list. Raises as `fetch` does."""

        def once() -> bytes:
            with self._answer(url, media, {}) as answer:
                answers.check_status(answer, url)
                body = b"".join(self._chunks(answer, url, 0))
            answers.check_body(body[: answers.SEEN], body[-answers.SEEN :], media, answer.headers, url)
            return body

        return self._tried(url, once)

    def _tried(self, url: str, once: Callable[[], T]) -> T:
        """`once`, again after a wait when the failure may pass; at most TRIES times."""
        host = answers.host(url)
        tries = TRIES
        for attempt in range(1, TRIES + 1):
            try:
                return once()
            except Again as error:
                reason, wait = str(error), error.after
            except httpx.TimeoutException:
                reason, wait = f"{host} did not answer in time", None
            except httpx.ConnectError as error:
                reason, wait, tries = f"{host} cannot be reached: {error}", None, TRIES_TO_CONNECT
            except (httpx.InvalidURL, httpx.UnsupportedProtocol) as error:
                raise FetchError(f"{url}: {error}") from error
            except httpx.TransportError as error:
                reason, wait = f"{url}: the connection broke off: {error}", None
            except httpx.HTTPError as error:
                raise FetchError(f"{url}: {error}") from error
            if wait is not None and wait > LONGEST_WAIT:
                raise FetchError(f"{reason}; it asks to wait {wait:.0f} seconds: try again later")
            if attempt >= tries:
                break
            if attempt < TRIES:
                self._sleep(wait if wait is not None else 2 ** (attempt - 1) * (1 + self._jitter()))
        raise Again(f"{reason} (tried {attempt} times)")

    @contextmanager
    def _answer(self, url: str, media: str, headers: dict[str, str]) -> Iterator[httpx.Response]:
        """The answer, its body not yet read; redirects within the host are followed, any other is refused."""
        asked = url
        for _ in range(6):
            self._wait(answers.host(asked))
            with self._client.stream("GET", asked, headers={"Accept": answers.accept(media), **headers}) as answer:
                if answer.status_code not in _REDIRECTS:
                    yield answer
                    return
                asked = answers.redirected(asked, answer.headers.get("Location", ""))
        raise FetchError(f"{url} redirects in a circle")

    def _wait(self, host: str) -> None:
        last = self._asked.get(host)
        if last is not None and (left := last + PAUSE - self._clock()) > 0:
            self._sleep(left)
        self._asked[host] = self._clock()

    def _chunks(self, answer: httpx.Response, url: str, held: int) -> Iterator[bytes]:
        """The body in pieces; raises FetchError beyond the size limit, and when the site announces more than that."""
        announced = answer.headers.get("Content-Length", "")
        if announced.isdigit() and held + int(announced) > self._largest:
            raise FetchError(f"{url}: {held + int(announced):,} bytes; the limit is {self._largest:,}")
        for chunk in answer.iter_bytes():
            held += len(chunk)
            if held > self._largest:
                raise FetchError(f"{url}: more than {self._largest:,} bytes, which is the limit")
            yield chunk

    def _download(self, url: str, media: str, path: Path) -> Fetched | Unchanged:
        part, tag = path.with_name(f"{path.name}.part"), path.with_name(f"{path.name}.tag")
        known = _validators(tag, url)
        held = part.stat().st_size if part.exists() else 0
        resume = bool(held and known.get("strong"))
        # Bytes of a compressed answer could not be resumed: ask for plain ones.
        headers = {"Accept-Encoding": "identity"}
        if resume:
            headers |= {"Range": f"bytes={held}-", "If-Range": known["strong"]}
        elif not part.exists() and path.exists():
            names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
            headers |= {names[name]: value for name, value in known.items() if name in names}
        with self._answer(url, media, headers) as answer:
            if answer.status_code == 304:
                return Unchanged(url, path)
            if answer.status_code == 416:
                _discard(part, tag)
                raise Again(f"{url}: the part on disk cannot be resumed")
            answers.check_status(answer, url)
            resumed = resume and answers.continues(answer, held, known)
            if answer.status_code == 206 and not resumed:
                _discard(part, tag)
                raise Again(f"{url}: sent another piece than was asked for")
            with part.open("ab" if resumed else "wb") as out:
                if not resumed:  # the part is empty by now: a kill in between cannot pair old bytes with a new tag
                    _write(tag, {"url": url, **answers.validators(answer)})
                try:
                    for chunk in self._chunks(answer, url, held if resumed else 0):
                        out.write(chunk)
                except FetchError:
                    _discard(part, tag)
                    raise
                out.flush()
                os.fsync(out.fileno())
        head, tail, digest = _ends_of(part)
        try:
            answers.check_body(head, tail, media, answer.headers, url)
            answers.check_archive(part, media, url)
        except FetchError:
            _discard(part, tag)
            raise
        part.replace(path)
        return Fetched(url, path, digest, resumed)


def _validators(tag: Path, url: str) -> dict[str, str]:
    """What the tag of a file says, if it is of this address; {} otherwise."""
    try:
        told = json.loads(tag.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) and told.get("url") == url else {}


def _write(tag: Path, told: dict[str, str]) -> None:
    """All of the tag or nothing."""
    new = tag.with_name(f"{tag.name}.new")
    new.write_text(json.dumps(told), "utf-8")
    new.replace(tag)


def _discard(part: Path, tag: Path) -> None:
    """The tag first: a tag that outlives its part would pass for that of the older file."""
    tag.unlink(missing_ok=True)
    part.unlink(missing_ok=True)


def _ends_of(path: Path) -> tuple[bytes, bytes, str]:
    """The first and last bytes of a file and its sha256."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        file.seek(0)
        head = file.read(answers.SEEN)
        file.seek(max(0, path.stat().st_size - answers.SEEN))
        return head, file.read(), digest

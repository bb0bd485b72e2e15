"""Judge what a site answered: is it whole, is it what was asked for, may it be asked again?"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from email.utils import parsedate_to_datetime
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import httpx

from corpus.official.sources import media as media_of

SEEN = 4096  # bytes of the beginning and the end that are looked at
_PAGE = re.compile(rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype\s+html|html)\b", re.I | re.S)
_ROOT = re.compile(rb"<([A-Za-z_][\w.:-]*)")
_PROLOGUE = re.compile(rb"<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>]*>", re.S)
_TITLE = re.compile(rb"<title[^>]*>\s*([^<]{1,80})", re.I)


class FetchError(RuntimeError):
    """A file that could not be had; the message is one line that says why."""

    def __init__(self, reason: str) -> None:
        super().__init__(" ".join(reason.split()))


class Blocked(FetchError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """The site sends programs elsewhere, or sends a web page in place of the file."""


class NotFound(FetchError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """The site has no such file (404, 410)."""


class Again(FetchError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """A failure that may pass; `after` is how many seconds the site asks to wait, None when it does not say."""

    def __init__(self, reason: str, after: float | None = None) -> None:
        super().__init__(reason)
        self.after = after


def accept(media: str) -> str:
    """The Accept header for a kind of file."""
    return ", ".join((*media_of(media).types, "*/*;q=0.1"))


def check_status(answer: httpx.Response, url: str) -> None:
    """Raises unless the answer brings the file (200, or 206 for the rest of one)."""
    code = answer.status_code
    if code in (200, 206):
        return
    if code in (404, 410):
        raise NotFound(f"{url}: the site has no such file ({code})")
    if code in (401, 403, 451):
        raise Blocked(f"{url}: the site refuses ({code})")
    if code in (408, 425, 429) or code >= 500:
        raise Again(f"{url}: the site answers {code}", _retry_after(answer))
    raise FetchError(f"{url}: the site answers {code}")


def _retry_after(answer: httpx.Response) -> float | None:
    """Seconds, whether the header gives seconds or a day; the latter against the site's own clock."""
    told = answer.headers.get("Retry-After", "").strip()
    if told.isdigit():
        return float(told)
    try:
        until = parsedate_to_datetime(told)
        now = parsedate_to_datetime(answer.headers.get("Date", ""))
        return max(0.0, (until - now) / dt.timedelta(seconds=1))
    except (ValueError, TypeError):
        return None


def host(url: str) -> str:
    """The host of an address, with its port. Raises FetchError when it has none."""
    try:
        found = urlsplit(url).netloc
    except ValueError as error:
        raise FetchError(f"{url}: {error}") from error
    if not found:
        raise FetchError(f"{url} is not the address of a site")
    return found


def redirected(asked: str, location: str) -> str:
    """Where a redirect goes on. Raises unless that is on the same host and does not leave https."""
    try:
        following = urljoin(asked, location)
    except ValueError as error:
        raise FetchError(f"{asked} redirects to {location}: {error}") from error
    here, there = urlsplit(asked), urlsplit(following)
    if there.hostname == "unblock.federalregister.gov":
        raise Blocked(f"{asked}: blocked, the site sends programs to {there.hostname}; open that page in a browser")
    if there.netloc != here.netloc or there.scheme not in (here.scheme, "https"):
        raise FetchError(f"{asked} redirects to {there.scheme}://{there.netloc}, which is not followed")
    return following


def validators(answer: httpx.Response) -> dict[str, str]:
    """What tells this version of the file from another. "strong" is the one by which a part may be resumed."""
    etag, modified = answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", "")
    strong = etag if etag and not etag.startswith("W/") else modified
    if answer.headers.get("Content-Encoding", "identity") != "identity":
        strong = ""
    told = {"etag": etag, "modified": modified, "strong": strong}
    return {name: value for name, value in told.items() if value}


def continues(answer: httpx.Response, held: int, known: dict[str, str]) -> bool:
    """Whether the answer is the rest, from byte `held`, of the file that `known` names."""
    starts = re.match(r"bytes (\d+)-", answer.headers.get("Content-Range", ""))
    told = validators(answer)
    same = all(told[name] == known.get(name) for name in ("etag", "modified") if name in told)
    return answer.status_code == 206 and bool(starts) and same and int(starts[1] if starts else -1) == held


def check_body(head: bytes, tail: bytes, media: str, headers: httpx.Headers, url: str) -> None:
    """Raises Blocked for a web page in the file's place, Again for a file cut off, FetchError for another kind."""
    kind = media_of(media)
    told = headers.get("Content-Type", "").partition(";")[0].strip().lower()
    if media != "html" and (told == "text/html" or _PAGE.match(head)):
        title = _TITLE.search(head)
        said = f" ({' '.join(title[1].decode('utf-8', 'replace').split())})" if title else ""
        raise Blocked(f"{url}: blocked or not there, the site sends a web page{said} where {media} was asked for")
    if not head.strip():
        raise Again(f"{url}: the site sends nothing")
    if told and told not in kind.types:
        raise FetchError(f"{url}: sent as {told}, where {media} was asked for")
    begins = tuple(one.encode() for one in kind.begins)
    if not head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(begins):
        raise FetchError(f"{url}: does not begin as {media} does")
    ends = tuple(one.encode() for one in kind.ends)
    if (ends and not tail.rstrip(b"\0 \t\r\n").endswith(ends)) or (media == "xml" and not _closed(head, tail)):
        raise Again(f"{url}: cut off, it does not end as {media} does")


def _closed(head: bytes, tail: bytes) -> bool:
    """Whether the root element that begins in the head is closed in the tail."""
    root = _ROOT.search(_PROLOGUE.sub(b"", head))
    if not root:
        return True  # a prologue longer than what is looked at: left to the parser
    return bool(re.search(rb"</" + re.escape(root[1]) + rb"\s*>", tail)) or tail.rstrip().endswith(b"/>")


def check_archive(path: Path, media: str, url: str) -> None:
    """Raises Again when a zip archive does not open: its directory stands at the end, so it was cut off."""
    if media == "zip" and not zipfile.is_zipfile(path):
        raise Again(f"{url}: cut off, the archive does not open")

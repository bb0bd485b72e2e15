"""Fetching, replayed through a server on this machine: no test asks a real host, none waits for real."""

from __future__ import annotations

import datetime as dt
import io
import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from corpus.official import services
from corpus.official.answers import Blocked, FetchError, NotFound
from corpus.official.fetch import TRIES, TRIES_TO_CONNECT, Fetched, Fetcher, Unchanged
from corpus.official.section import ReadError
from corpus.official.sources import Endpoints, Source, sources

XML, ZIP, RTF, HTML, JSON = "application/xml", "application/zip", "application/rtf", "text/html", "application/json"
TEXT = b"<PART><HEAD>Boats</HEAD><P>" + b"A boat is a vessel. " * 20_000 + b"</P></PART>"
PAGE = b"<!DOCTYPE html><html><head><title>Request  Access</title></head><body>No.</body></html>"


@dataclass
class Reply:
    """One answer. `cut` sends so many bytes of the body and closes; `ranges` answers a Range with the rest."""

    body: bytes = b""
    kind: str = XML
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    cut: int | None = None
    hold: threading.Event | None = None
    ranges: bool = False
    sized: bool = True


@dataclass
class Site:
    """The replies of each path, the last one repeated, and what was asked."""

    address: str = ""
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def put(self, path: str, *replies: Reply) -> str:
        self.replies[path] = list(replies)
        return self.address + path

    def paths(self) -> list[str]:
        return [path for path, _ in self.asked]


def _serve(site: Site) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            pass

        def do_GET(self) -> None:
            path = self.path if self.path in site.replies else self.path.partition("?")[0]
            site.asked.append((self.path, dict(self.headers)))
            queue = site.replies.get(path, [Reply(b"nothing", "text/plain", 404)])
            reply = queue.pop(0) if len(queue) > 1 else queue[0]
            body, status, headers = reply.body, reply.status, dict(reply.headers)
            wanted, same = self.headers.get("Range"), self.headers.get("If-Range") == headers.get("ETag")
            if reply.ranges and wanted and same:
                start = int(wanted.removeprefix("bytes=").rstrip("-"))
                headers["Content-Range"] = f"bytes {start}-{len(body) - 1}/{len(body)}"
                body, status = body[start:], 206
            self.send_response(status)
            for name, value in {"Content-Type": reply.kind, **headers}.items():
                self.send_header(name, value)
            self.send_header("Connection", "close")
            if reply.sized and status != 304:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.close_connection = True
            self.wfile.write(body[: reply.cut])
            if reply.hold:
                self.wfile.flush()
                reply.hold.wait(60)

    return Handler


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    site = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _serve(site))
    site.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield site
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass
class Time:
    """A clock that only sleeping moves."""

    now: float = 0.0
    slept: list[float] = field(default_factory=list)

    def clock(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds
        self.slept.append(seconds)


@pytest.fixture
def passing() -> Time:
    return Time()


@pytest.fixture
def fetcher(passing: Time) -> Iterator[Fetcher]:
    with Fetcher(
        "law@firm.example", largest=1_000_000, clock=passing.clock, sleep=passing.sleep, jitter=lambda: 0.5
    ) as one:
        yield one


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "us-cfr-49-591" / "591.xml"


def test_a_file_arrives_whole_and_the_site_knows_who_asks(site: Site, fetcher: Fetcher, path: Path) -> None:
    got = fetcher.fetch(site.put("/a", Reply(TEXT)), "xml", path)
    assert isinstance(got, Fetched)
    assert path.read_bytes() == TEXT
    assert not path.with_name("591.xml.part").exists()
    assert site.asked[0][1]["User-Agent"] == "kei-assistant (+law@firm.example)"


def test_one_host_is_asked_twice_a_second_at_most(site: Site, fetcher: Fetcher, path: Path, passing: Time) -> None:
    url = site.put("/a", Reply(TEXT))
    fetcher.fetch(url, "xml", path)
    passing.now += 0.2
    fetcher.fetch(url, "xml", path)
    passing.now += 0.7
    fetcher.fetch(url, "xml", path)
    assert passing.slept == [pytest.approx(0.3)]


@pytest.mark.parametrize(
    ("headers", "wait"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({}, 1.5),
        ({"Retry-After": "soon"}, 1.5),
    ],
)
def test_too_many_requests_are_answered_by_waiting(
    site: Site, fetcher: Fetcher, path: Path, passing: Time, headers: dict[str, str], wait: float
) -> None:
    url = site.put("/a", Reply(b"slow", "text/plain", 429, headers), Reply(TEXT))
    assert isinstance(fetcher.fetch(url, "xml", path), Fetched)
    assert passing.slept == [wait]


def test_a_day_to_come_back_is_measured_by_the_site_clock(
    site: Site, fetcher: Fetcher, path: Path, passing: Time
) -> None:
    until = (dt.datetime.now(dt.UTC) + dt.timedelta(seconds=60)).strftime("%a, %d %b %Y %H:%M:%S GMT")
    url = site.put("/a", Reply(b"slow", "text/plain", 503, {"Retry-After": until}), Reply(TEXT))
    fetcher.fetch(url, "xml", path)
    assert 50 <= passing.slept[0] <= 61


def test_a_site_that_asks_for_hours_is_left_alone(site: Site, fetcher: Fetcher, path: Path, passing: Time) -> None:
    url = site.put("/a", Reply(b"slow", "text/plain", 429, {"Retry-After": "7200"}))
    with pytest.raises(FetchError, match="asks to wait 7200 seconds"):
        fetcher.fetch(url, "xml", path)
    assert passing.slept == []
    assert len(site.asked) == 1


def test_a_server_that_is_too_slow_is_asked_again(site: Site, fetcher: Fetcher, path: Path, passing: Time) -> None:
    slow = Reply(b"<html>Gateway Time-out", HTML, 504)
    fetcher.fetch(site.put("/a", slow, slow, Reply(TEXT)), "xml", path)
    assert path.read_bytes() == TEXT
    assert passing.slept == [1.5, 3.0]


def test_tries_come_to_an_end_and_the_older_file_stays(site: Site, fetcher: Fetcher, path: Path, passing: Time) -> None:
    path.parent.mkdir()
    path.write_bytes(b"<older/>")
    with pytest.raises(FetchError, match=rf"answers 502 \(tried {TRIES} times\)"):
        fetcher.fetch(site.put("/a", Reply(b"bad", "text/plain", 502)), "xml", path)
    assert len(site.asked) == TRIES
    assert path.read_bytes() == b"<older/>"
    assert sum(passing.slept) < 60


@pytest.mark.parametrize(
    ("status", "error"), [(404, NotFound), (410, NotFound), (403, Blocked), (451, Blocked), (400, FetchError)]
)
def test_what_will_not_pass_is_asked_once(
    site: Site, fetcher: Fetcher, path: Path, status: int, error: type[FetchError]
) -> None:
    with pytest.raises(error, match=str(status)):
        fetcher.fetch(site.put("/a", Reply(b"no", "text/plain", status)), "xml", path)
    assert len(site.asked) == 1


def test_a_redirect_is_followed_on_its_own_host_only(site: Site, fetcher: Fetcher, path: Path) -> None:
    site.put("/b", Reply(TEXT))
    fetcher.fetch(site.put("/a", Reply(status=301, headers={"Location": "/b"})), "xml", path)
    assert site.paths() == ["/a", "/b"]
    elsewhere = site.address.replace("127.0.0.1", "localhost")
    with pytest.raises(FetchError, match=r"redirects to http://localhost:\d+, which is not followed"):
        fetcher.fetch(site.put("/c", Reply(status=302, headers={"Location": f"{elsewhere}/b"})), "xml", path)
    with pytest.raises(FetchError, match="in a circle"):
        fetcher.fetch(site.put("/d", Reply(status=302, headers={"Location": "/d"})), "xml", path)
    with pytest.raises(FetchError, match="Invalid IPv6"):
        fetcher.fetch(site.put("/f", Reply(status=302, headers={"Location": "//[boats/"})), "xml", path)
    with pytest.raises(Blocked, match=r"programs to unblock\.federalregister\.gov"):
        fetcher.fetch(
            site.put("/e", Reply(status=302, headers={"Location": "https://unblock.federalregister.gov/"})), "xml", path
        )
    assert site.paths().count("/b") == 1


@pytest.mark.parametrize(("media", "kind"), [("zip", HTML), ("xml", HTML), ("xml", XML), ("zip", ZIP), ("rtf", RTF)])
def test_a_web_page_is_not_taken_for_a_file(site: Site, fetcher: Fetcher, path: Path, media: str, kind: str) -> None:
    with pytest.raises(Blocked, match=rf"web page \(Request Access\) where {media} was asked for"):
        fetcher.fetch(site.put("/a", Reply(PAGE, kind)), media, path)
    assert len(site.asked) == 1
    assert list(path.parent.iterdir()) == []


@pytest.mark.parametrize(
    ("media", "kind", "body", "said"),
    [
        ("xml", "text/plain", TEXT, "sent as text/plain"),
        ("xml", XML, b"PK\x03\x04", "does not begin as xml does"),
        ("rtf", RTF, b"Chapter 1 of the boats", "does not begin as rtf does"),
        ("pdf", "application/pdf", b"<a></a>", "does not begin as pdf does"),
    ],
)
def test_another_kind_of_file_is_refused(
    site: Site, fetcher: Fetcher, path: Path, media: str, kind: str, body: bytes, said: str
) -> None:
    with pytest.raises(FetchError, match=said):
        fetcher.fetch(site.put("/a", Reply(body, kind)), media, path)
    assert len(site.asked) == 1
    assert not path.exists()


@pytest.mark.parametrize(
    ("media", "kind", "whole", "half"),
    [
        ("xml", XML, TEXT, TEXT[:1000] + b"</P>"),
        ("xml", XML, TEXT, TEXT[:1000]),
        ("xml", XML, TEXT, b""),
        ("rtf", RTF, b"{\\rtf1 {boats}}\0", b"{\\rtf1 {boats"),
        ("pdf", "application/pdf", b"%PDF-1.7\nboats\n%%EOF\n", b"%PDF-1.7\nboa"),
        ("json", JSON, b'{"boats": []} ', b'{"boats": ['),
    ],
)
def test_a_file_that_was_cut_off_is_asked_for_again(
    site: Site, fetcher: Fetcher, path: Path, media: str, kind: str, whole: bytes, half: bytes
) -> None:
    fetcher.fetch(site.put("/a", Reply(half, kind), Reply(whole, kind)), media, path)
    assert path.read_bytes() == whole
    with pytest.raises(FetchError, match=r"(cut off|sends nothing).*tried"):
        fetcher.fetch(site.put("/b", Reply(half, kind)), media, path)
    assert path.read_bytes() == whole


def test_an_archive_that_was_cut_off_is_asked_for_again(site: Site, fetcher: Fetcher, path: Path) -> None:
    whole = archive({"usc01.xml": TEXT})
    fetcher.fetch(site.put("/a", Reply(whole[:-30], ZIP), Reply(whole, ZIP)), "zip", path)
    assert services.member(path) == TEXT


def test_a_connection_that_broke_off_is_taken_up_where_it_was(site: Site, fetcher: Fetcher, path: Path) -> None:
    tag = {"ETag": '"one"'}
    url = site.put("/a", Reply(TEXT, headers=tag, cut=90_000), Reply(TEXT, headers=tag, ranges=True))
    got = fetcher.fetch(url, "xml", path)
    assert isinstance(got, Fetched)
    assert got.resumed
    assert site.asked[1][1]["Range"] == "bytes=90000-"
    assert path.read_bytes() == TEXT


@pytest.mark.parametrize(
    "second",
    [
        Reply(TEXT, headers={"ETag": '"two"'}, ranges=True),
        Reply(TEXT, headers={"ETag": '"one"'}),
        Reply(TEXT[90_000:], status=206, headers={"ETag": '"two"', "Content-Range": "bytes 90000-/*"}),
        Reply(TEXT[5:], status=206, headers={"ETag": '"one"', "Content-Range": "bytes 5-/*"}),
        Reply(b"", "text/plain", 416),
    ],
)
def test_another_version_is_never_joined_to_a_part(site: Site, fetcher: Fetcher, path: Path, second: Reply) -> None:
    other = TEXT.replace(b"boat", b"ship")  # joined, the two would still be well-formed
    first = Reply(other, headers={"ETag": '"one"'}, cut=90_000)
    got = fetcher.fetch(site.put("/a", first, second, Reply(TEXT)), "xml", path)
    assert isinstance(got, Fetched)
    assert not got.resumed
    assert path.read_bytes() == TEXT


def test_a_part_of_another_address_is_not_resumed(site: Site, fetcher: Fetcher, path: Path) -> None:
    with pytest.raises(FetchError):
        fetcher.fetch(site.put("/a", Reply(TEXT, headers={"ETag": '"one"'}, cut=90_000)), "xml", path)
    fetcher.fetch(site.put("/b", Reply(TEXT, headers={"ETag": '"one"'}, ranges=True)), "xml", path)
    assert "Range" not in site.asked[-1][1]
    assert path.read_bytes() == TEXT


KILLED = """
import sys
from pathlib import Path
from corpus.official.fetch import Fetcher
with Fetcher("law@firm.example") as fetcher:
    fetcher.fetch(sys.argv[1], "xml", Path(sys.argv[2]))
"""


def test_a_kill_in_the_middle_leaves_a_part_that_is_resumed(site: Site, fetcher: Fetcher, path: Path) -> None:
    held = threading.Event()
    tag = {"Last-Modified": "Fri, 20 Nov 2026 10:00:00 GMT", "ETag": '"one"'}
    url = site.put("/a", Reply(TEXT, headers=tag, cut=200_000, hold=held), Reply(TEXT, headers=tag, ranges=True))
    part = path.with_name("591.xml.part")
    running = subprocess.Popen([sys.executable, "-c", KILLED, url, str(path)], cwd=Path(__file__).parent.parent)
    try:
        while not (part.exists() and part.stat().st_size):
            assert running.poll() is None
            time.sleep(0.01)
    finally:
        running.send_signal(signal.SIGKILL)
        running.wait()
        held.set()
    assert not path.exists()
    size = part.stat().st_size
    assert 0 < size < len(TEXT)
    got = fetcher.fetch(url, "xml", path)
    assert isinstance(got, Fetched)
    assert got.resumed
    assert site.asked[-1][1]["Range"] == f"bytes={size}-"
    assert path.read_bytes() == TEXT
    assert not part.exists()


def test_an_unchanged_file_is_not_sent_again(site: Site, fetcher: Fetcher, path: Path) -> None:
    url = site.put("/a", Reply(TEXT, headers={"ETag": 'W/"one"'}), Reply(status=304))
    fetcher.fetch(url, "xml", path)
    assert fetcher.fetch(url, "xml", path) == Unchanged(url, path)
    assert site.asked[1][1]["If-None-Match"] == 'W/"one"'
    assert path.read_bytes() == TEXT


@pytest.mark.parametrize("sized", [True, False])
def test_more_than_the_limit_is_not_kept(site: Site, fetcher: Fetcher, path: Path, sized: bool) -> None:
    with pytest.raises(FetchError, match="1,000,000"):
        fetcher.fetch(site.put("/a", Reply(b"<a>" + b"b" * 1_100_000 + b"</a>", sized=sized)), "xml", path)
    assert list(path.parent.iterdir()) == []


def test_without_a_network_there_is_one_clear_line(fetcher: Fetcher, path: Path, site: Site) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with pytest.raises(FetchError) as caught:
        fetcher.fetch(f"http://127.0.0.1:{port}/a", "xml", path)
    assert re.fullmatch(
        rf"127\.0\.0\.1:{port} cannot be reached: [^\n]+ \(tried {TRIES_TO_CONNECT} times\)", str(caught.value)
    )


@pytest.mark.parametrize("url", ["ftp://boats.example/a", "http://[boats/a", "boats"])
def test_what_is_no_web_address_is_refused_at_once(fetcher: Fetcher, path: Path, passing: Time, url: str) -> None:
    with pytest.raises(FetchError, match=re.escape(url)):
        fetcher.fetch(url, "xml", path)
    assert passing.slept == []


# ---- The federal services ----------------------------------------------------------------------------------------


@pytest.fixture
def at(site: Site) -> Endpoints:
    return Endpoints(
        ecfr_titles=f"{site.address}/titles.json",
        ecfr_structure=f"{site.address}/structure/{{date}}/title-{{title}}.json",
        olrc_front=f"{site.address}/",
        olrc_releases=(f"{site.address}/now", f"{site.address}/prior"),
        federal_register=f"{site.address}/documents.json",
    )


def titles(*, importing: bool = False) -> Reply:
    days = {"up_to_date_as_of": "2026-11-20", "latest_issue_date": "2026-11-18", "latest_amended_on": "2026-11-01"}
    none = dict.fromkeys(days)
    told = {"titles": [{"number": 49, **days}, {"number": 35, **none}], "meta": {"import_in_progress": importing}}
    return Reply(json.dumps(told).encode(), f"{JSON}; charset=utf-8")


@pytest.fixture
def part(site: Site) -> Source:
    source = next(one for one in sources() if one.id == "us-cfr-49-591")
    return source.model_copy(update={"url": site.address + "/full/{date}/title-49.xml?part=591"})


def test_the_ecfr_says_for_which_day_it_can_be_asked(site: Site, fetcher: Fetcher, at: Endpoints) -> None:
    site.put("/titles.json", titles())
    assert services.up_to_date_as_of(fetcher, "49", at=at) == dt.date(2026, 11, 20)
    for title in ("35", "99"):
        with pytest.raises(FetchError, match=f"no day for title {title}"):
            services.up_to_date_as_of(fetcher, title, at=at)
    site.put("/titles.json", titles(importing=True))
    with pytest.raises(FetchError, match="taking in new texts"):
        services.up_to_date_as_of(fetcher, "49", at=at)


@pytest.mark.parametrize("body", [b"{}", b'{"titles": [{}], "meta": {"import_in_progress": false}}', b"[1]", b"{]}"])
def test_a_list_of_another_form_is_named(site: Site, fetcher: Fetcher, at: Endpoints, body: bytes) -> None:
    site.put("/titles.json", Reply(body, JSON))
    with pytest.raises(FetchError, match=r"titles\.json: (not|a list)"):
        services.ecfr_days(fetcher, at=at)


def test_a_day_that_is_too_late_falls_back_to_an_earlier_one(
    site: Site, fetcher: Fetcher, at: Endpoints, part: Source, path: Path
) -> None:
    site.put("/titles.json", titles())
    site.put("/full/2026-11-18/title-49.xml", Reply(TEXT))
    got, day = services.ecfr_part(fetcher, part, dt.date(2026, 11, 24), path, at=at)
    assert isinstance(got, Fetched)
    assert day == dt.date(2026, 11, 18)
    assert [one.partition("/title-")[0] for one in site.paths()] == [
        "/full/2026-11-24",
        "/titles.json",
        "/full/2026-11-20",
        "/full/2026-11-18",
    ]
    with pytest.raises(NotFound, match="2026-11-01"):
        services.ecfr_part(fetcher, part, dt.date(2026, 11, 1), path, at=at)


def test_the_structure_gives_the_size_of_each_part(site: Site, fetcher: Fetcher, at: Endpoints) -> None:
    node = {"type": "part", "identifier": "591", "size": 53_000, "received_on": "2026-11-18", "children": []}
    told = {"type": "title", "identifier": "49", "children": [{"type": "chapter", "children": [node]}]}
    site.put("/structure/2026-11-20/title-49.json", Reply(json.dumps(told).encode(), JSON))
    sizes = services.ecfr_sizes(fetcher, "49", dt.date(2026, 11, 20), at=at)
    assert sizes == {"591": services.PartSize(53_000, "2026-11-18")}


def test_release_points_are_read_after_the_front_page(site: Site, fetcher: Fetcher, at: Endpoints) -> None:
    site.put("/", Reply(b"<html></html>", HTML, headers={"Set-Cookie": "JSESSIONID=boats; Path=/"}))
    row = '<a href="releasepoints/us/pl/{0}/{1}/xml_usc49@{0}-{1}.zip">49</a>'
    now = "".join(row.format(*one) for one in ((119, "102not101"), (119, "102not101")))
    prior = "".join(row.format(*one) for one in ((119, "9"), (118, "200"), (119, "102not101not99"), (119, "102")))
    site.put("/now", Reply(f"<html>{now}</html>".encode(), HTML))
    site.put("/prior", Reply(f"<html>{prior}</html>".encode(), HTML))
    found = services.releases(fetcher, at=at)
    assert [f"{one.congress}-{one.label}" for one in found] == [
        "118-200",
        "119-9",
        "119-102not101not99",
        "119-102not101",
        "119-102",
    ]
    assert all(asked["Cookie"] == "JSESSIONID=boats" for _, asked in site.asked[1:])
    site.put("/now", Reply(b"<html></html>", HTML))
    site.put("/prior", Reply(b"<html></html>", HTML))
    with pytest.raises(FetchError, match="no release point"):
        services.releases(fetcher, at=at)


def test_a_release_point_is_parsed_and_not_sorted_as_text() -> None:
    assert services.release(119, "102not101u1") == services.Release(119, 102, ("101",), 1, "102not101u1")
    with pytest.raises(FetchError, match="119-final is not of a known form"):
        services.release(119, "final")


def archive(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in files.items():
            made.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: archive({"readme.txt": b"boats"}), "0 XML files"),
        (lambda: archive({"a.xml": b"<a/>", "b.xml": b"<b/>"}), "2 XML files"),
        (lambda: archive({"usc49.xml": b"<a>" + b" " * 2_000_000 + b"</a>"}), "more than 1,000,000 bytes"),
        (lambda: b"PK but no archive", "does not open"),
        (lambda: archive({"a.xml": TEXT}).replace(b"boat", b"ship")[:60] + b"?" * 900, "does not open"),
    ],
)
def test_an_archive_brings_one_text_of_a_bounded_size(make: Callable[[], bytes], said: str) -> None:
    with pytest.raises(ReadError, match=said):
        services.member(make(), largest=1_000_000)


def test_amendments_are_listed_with_the_words_of_their_dates(site: Site, fetcher: Fetcher, at: Endpoints) -> None:
    one = {
        "document_number": "2026-00001",
        "citation": "91 FR 1",
        "title": "Boats",
        "publication_date": "2026-01-02",
        "effective_on": "2026-02-01",
        "dates": "Delayed until May 1, 2026.",
        "html_url": "https://www.federalregister.gov/d/2026-00001",
    }
    two = {**one, "document_number": "2026-00000", "effective_on": None, "dates": None}
    first = {"count": 2, "results": [one], "next_page_url": f"{site.address}/documents.json?page=2"}
    site.put("/documents.json", Reply(json.dumps(first).encode(), JSON))
    site.put("/documents.json?page=2", Reply(json.dumps({"count": 2, "results": [two]}).encode(), JSON))
    found = services.amendments(fetcher, "49", "591", dt.date(2025, 1, 1), at=at)
    assert [(a.number, a.effective_on, a.dates) for a in found] == [
        ("2026-00001", dt.date(2026, 2, 1), "Delayed until May 1, 2026."),
        ("2026-00000", None, ""),
    ]
    assert "conditions%5Bcfr%5D%5Bpart%5D=591" in site.paths()[0]
    for told, said in (
        ({"count": 2_001}, "from a later day"),
        ({"count": 1, "results": [{}]}, "not the list of documents"),
        ({"count": 200, "results": [], "next_page_url": "https://boats.example/2"}, r"boats\.example, which is not"),
    ):
        site.put("/documents.json", Reply(json.dumps(told).encode(), JSON))
        with pytest.raises(FetchError, match=said):
            services.amendments(fetcher, "49", "591", dt.date(2025, 1, 1), at=at)

"""The library in the browser: one address a provision, its two texts, its dates; what is found and what is missing."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from fastapi.testclient import TestClient

from assistant.official import OfficialTexts
from assistant.standing import UNREVIEWED
from assistant.web import library_pages
from assistant.web.library_pages import Filters, cited
from assistant.web.provisions import address, citing, missing, named, provision
from assistant.web.services import Services
from assistant.web.serving import pages
from corpus.citations import parse
from corpus.library import Library
from corpus.official.store import Store
from tests import test_desks
from tests.test_official_store import ORIGIN, section

services = test_desks.services
DAY = dt.date(2026, 11, 25)
NONE = OfficialTexts(None)
HOSTILE = "<img src=http://evil.example/x.png onerror=alert(1)>"


@pytest.fixture
def client(services: Services) -> TestClient:
    app = pages(services)
    return TestClient(app, follow_redirects=False)


def test_each_coordinate_has_one_address(library: Library) -> None:
    coordinates = {s.coordinate for s in library.statements.values()}
    addresses = {address(c): c for c in coordinates}
    assert len(addresses) == len(coordinates)
    for path, coordinate in addresses.items():
        assert unquote(path) == f"/library/{coordinate}"
        assert not set(path) & set("?#%& ")
        assert named(library, coordinate).coordinate == coordinate


def test_a_provision_shows_every_statement_at_or_below_it(library: Library) -> None:
    for coordinate in sorted({s.coordinate for s in library.statements.values()})[::20]:
        shown = provision(library, named(library, coordinate), DAY, NONE)
        assert shown
        expected = {s.id for s in (*library.at(coordinate), *library.below(coordinate))}
        assert {s.id for s in shown.statements} == expected
        assert all(s.in_force(DAY) for one in shown.paragraphs for s in one.now)
        assert not any(s.in_force(DAY) for one in shown.paragraphs for s in one.others)
        assert not expected & {s.id for s in shown.cited_by}


@pytest.mark.parametrize(
    ("text", "place", "coordinate"),
    [
        ("49 USC 30112(b)(9)", "", "us/usc/49/30112/b/9"),
        ("49 CFR 591.5(i)(1)", "US-TX", "us/cfr/49/591.5/i/1"),
        ("HS-7", "", "us/document/hs7-form"),
        ("rtb 001-24", "", "us-tx/document/tx-dmv-rtb-001-24"),
        ("Section 545.001", "US-TX", "us-tx/code/transp/545.001"),
        ("show or display", "", None),
        ("what does 49 CFR 591.5 say", "", None),
        ("25-year rule", "", None),
        ("", "", None),
    ],
)
def test_an_exact_citation_goes_to_its_provision(
    library: Library, text: str, place: str, coordinate: str | None
) -> None:
    found = cited(library, text, place)
    assert (found.coordinate if found else None) == coordinate


def test_who_cites_it(library: Library) -> None:
    c = named(library, "us/cfr/49/591.5")
    found = list(citing(library, c, set()))
    assert found
    assert all("591.5" in s.text for s in found)
    form = {s.id for s in citing(library, named(library, "us/document/hs7-form"), set())}
    assert "cbp-procedure.forms" in form


@pytest.mark.parametrize(
    ("text", "above", "near"),
    [
        ("49 CFR 591.99", (), "us/cfr/49/591.5"),
        ("49 U.S.C. § 30112(b)(99)", (), "us/usc/49/30112"),
        ("49 CFR 591.5(i)(7)", (), "us/cfr/49/591.5"),
    ],
)
def test_what_is_not_held_is_named_so_with_its_neighbours(
    library: Library, text: str, above: tuple[str, ...], near: str
) -> None:
    citation = parse(text)
    assert provision(library, citation, DAY, NONE) is None
    found = missing(library, citation, DAY)
    assert found.above == library.lookup(citation, as_of=DAY).above
    assert near in [c.coordinate for c in found.near]
    assert citation.coordinate not in [c.coordinate for c in found.near]


def test_the_official_words_stand_beside_ours(library: Library, tmp_path: Path) -> None:
    store = Store(tmp_path)
    law = section(("i", "(i)(1) An old vehicle."), coordinate="us/cfr/49/591.5", heading="Declarations.")
    store.keep([law], ORIGIN)
    shown = provision(library, named(library, "us/cfr/49/591.5"), DAY, OfficialTexts(store))
    assert shown
    held = {one.citation.coordinate: one.official for one in shown.paragraphs}
    assert ORIGIN.current_as_of in shown.changes
    assert "An old vehicle." in str(held["us/cfr/49/591.5"])
    only = provision(library, parse("49 CFR 591.5(i)"), dt.date(2025, 1, 1), OfficialTexts(store))
    assert only
    assert all(one.official is None for one in only.paragraphs)


def test_search_goes_on_and_stays_in_bounds(client: TestClient) -> None:
    sent = client.get("/library", params={"q": "49 CFR 591.5(i)(1)"})
    assert (sent.status_code, sent.headers["location"]) == (303, "/library/us/cfr/49/591.5/i/1")
    page = client.get("/library", params={"q": "engine swap"}).text
    assert "epa-21yr-practice.engine" in page
    whole = client.get("/library").text
    counts = re.search(r"The whole book: (\d+) statements", whole)
    assert counts
    assert int(counts[1]) == len(Library.open().statements)
    assert whole.count('<li class="card">') == library_pages.PAGE
    last = client.get("/library?page=99999999").text
    assert 0 < last.count('<li class="card">') <= library_pages.PAGE
    for bad in ("page=-1", "page=x", "page=%D9%A1", "place=%00", "authority=x&status=y&review=z"):
        assert client.get(f"/library?{bad}").status_code == 200, bad
    offered = client.get("/library", params={"q": "show or display"}).text
    assert "Named in your words" in offered


def test_filters(library: Library) -> None:
    def kept(**fields: str) -> list[str]:
        return [s.id for s in library.statements.values() if Filters(**fields).keep(s, UNREVIEWED)]

    assert {library.statements[i].place for i in kept(place="US-OH")} == {"US-OH"}
    assert {library.statements[i].authority for i in kept(authority="bill")} == {"bill"}
    assert {library.statements[i].status for i in kept(status="vetoed")} == {"vetoed"}
    assert kept(review="verified") == []
    assert len(kept(authority="nonsense", review="unreviewed")) == len(library.statements)


def test_addresses_that_are_none(client: TestClient) -> None:
    assert client.get("/library/us/cfr/49/591.5/").headers["location"] == "/library/us/cfr/49/591.5"
    assert client.get("/library/49 CFR 591.5").headers["location"] == "/library/us/cfr/49/591.5"
    hostile = ("nonsense", HOSTILE, "x" * 5000, "us/document/none", "%00", "../../etc/passwd", "us/usc/49/%2e%2e")
    for path in hostile:
        answer = client.get(f"/library/{path}")
        assert answer.status_code in (303, 404), path
        assert "<img" not in answer.text
    lacking = client.get("/library/us/cfr/49/591.99")
    assert lacking.status_code == 404
    assert "49 CFR 591.99 is not in the book" in lacking.text
    assert "<img" not in client.get("/library", params={"q": HOSTILE}).text


def test_a_page_tells_dates_doubt_and_review(client: TestClient, services: Services) -> None:
    page = client.get("/library/us-tx/document/tx-dmv-rtb-001-24").text
    assert "Not in force on" in page
    assert "2024-04-01" in page
    before = client.get("/library/us-tx/document/tx-dmv-rtb-001-24?as_of=2024-01-01").text
    assert "Before the reversal" in before
    assert "is no date" in client.get("/library/us/cfr/49/591.5?as_of=2026-13-45").text
    doubtful = client.get("/library/us/document/hs7-form").text
    assert "not confirmed" in doubtful
    assert 'value="http://testserver/library/us/document/hs7-form"' in doubtful
    held = services.assistant.library.statements["hs7-form.1"]
    services.reviews.decide(held, "verified", "local", "A. Smith", None, seen=0)
    assert "Verified by A. Smith on" in client.get("/library/us/document/hs7-form").text
    assert "Nothing in the book fits" in client.get("/library?review=verified&place=US-TX").text
    assert "hs7-form.1" in client.get("/library?review=verified").text

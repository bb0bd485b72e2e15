"""The state map, the page of each state and the comparison: every line with its source, any day, hostile addresses."""

from __future__ import annotations

import datetime as dt
import re
import socket
import threading
from collections.abc import Iterator
from types import SimpleNamespace
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import uvicorn
from fastapi.testclient import TestClient
from lxml import html
from playwright.sync_api import Browser, expect

from assistant.database import Database
from assistant.labels import place_name
from assistant.ondisk import OnDisk
from assistant.settings import Settings
from assistant.verify import fault
from assistant.web import states_map
from assistant.web.services import Services
from assistant.web.serving import pages
from assistant.web.states_told import StateOnDay
from corpus.library import Library
from corpus.verdicts import ConditionKind, Registration
from tests import test_browser
from tests.browsing import shot

browser = test_browser.browser
CODES = sorted(code.removeprefix("US-") for code in Library.open().places)
NOW = "2026-11-24"
# A day before most positions were checked, one between two positions of Texas, one when Colorado's law has begun.
DAYS = ("2020-01-01", "2024-06-01", NOW, "2028-06-01")
HOSTILE = (
    "<script>alert(1)</script>", "ZZ", "PR", "US-US-TX", "TX'--", "TX\x00", "%2e%2e%2fTX", "{{7*7}}", "Kei\u202eXT",
    "T" * 5000, "🛻", " ",
)  # fmt: skip


@pytest.fixture(scope="module")
def services(library: Library, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """The pages need the book and the official texts of the assistant, and none of its models."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("states"))
    database = Database.open(settings)
    book = SimpleNamespace(library=library, on_disk=OnDisk.open(settings), fingerprint="")
    yield Services.open(settings, database, lambda standings: book)  # type: ignore[arg-type, return-value]
    database.close()


@pytest.fixture(scope="module")
def client(services: Services) -> TestClient:
    return TestClient(pages(services), follow_redirects=False)


def read(client: TestClient, address: str, status: int = 200) -> html.HtmlElement:
    answer = client.get(address)
    assert answer.status_code == status, (address, answer.text[:300])
    return html.fromstring(answer.text)


def words(held: html.HtmlElement) -> str:
    """The text without marks, joiners and marks of doubt, with single spaces."""
    for one in held.cssselect("a.mark, em.doubt"):
        one.drop_tree()
    text = " ".join(held.text_content().replace("\u2060", "").split())
    return re.sub(r" (?=[.?!])", "", text)


def plain(text: str) -> str:
    return " ".join(text.split())


def test_the_table_places_every_state_on_a_square_of_its_own(library: Library) -> None:
    held = states_map.tiles(library, dt.date.fromisoformat(NOW))
    assert sorted(t.code for t in held) == CODES
    assert len({(t.row, t.column) for t in held}) == len(held) == 51
    assert all(1 <= t.row <= 8 and 1 <= t.column <= 11 for t in held)
    assert set(states_map.letters()) == set(Registration)
    assert len(set(states_map.letters().values())) == len(Registration)
    asked = [one.picks for one in states_map.questions() if one.picks]
    assert sorted(r for picks in asked for r in picks) == sorted(Registration)


@pytest.mark.parametrize("code", CODES)
def test_the_page_of_every_state(client: TestClient, library: Library, code: str) -> None:
    place, day = library.places[f"US-{code}"], dt.date.fromisoformat(NOW)
    verdict = place.verdict(day)
    assert verdict is not None
    page = read(client, f"/states/US-{code}?as_of={NOW}")
    marks = [a.get("href") for a in page.cssselect("a.mark")]
    cards = [f"#{card.get('id')}" for card in page.cssselect(".sources article")]
    assert marks
    assert list(dict.fromkeys(marks)) == cards == [f"#src-0-{n + 1}" for n in range(len(cards))]
    assert len(page.cssselect(".sources .official")) == len(cards)
    doubtful = "This position is not confirmed against the official text." in page.text_content()
    assert doubtful is not verdict.confidence.decides
    # Every line of law stands with a mark: what carries none speaks of the book, or names who says it.
    for line in page.cssselect(".verdict p, .told-of dd, .period p:not(.quiet)"):
        assert line.cssselect("a.mark"), line.text_content()
    for one in page.cssselect(".sources"):
        one.drop_tree()
    text = words(page)
    alive = [c for c in place.conflicts if all(library.statement(i).effective.covers(day) for i in c.rests_on)]
    expected = [one.text for one in (*verdict.headline, *verdict.conditions)]
    expected += [*verdict.unconfirmed, *(c.text for c in alive), *(s.says for c in alive for s in c.sides)]
    expected += [h.text for v in place.verdicts for h in v.headline]
    for sentence in expected:
        assert re.sub(r" (?=[.?!])", "", plain(sentence)) in text
    (ask, *_) = page.xpath('//section[@aria-labelledby="ask"]//a/@href')
    assert parse_qs(urlsplit(ask).query)["state"] == [place.code]


@pytest.mark.parametrize("day", DAYS)
def test_nothing_is_said_that_the_statements_do_not_bear(library: Library, day: str) -> None:
    for code in library.places:
        state = StateOnDay(library, code, dt.date.fromisoformat(day))
        labelled = [one.sentence for one in (*state.limits(), *state.conditions())]
        beyond = [s for kind in ConditionKind for s in state.beyond(kind)]
        findings = [s for kind in (ConditionKind.AGE, ConditionKind.ROADS) for s in state.finding(kind)]
        said = [*state.dated(), *findings, *labelled, *beyond, *state.pending(), *state.unconfirmed()]
        assert [(s.text, why) for s in said if (why := fault(s, library))] == []
        assert [(s.text, why) for s in state.headline() if (why := fault(s, library, decides=True))] == []


def test_the_map_says_each_position_and_links_to_it(client: TestClient, library: Library) -> None:
    page = read(client, f"/states?as_of={NOW}")
    labels = {a.get("aria-label"): a.get("href") for a in page.cssselect(".tiles a")}
    assert len(labels) == 51
    assert labels["Texas: ordinary road registration, medium confidence"] == f"/states/TX?as_of={NOW}"
    assert "Colorado: no road registration, until 2027-07-01, high confidence" in labels
    counts = [int(b.text_content()) for b in page.cssselect(".legend b")]
    assert sum(counts) == 51
    assert len(page.cssselect(".by-position li")) == 51
    assert not page.cssselect(".tile.off, .tile.on, .answer")


@pytest.mark.parametrize("question", states_map.questions(), ids=lambda q: q.key)
def test_a_question_picks_its_states_and_says_how_many(
    client: TestClient, library: Library, question: states_map.Question
) -> None:
    day = dt.date.fromisoformat(NOW)
    verdicts = {code.removeprefix("US-"): place.verdict(day) for code, place in library.places.items()}
    if question.sure is False:
        right = {code for code, v in verdicts.items() if v and v.confidence.value in ("low", "unconfirmed")}
    else:
        right = {code for code, v in verdicts.items() if v and v.registration in (question.picks or ())}
    assert right
    page = read(client, f"/states?show={question.key}&as_of={NOW}")
    shown = {a.cssselect(".code")[0].text for a in page.cssselect(".tiles .on")}
    assert shown == right
    assert len(page.cssselect(".tiles .off")) == 51 - len(right)
    (answer,) = page.cssselect(".answer")
    assert f"{len(right)} of 51" in answer.text_content()
    assert {urlsplit(a.get("href")).path for a in answer.cssselect("a")} == {f"/states/{code}" for code in right}
    assert len(page.cssselect(".by-position li")) == len(right)


@pytest.mark.parametrize("codes", [("TX", "OH"), ("TX", "OH", "CO", "RI"), ("us-ky", "Arizona", "MA")])
def test_each_cell_rests_on_sources_of_its_own_state(client: TestClient, codes: tuple[str, ...]) -> None:
    page = read(client, f"/states/compare?as_of={NOW}&" + "&".join(f"state={code}" for code in codes))
    places = {str(card.get("id")): card.cssselect(".badge.place")[0].text for card in page.cssselect("article")}
    own = [urlsplit(str(a.get("href"))).path.removeprefix("/states/") for a in page.cssselect("thead a")]
    assert len(own) == len(codes)
    rows = page.cssselect("tbody tr")
    assert [row.cssselect("th")[0].text for row in rows][:3] == ["Registration", "Age rule", "Roads"]
    marked = set()
    for row in rows:
        cells = row.cssselect("td")
        assert len(cells) == len(codes)
        for code, cell in zip(own, cells, strict=True):
            sources = [str(a.get("href")).removeprefix("#") for a in cell.cssselect("a.mark")]
            assert {places[one] for one in sources} <= {place_name(f"US-{code}")}
            marked |= set(sources)
        if row.cssselect("th")[0].text == "Registration":
            assert all(cell.cssselect("a.mark") for cell in cells)
    assert marked == set(places)


@pytest.mark.parametrize(
    ("query", "status", "says"),
    [
        ("", 200, "Choose two states or more."),
        ("state=TX&state=&state=us-tx&state=Texas", 200, "Choose two states or more."),
        ("state=TX&state=OH&state=CO&state=RI&state=NY", 400, "5 states were named, and 4 at most"),
        ("state=TX&state=Narnia", 400, "'Narnia' is not a state I know"),
        ("state=TX&state=OH&as_of=yesterday", 400, "“yesterday” is not a date; please write YYYY-MM-DD"),
    ],
)
def test_a_comparison_that_cannot_be_drawn_says_why(client: TestClient, query: str, status: int, says: str) -> None:
    page = read(client, f"/states/compare?{query}", status)
    assert says in page.text_content()
    assert not page.cssselect("table")


def test_another_day(client: TestClient) -> None:
    before = read(client, "/states/TX?as_of=2024-01-01")
    assert "No road registration" in before.cssselect(".position")[0].text_content()
    assert "Not yet in force" in before.text_content()
    between = read(client, "/states/TX?as_of=2025-01-01")
    assert "Ordinary road registration" in between.cssselect(".position")[0].text_content()
    assert "From 2025-09-01" in between.text_content()
    early = read(client, "/states/OH?as_of=2020-01-01")
    assert "does not know since when" in early.cssselect(".told")[0].text_content()
    assert early.cssselect(".verdict")[0].text_content().strip().startswith("When it was checked: ")
    assert "no known start date" in read(client, "/states?as_of=2020-01-01").cssselect(".told")[0].text_content()
    for link in before.xpath('//main//a[starts-with(@href, "/")]/@href'):
        assert parse_qs(urlsplit(link).query)["as_of"] == ["2024-01-01"], link


def test_what_the_attorneys_say_stands_on_the_source(client: TestClient, services: Services) -> None:
    held = services.assistant.library.statements["us-tx.7"]
    services.reviews.decide(held, "disputed", "local", "A. Smith", None, "The bulletin says otherwise.")
    cards = read(client, "/states/TX").cssselect("article")
    told = [card.text_content() for card in cards if "Disputed on" in card.text_content()]
    assert len(told) == 1
    assert held.text in told[0]
    assert "The bulletin says otherwise" not in told[0]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_addresses(client: TestClient, text: str) -> None:
    sent = quote(text, safe="")
    for address, status in (
        (f"/states/{sent}", 404),
        (f"/states?show={sent}", 200),
        (f"/states?as_of={sent}", 400 if text.strip() else 200),
        (f"/states/compare?state=TX&state={sent}", 400 if text.strip() else 200),
    ):
        answer = client.get(address)
        assert answer.status_code == status, address
        assert "<script>alert" not in answer.text
        assert len(answer.text) < 200_000


def test_a_long_list_of_states_is_cut(client: TestClient) -> None:
    page = read(client, "/states/compare?" + "&".join(f"state=Z{n}" for n in range(3000)), 400)
    assert "'Z0' is not a state I know" in page.text_content()


@pytest.fixture(scope="module")
def site(services: Services) -> Iterator[str]:
    """The address of these pages, without the chat."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(pages(services), log_level="error", ws="none"))
        thread = threading.Thread(target=server.run, args=([held],))
        thread.start()
        yield f"http://127.0.0.1:{held.getsockname()[1]}"
        server.should_exit = True
        thread.join()


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (390, "dark"), (1280, "light"), (1280, "dark")])
def test_the_pages_on_every_screen(browser: Browser, site: str, width: int, scheme: str) -> None:
    page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()  # type: ignore[arg-type]
    foreign: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith(site) else None)
    for name, path in (
        ("map-question", "/states?show=ordinary"),
        ("arizona", "/states/AZ"),
        ("compare", "/states/compare?state=TX&state=OH&state=CO&state=RI"),
    ):
        page.goto(site + path)
        shot(page, f"states-{name}-{width}-{scheme}")
    page.goto(site + "/states")
    shot(page, f"states-map-{width}-{scheme}")
    expect(page.locator(".tiles")).to_be_visible(visible=width >= 700)
    expect(page.locator(".by-position")).to_be_visible(visible=width < 700)
    assert foreign == []


@pytest.mark.browser
def test_from_the_map_to_a_source_by_keyboard(browser: Browser, site: str) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    page.goto(site + "/states")
    page.get_by_role("link", name="Which states allow ordinary plates?").press("Enter")
    page.get_by_role("link", name="Texas: ordinary road registration, medium confidence").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Texas")
    page.wait_for_load_state()
    mark = page.locator("a.mark").nth(2)
    mark.press("Enter")
    card = page.locator(f"#{str(mark.get_attribute('href')).removeprefix('#')}")
    expect(card).to_be_focused()
    expect(card).to_be_in_viewport()
    page.keyboard.press("Escape")
    expect(mark).to_be_focused()
    page.get_by_label("State 2").select_option("Ohio")
    page.get_by_role("button", name="Compare").press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Texas and Ohio compared")

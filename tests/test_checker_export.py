"""A check as a file: the content and the numbers of its page, boxes to tick, links, the ledger, hostile addresses."""

from __future__ import annotations

import datetime as dt
import hashlib
import html
import io
import re
import zipfile

import docx
import pytest
from docx.oxml.ns import qn
from fastapi import FastAPI
from fastapi.testclient import TestClient
from pypdf import PdfReader

from assistant.web.services import Services
from assistant.web.serving import pages
from corpus.firm.docx import read as read_as_paper
from tests import test_desks

services = test_desks.services
CHECKS = {
    "old enough": "year=1999&month=5&state=US-TX&cc=660&mph=70",
    "depends": "year=2001&month=11&state=US-NC&weight=1500",
    "too young": "year=2024&month=2&use=offroad&state=US-NE",
    "new": "year=2026&month=3&condition=new&state=US-FL&mph=25&gross=2500",
    "another day": "year=2001&state=US-GA&on=2024-03-01",
    "no date": "condition=new&use=show",
}
HOSTILE = "<script>alert(1)</script>\"'&{{7*7}}"


@pytest.fixture
def client(services: Services) -> TestClient:
    app: FastAPI = pages(services)
    return TestClient(app, follow_redirects=False)


def words(text: str) -> str:
    """The text without marks and spaces, in which files and pages differ."""
    return re.sub(r"\[\d+\]|[\s\u2060\N{NO-BREAK SPACE}•]", "", text)


def page_of(client: TestClient, query: str) -> str:
    answer = client.get(f"/checker?{query}")
    assert answer.status_code == 200
    return answer.text


def lines_of(page: str) -> list[str]:
    """The lines of the result in their order, each with the numbers of its sources as `[3]`."""
    result = page[page.index('id="outcome"') : page.index('class="source-columns"')]
    found = re.findall(r"<li>(.*?)</li>|<p class=\"verdict\">(.*?)</p>", marked(result), re.S)
    return [text_of("".join(one)) for one in found]


def marked(page: str) -> str:
    return re.sub(r'<a class="mark"[^>]*>(\d+)</a>', r"[\1]", page)


def text_of(markup: str) -> str:
    """Without tags and without space."""
    return re.sub(r"\s|\u2060", "", html.unescape(re.sub(r"<[^>]+>", "", markup)))


def pdf_text(data: bytes) -> str:
    """Without heads and feet, which stand between the lines of two pages."""
    pages = (page.extract_text() for page in PdfReader(io.BytesIO(data)).pages)
    edges = r"^(Kei Assistant import check\..*|Page \d+ of \d+|Import check: .* vehicle.*|Law as of .*)$"
    return "\n".join(re.sub(edges, "", page, flags=re.M) for page in pages)


@pytest.mark.parametrize("query", CHECKS.values(), ids=CHECKS)
def test_page_word_and_pdf_say_the_same_with_the_same_numbers(client: TestClient, query: str) -> None:
    page = page_of(client, query)
    word = docx.Document(io.BytesIO(client.get(f"/checker.docx?{query}").content))
    cells = [cell.text for table in word.tables for row in table.rows for cell in row.cells]
    body = "\n".join("".join(one.text or "" for one in p._p.iter(qn("w:t"))) for p in word.paragraphs)
    printed = pdf_text(client.get(f"/checker.pdf?{query}").content)
    lines = lines_of(page)
    assert len(lines) > 12
    for told in lines:
        if "“" in told or '"' in told or "(" in told:  # sides of a conflict are set otherwise in the files
            continue
        assert told in re.sub(r"[\s☐]", "", body), told
        assert told in re.sub(r"[\s•\N{NO-BREAK SPACE}]", "", printed), told
    clocks = re.findall(r'<li class="clock .*?</p>\s*<p>(.*?)</p>', marked(page), re.S)
    assert [text_of(one) for one in clocks] == [re.sub(r"\s", "", one) for one in cells[7::4] if one]
    cards = re.findall(r'<article id="src-0-(\d+)".*?<h3[^>]*>(.*?)</h3>', page, re.S)
    headings = [p.text for p in word.paragraphs if p.style and p.style.name == "Heading 3" and p.text.startswith("[")]
    shown = [re.sub(r"<[^>]+>", "", one) for _, one in cards]
    assert [re.sub(r"\W", "", one) for one in headings] == [re.sub(r"\W", "", html.unescape(one)) for one in shown]
    assert all(words(heading) in words(printed) for heading in headings)
    assert not cells or cells[:4] == ["When", "What", "On import", "In words"]


def test_what_was_entered_and_the_day_stand_in_both(client: TestClient, services: Services) -> None:
    query = "year=2001&month=11&state=US-NC&cc=660&weight=1,500&on=2027-02-03"
    word = docx.Document(io.BytesIO(client.get(f"/checker.docx?{query}").content))
    printed = pdf_text(client.get(f"/checker.pdf?{query}").content)
    body = "\n".join(p.text for p in word.paragraphs)
    for told in (
        "A used vehicle built in November 2001, to be used on public roads in North Carolina, imported on February 3,",
        "Built: November 2001",
        "State: North Carolina",
        "Engine: 660 cc",
        "Its own weight: 1,500 lb",
        "Speaks for: import on February 3, 2027",
        "It speaks for the day of import named above",
        "Attorney review: None yet",
        services.assistant.library.fingerprint,
    ):
        assert words(told) in words(body), told
        assert words(told) in words(printed), told


def test_a_box_to_tick_for_each_paper(client: TestClient) -> None:
    query = CHECKS["old enough"]
    names = re.findall(r'tickbox"[^>]*></span> (.*?)</h3>', page_of(client, query))
    data = client.get(f"/checker.docx?{query}").content
    word = docx.Document(io.BytesIO(data))
    ticked = [p for p in word.paragraphs if p.style and p.style.name == "Memo Check"]
    assert [p.text.strip() for p in ticked] == names
    states = [one.get(qn("w14:val")) for p in ticked for one in p._p.iter(qn("w14:checked"))]
    assert states == ["0"] * len(names) != []
    (entry,) = (p for p in word.paragraphs if p.text.startswith("Box 1 of Form HS-7"))
    assert [run.text for run in entry.runs if run.bold] == ["Box 1"]
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        assert package.testzip() is None
    assert not read_as_paper(data, name="check.docx").flags


def test_marks_of_the_pdf_lead_to_their_sources(client: TestClient) -> None:
    reader = PdfReader(io.BytesIO(client.get(f"/checker.pdf?{CHECKS['depends']}").content))
    page = page_of(client, CHECKS["depends"])
    inner, outer = 0, set()
    for sheet in reader.pages:
        for one in sheet.get("/Annots", []):
            link = one.get_object()
            if "/A" in link:
                outer.add(link["/A"]["/URI"])
            else:
                inner += 1
    assert inner == page.count('class="mark"')
    assert outer == {html.unescape(url) for url in re.findall(r'<a class="official" href="([^"]+)"', page)}
    assert reader.metadata
    assert reader.metadata.title == "Import check: used vehicle built in November 2001, North Carolina"


def test_the_page_links_to_its_own_files_and_the_ledger_knows_them(client: TestClient, services: Services) -> None:
    page = page_of(client, "year=1999&month=5&state=US-TX&cc=660&nonsense=x")
    links = [html.unescape(one) for one in re.findall(r'href="(/checker\.(?:docx|pdf)\?[^"]*)"', page)]
    assert {link.partition("?")[0] for link in links} == {"/checker.docx", "/checker.pdf"}
    assert all("nonsense" not in link for link in links)
    day = dt.date.today().isoformat()
    for link in links[:2]:
        answer = client.get(link)
        form = link[9:].partition("?")[0]
        assert answer.headers["content-disposition"] == f'attachment; filename="kei-check-{day}-texas.{form}"'
        row = services.ledger.entries()[-1]
        assert (row.action, row.subject) == ("export", hashlib.sha256(answer.content).hexdigest())
        assert "1999" not in repr(row)
        assert client.get(link).content == answer.content


@pytest.mark.parametrize("query", ["", "year=20x2", f"year=1999&state={HOSTILE}", "year=1999&on=2026-13-45"])
def test_what_cannot_be_checked_goes_back_to_the_form(client: TestClient, services: Services, query: str) -> None:
    rows = len(services.ledger.entries())
    answer = client.get(f"/checker.pdf?{query}")
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/checker?")
    back = client.get(answer.headers["location"])
    assert back.status_code == 422
    assert 'role="alert"' in back.text
    assert "<script>alert" not in back.text
    assert len(services.ledger.entries()) == rows


def test_other_forms_are_none(client: TestClient) -> None:
    assert client.get("/checker.bundle?year=1999").status_code in (404, 422)
    assert "<script>" not in client.get(f"/checker?year=1999&month={HOSTILE}").text.replace('<script src="/site/', "")

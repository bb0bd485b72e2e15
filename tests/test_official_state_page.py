"""Single pages of legislatures: each in the shape of one state's site, with an invented law of boats."""

from __future__ import annotations

import re

import pytest

from corpus.official import state_page
from corpus.official.section import Document, Kind, ReadError, Section, Standing


def labels(section: Section) -> list[str]:
    return ["/".join(p.labels) + (f"#{p.nth}" if p.nth else "") for p in section.paragraphs]


def only(document: Document) -> Section:
    assert len(document.sections) == 1
    return document.sections[0]


SHELL = "<html><head><title>{title}</title></head><body>{body}</body></html>"
RHODE_ISLAND = """<div style="text-align:center"><h1>Title 31<br>Boats</h1></div><div><h2>Chapter 1<br>Words</h2></div>
<h3>R.I. Gen. Laws § 31-1-3</h3><div><p style="margin-left:0px"><b>§&nbsp;31‑1‑3.&nbsp;Kinds of boats.</b></p>
<p><b>(a)</b>&nbsp;“Skiff” means a boat:</p><p><b>(1)</b>&nbsp;With oars; or</p><p><b>(2)</b>&nbsp;Without.</p>
<p><b>(b)</b>&nbsp;As in § 31-1-4.</p><div><p>History of Section.<br>P.L. 1950, ch. 1.</p></div></div>"""
MASSACHUSETTS = """<nav><a>Section 1: Definitions</a></nav><main><h2 id="skipTo">Section 1: <small>Boats</small></h2>
<p>Section 1. The following words shall mean:</p><p>“Skiff”, a boat (a) with oars; or (b) without.</p>
<p>(c) “Raft” is none.</p><p>Next</p></main><footer><p>Site Map</p></footer>"""
NORTH_CAROLINA = """<p class="a">§ 20‑4.01. &nbsp;Definitions.</p><p>Unless the context requires otherwise:</p>
<p>(1) Skiff. – A boat.</p><p>(1a) Raft. – Any of:</p><p>a. Logs.</p><p>b. Reeds.</p><p>(2) Repealed by Laws.</p>
<p>(1937, c. 407, s. 1; 1973, cc. 2, 3.)</p>"""
VIRGINIA = """<ul class="breadcrumbs"><li>§ 46.2-100. Boats</li></ul><article><h2 id="v0">§ 46.2-100. Boats.</h2>
<p>A. No boat shall:</p><p>1. Sink; or</p><p>2. Burn.</p><p>B. Rafts may.</p><p>Code 1950, § 46-1; 1958, c. 541.</p>
<p class="sidenote">The chapters of the acts of assembly referenced may not be all.</p></article>"""
TEXAS = """<p>TRANSPORTATION CODE</p><p>Sec. 502.000.  OARS.  Oars are poles.</p>
<p><a name="502.001"></a>Sec. 502.001.  BOATS; RAFTS.  (a)  In this chapter:</p><p>(1)  “Boat” floats.</p>
<p>(21-a)  “Raft” too.</p><p>(b)  Section 502.002 applies.</p><p>Acts 1995, 74th Leg., ch. 165, Sec. 1.</p>
<p>Amended by:</p><p>Acts 2001, 77th Leg., Ch. 1.</p><p>Sec. 502.002.  SAILS.  Sails are cloths.</p>"""
MINNESOTA = """<div id="xtend"><h1 class="shn">169.045 BOATS ON ROADS.</h1><div class="subd"><h2 class="subd_no">
Subdivision 1.<span class="headnote">Permit.</span></h2><p>A town may:</p><p>(a) forbid; or</p><p>(b) allow.</p></div>
<div class="subd"><h2 class="subd_no">Subd. 2.<span class="headnote">Fee.</span></h2><p>None.</p></div>
<div class="history"><h2>History:</h2><p><a>1984 c 549 s 1</a></p></div></div>"""
OHIO = """<main><div class="breadcrumbs">Chapter 4511</div><h1>Section 4511.01 <span>|</span> Boats defined.</h1>
<div class="laws-section-info"><div><div class="label">Effective:</div><div class="value">April 4, 2024</div></div>
<div class="no-print"><div>PDF:</div><div><a>Download</a></div></div></div><section class="laws-body"><span>
<p>As used here:</p><p>(A)(1) “Skiff” means:</p><p>(a) A boat;</p><p>(i) With oars.</p><p>(B) “Raft” is none.</p></span>
</section><div class="laws-notice"><p>Last updated April 5, 2024</p></div></main>"""

PAGES = [
    (
        "us-ri/code/31-1-3",
        RHODE_ISLAND,
        "Kinds of boats.",
        ["a", "a/1", "a/2", "b"],
        [("history", "P.L. 1950, ch. 1.")],
    ),
    ("us-ma/code/90/1", MASSACHUSETTS, "Boats", ["", "#1", "c"], []),
    (
        "us-nc/code/20-4.01",
        NORTH_CAROLINA,
        "Definitions.",
        ["", "1", "1a", "1a/a", "1a/b", "2"],
        [("history", "(1937, c. 407, s. 1; 1973, cc. 2, 3.)")],
    ),
    (
        "us-va/code/46.2-100",
        VIRGINIA,
        "Boats.",
        ["A", "A/1", "A/2", "B"],
        [("history", "Code 1950, § 46-1; 1958, c. 541.")],
    ),
    (
        "us-tx/code/transp/502.001",
        TEXAS,
        "BOATS; RAFTS.",
        ["a", "a/1", "a/21-a", "b"],
        [
            ("history", "Acts 1995, 74th Leg., ch. 165, Sec. 1."),
            ("history", "Amended by:"),
            ("history", "Acts 2001, 77th Leg., Ch. 1."),
        ],
    ),
    (
        "us-mn/code/169.045",
        MINNESOTA,
        "BOATS ON ROADS.",
        ["subd-1", "subd-1#1", "subd-1/a", "subd-1/b", "subd-2", "subd-2#1"],
        [("history", "1984 c 549 s 1")],
    ),
    (
        "us-oh/code/4511.01",
        OHIO,
        "Boats defined.",
        ["", "A", "A/1", "A/1/a", "A/1/a/i", "B"],
        [("effective", "April 4, 2024")],
    ),
]


@pytest.mark.parametrize(
    ("coordinate", "body", "heading", "expected", "notes"), PAGES, ids=[one[0][3:5] for one in PAGES]
)
def test_a_page_of_a_legislature(
    coordinate: str, body: str, heading: str, expected: list[str], notes: list[tuple[str, str]]
) -> None:
    document = state_page.read(SHELL.format(title="Laws", body=body).encode(), coordinate=coordinate)
    section = only(document)
    assert (section.coordinate, section.heading) == (coordinate, heading)
    assert labels(section) == expected
    assert [(note.kind, note.text) for note in section.notes] == notes
    assert section.standing is Standing.OPERATIVE
    assert document.faults == ()


def page(body: str, title: str = "Laws", coordinate: str = "us-va/code/46.2-100") -> Document:
    return state_page.read(SHELL.format(title=title, body=body).encode(), coordinate=coordinate)


def test_hidden_words_are_not_law_and_are_told() -> None:
    document = page(
        "<h2>§ 46.2-100. Boats.</h2><p>No boat <span style='display: none'>but a yacht</span> sinks.</p>"
        "<p hidden>Rafts may.</p><p aria-hidden='true'>Or not.</p><p>B. Oars.</p>"
    )
    assert [p.text for p in only(document).paragraphs] == ["No boat sinks.", "B. Oars."]
    assert [re.sub(".*: ", "", fault) for fault in document.faults] == ["'but a yacht'", "'Rafts may.'", "'Or not.'"]


def test_a_table_keeps_its_rows_and_a_break_ends_a_paragraph() -> None:
    section = only(
        page(
            "<form><table><tr><td><h2>§ 46.2-100. Boats.</h2><p>(a) Fees:<br>(b) None for rafts.</p>"
            "<table><tr><th>Oars</th><th>Fee</th></tr><tr><td>2</td><td>$ 1</td></tr></table></td></tr></table></form>"
        )
    )
    assert [(p.labels, p.kind) for p in section.paragraphs] == [
        (("a",), Kind.TEXT),
        (("b",), Kind.TEXT),
        (("b",), Kind.TABLE),
    ]
    assert section.paragraphs[2].text == "Oars\tFee\n2\t$ 1"


def test_the_law_may_run_on_after_a_heading_in_bold() -> None:
    section = only(page("<p><b>§ 46.2-100. Boats.</b> (a) Boats float.</p><p>(b) Rafts too.</p>"))
    assert (section.heading, labels(section)) == ("Boats.", ["a", "b"])


@pytest.mark.parametrize(
    ("body", "standing"),
    [
        ("<h2>§ 46.2-100. Boats.</h2><p>Repealed by Acts 2009, c. 1.</p>", Standing.REPEALED),
        ("<h2>§ 46.2-100. Boats.</h2><p>[Reserved]</p>", Standing.RESERVED),
        ("<h2>§ 46.2-100. Repealed.</h2>", Standing.REPEALED),
        ("<h2>§ 46.2-100. Boats.</h2><p>Boats float. Repealed by this are rafts.</p>", Standing.OPERATIVE),
    ],
)
def test_a_section_that_is_gone_has_a_page(body: str, standing: Standing) -> None:
    section = only(page(body))
    assert section.standing is standing
    assert bool(section.paragraphs) is (standing is Standing.OPERATIVE)


@pytest.mark.parametrize(
    ("body", "title", "told"),
    [
        ("<div id='app'></div><script>start()</script>", "Laws", "loads its text by script"),
        ("<form><input type='password'></form>", "Members", "asks for a login"),
        ("<h1>Page not found</h1><p>Try the search.</p>", "404", "its title is '404'"),
        ("<h2>§ 46.2-1000. Rafts.</h2><p>Rafts float.</p>", "Laws", "does not hold section 46.2-100 "),
        ("<h2>§ 46.2-100.1. Rafts.</h2><p>Rafts float.</p>", "Laws", "does not hold section 46.2-100 "),
        ("<h2>§ 46.2-100. Boats.</h2><p>Code 1950, § 46-1.</p>", "Laws", "none of its text"),
    ],
)
def test_a_page_without_the_section_is_refused(body: str, title: str, told: str) -> None:
    with pytest.raises(ReadError, match=told):
        page(body, title)


def test_a_page_that_nobody_asked_a_section_of_is_refused() -> None:
    with pytest.raises(ReadError, match="named"):
        state_page.read(NORTH_CAROLINA.encode(), coordinate="")

"""Citations: tables of (text, coordinate), refusals, lists in running text, and the round trip."""

from __future__ import annotations

import re
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus import citations
from corpus.citations import UnknownCitation, canonical, find, parents, parse

FORMS = tomllib.loads(Path(citations.__file__).with_name("forms.toml").read_text("utf-8"))["form"]
# Every example an attorney reads in forms.toml is also a test.
EXAMPLES = [(text, coordinate, form["place"]) for form in FORMS for text, coordinate in form["examples"]]
STATES = (
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC "
    "ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY"
)

CANONICAL = [
    ("us/usc/49/30112/b/9", "49 U.S.C. § 30112(b)(9)"),
    ("us/cfr/49/591.5/i/1", "49 CFR 591.5(i)(1)"),
    ("us/cfr/49/part/555", "49 CFR part 555"),
    ("us/cfr/49/part/551/subpart/D", "49 CFR part 551, subpart D"),
    ("us/cfr/49/571.500/S5/b/6", "49 CFR 571.500 S5(b)(6)"),
    ("us/fr/73/55804", "73 FR 55804"),
    ("us/pl/114-94/24404", "Pub. L. 114-94 § 24404"),
    ("us/htsus/9903.94.01", "HTSUS 9903.94.01"),
    ("us/proclamation/10908", "Proclamation 10908"),
    ("us/eo/14345", "EO 14345"),
    ("us/case/349-P.3d/173", "349 P.3d 173"),
    ("us-ia/code/321.30/2/a", "Iowa Code § 321.30(2)(a)"),
    ("us-tx/code/transp/502.001/21-a", "Tex. Transp. Code § 502.001(21-a)"),
    ("us-ca/code/hsc/44200", "Cal. Health & Safety Code § 44200"),
    ("us-ga/code/40-1-1/33.1", "O.C.G.A. § 40-1-1(33.1)"),
    ("us-nc/code/20-4.01/27", "N.C. Gen. Stat. § 20-4.01(27)"),
    ("us-pa/code/75/102", "75 Pa.C.S. § 102"),
    ("us-me/code/29-A/101/47-A", "Me. Rev. Stat. tit. 29-A, § 101(47-A)"),
    ("us-il/code/625-5/3-401/c-1", "625 ILCS 5/3-401(c-1)"),
    ("us-co/code/42-1-102/42.3", "C.R.S. § 42-1-102(42.3)"),
    ("us-mn/code/169.011/subd-40a", "Minn. Stat. § 169.011, subd. 40a"),
    ("us-wy/code/31-1-101/a/xv/M", "Wyo. Stat. § 31-1-101(a)(xv)(M)"),
    ("us-id/code/49-402/10", "Idaho Code § 49-402(10)"),
    ("us-ky/code/189.517/1", "KRS 189.517(1)"),
    ("us-hi/code/286-41/c", "Haw. Rev. Stat. § 286-41(c)"),
    ("us-hi/admin/19-134-4", "Haw. Code R. § 19-134-4"),
    ("us-oh/admin/4501-30-01/C", "Ohio Admin. Code 4501-30-01(C)"),
    ("us-al/admin/810-5-1-.238", "Ala. Admin. Code r. 810-5-1-.238"),
    ("us-wi/act/2013/103", "2013 Wis. Act 103"),
    ("us-ny/code/vtl/401", "N.Y. Veh. & Traf. Law § 401"),
]

REFUSED = [
    "", " ", "49 CFR", "49 CFR part", "12 USB 4", "Title 49", "title 49 of the United States Code",
    "$25,000", "2005", "25 mph", "512-465-3000", "571.500.1234", "2025-09-16", "Sept. 4, 2025", "1.5",
    "23 USC", "Texas", "Iowa Code", "Iowa Code §", "Penal Code § 545.5", "49 CFR 591.5 and 591.6", "§ 551.401",
    "49 U.S.C. § 30112(b)(zzzz)", "49 U.S.C. § 30112(2025", "P.L. 2024, ch. 414", "((((", "49 CFR 591.5 x",
]  # fmt: skip

RUNNING = [
    ("§§ 591.5, 591.6", ["us/cfr/49/591.5", "us/cfr/49/591.6"]),
    ("49 CFR 591.5 and 591.6", ["us/cfr/49/591.5", "us/cfr/49/591.6"]),
    ("49 U.S.C. 30112(b)(9) or (a)(1)", ["us/usc/49/30112/b/9", "us/usc/49/30112/a/1"]),
    ("49 USC 30112(b)(1)-(10)", ["us/usc/49/30112/b/1", "us/usc/49/30112/b/10"]),
    ("40 CFR 85.1501–85.1502", ["us/cfr/40/85.1501", "us/cfr/40/85.1502"]),
    ("49 CFR parts 523, 531; 90 FR 24518", ["us/cfr/49/part/523", "us/cfr/49/part/531", "us/fr/90/24518"]),
    ("FMVSS 208 and 209 apply", ["us/cfr/49/571.208", "us/cfr/49/571.209"]),
    ("18 USC 542, 545, 1001", ["us/usc/18/542", "us/usc/18/545", "us/usc/18/1001"]),
    ("HTSUS 9903.94.01-.04", ["us/htsus/9903.94.01", "us/htsus/9903.94.04"]),
    ("N.D. Cent. Code §§ 39-29.2-03, -04", ["us-nd/code/39-29.2-03", "us-nd/code/39-29.2-04"]),
    ("29-A M.R.S. § 101(3)(A), § 457(3)(A)", ["us-me/code/29-A/101/3/A", "us-me/code/29-A/457/3/A"]),
    ("KRS 189.517(2)-(4)", ["us-ky/code/189.517/2", "us-ky/code/189.517/4"]),
    ("Under the part 555 exemption", ["us/cfr/49/part/555"]),
    ("What does 591.5(i)(1) say?", ["us/cfr/49/591.5/i/1"]),
    ("Haar v. State, 349 P.3d 173 (Alaska 2015).", ["us/case/349-P.3d/173"]),
    ("W. Va. Code § 17A-13-1(a) is no Virginia law", ["us-wv/code/17A-13-1/a"]),
    # An amount, a year or the title of the next citation is not one more section.
    ("49 USC 30112 and 25 years", ["us/usc/49/30112"]),
    ("49 USC 30112, 2015", ["us/usc/49/30112"]),
    ("49 USC 30112, 10,000 vehicles", ["us/usc/49/30112"]),
    ("49 U.S.C. 30112 and 49 CFR 591.5", ["us/usc/49/30112", "us/cfr/49/591.5"]),
    # A number that runs on is left out, never shortened to one that exists.
    ("49 CFR 591.55555555", []),
    ("49 USC 30112(b)(99999)", []),
    ("A.R.S. § 28-1177-05", []),
    # A code without a form keeps its own numbers.
    ("Tex. Penal Code § 545.5(a)", []),
    ("§ 545.5 of the Texas Penal Code", []),
    ("I paid $25,000 in 2005 at 25 mph; call 512-465-3000 by Sept. 4, 2025 or 2025-09-16.", []),
]


@pytest.mark.parametrize(("text", "coordinate", "place"), EXAMPLES)
def test_example(text: str, coordinate: str, place: str) -> None:
    citation = parse(text)
    assert (citation.coordinate, citation.place) == (coordinate, place)
    assert canonical(coordinate) == citation.text
    assert parse(citation.text) == citation
    assert parse(f"  {text}.") == citation
    assert find(f"Compare {citation.text}, which decides.")[0].citation == citation


@pytest.mark.parametrize(("coordinate", "text"), CANONICAL)
def test_canonical(coordinate: str, text: str) -> None:
    assert canonical(coordinate) == text
    assert parse(text).coordinate == coordinate


@pytest.mark.parametrize("text", [*REFUSED, "49 CFR 591.5" + " " * 400])
def test_refused(text: str) -> None:
    with pytest.raises(UnknownCitation, match="Forms that are read"):
        parse(text)


@pytest.mark.parametrize(
    "coordinate",
    ["", "us", "us/usc/49", "us/cfr/49", "us/fr/73/55,804", "us/usc/49/30112/", "us-tx/code/502.001"],
)
def test_coordinate_refused(coordinate: str) -> None:
    with pytest.raises(UnknownCitation):
        canonical(coordinate)


@pytest.mark.parametrize(("text", "coordinates"), RUNNING)
def test_running_text(text: str, coordinates: list[str]) -> None:
    found = find(text)
    assert [one.citation.coordinate for one in found] == coordinates
    assert all(a.end <= b.start for a, b in pairwise(found))


def test_positions_are_those_of_the_callers_text() -> None:
    text = "Under 49 U.S.C. §\u00a030112(b)(9) and O.C.G.A. § 40‑1‑1(33.1) (2025), so."
    assert [text[one.start : one.end] for one in find(text)] == [
        "49 U.S.C. §\u00a030112(b)(9)",
        "O.C.G.A. § 40‑1‑1(33.1)",
    ]


@pytest.mark.parametrize("state", re.findall("[A-Z]+", STATES))
def test_every_state_has_a_code(state: str) -> None:
    assert any(f["place"] == f"US-{state}" and "/code/" in f["coordinate"] and f["examples"] for f in FORMS)


@pytest.mark.parametrize(
    ("text", "place", "coordinate"),
    [
        ("§ 502.001(21-a)", "US-TX", "us-tx/code/transp/502.001/21-a"),
        ("§ 321.30(2)(a)", "US-IA", "us-ia/code/321.30/2/a"),
        ("§ 591.5(i)(1)", "US-TX", "us/cfr/49/591.5/i/1"),
        ("P.L. 2024, ch. 414", "US-RI", "us-ri/laws/2024/414"),
        ("Iowa Code § 321.30", "US-TX", "us-ia/code/321.30"),
    ],
)
def test_place_is_a_hint_for_bare_numbers_only(text: str, place: str, coordinate: str) -> None:
    assert parse(text, place=place).coordinate == coordinate


def test_two_readings_are_refused_not_chosen() -> None:
    with pytest.raises(UnknownCitation, match=r"could be 49 CFR 571\.500 or Tex"):
        parse("§ 571.500", place="US-TX")


@pytest.mark.parametrize(
    ("coordinate", "above"),
    [
        ("us/usc/49/30112/b/9", ("us/usc/49/30112/b", "us/usc/49/30112")),
        ("us/cfr/49/571.500/S5/b", ("us/cfr/49/571.500/S5", "us/cfr/49/571.500")),
        ("us/cfr/49/part/551/subpart/D", ("us/cfr/49/part/551",)),
        ("us-mn/code/169.011/subd-40a", ("us-mn/code/169.011",)),
        ("us-il/code/625-5/3-401/c-1", ("us-il/code/625-5/3-401",)),
        ("us/pl/114-94/24404", ("us/pl/114-94",)),
        ("us-al/document/memo", ()),
    ],
)
def test_parents(coordinate: str, above: tuple[str, ...]) -> None:
    assert parents(coordinate) == above


LABELS = st.lists(st.sampled_from(["a", "B", "9", "21-a", "33.1", "10A", "iv", "xv", "aa"]), max_size=5)


@given(st.sampled_from(sorted({c for _, c, _ in EXAMPLES if "/code/" in c or "/usc/" in c})), LABELS)
def test_paragraphs_round_trip(coordinate: str, labels: list[str]) -> None:
    deeper = "/".join([coordinate, *labels])
    try:
        text = canonical(deeper)
    except UnknownCitation:  # the form has no paragraphs, such as a title as a whole
        return
    assert parse(text).coordinate == deeper


PIECES = st.sampled_from(
    ["49 ", "CFR ", "U.S.C. ", "§ ", "591.5", "(a)", "(", ")", "-", ", ", "and ", "Code ", ".", "S5", "\n"]
)


@settings(deadline=None)
@given(st.one_of(st.text(max_size=450), st.lists(PIECES, max_size=40).map("".join)))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        citation = parse(text)
    except UnknownCitation:
        pass
    else:
        assert canonical(citation.coordinate) == citation.text
    here = 0
    for one in find(text):
        assert here <= one.start < one.end <= len(text)
        assert canonical(one.citation.coordinate) == one.citation.text
        here = one.end


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "piece", ["(((((", "((((1", "§§§§", "49 CFR ", "49 CFR 591.5(a)", "591.5(a)/", "§ 30112, ", "-04, "]
)
def test_a_long_text_is_read_in_one_pass(piece: str) -> None:
    find((piece * 100_000)[:100_000])


def test_find_reads_no_further_than_its_limit() -> None:
    assert find(" " * 100_000 + "49 CFR 591.5") == ()
    assert find(" " * 99_990 + "49 CFR 591.5(i)") == ()

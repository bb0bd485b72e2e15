"""The CFR readers: an invented regulation of rowing boats in every shape, and the real files where they are in hand."""

from __future__ import annotations

import time

import pytest

from corpus.official import annual_cfr, ecfr
from corpus.official.section import Document, Kind, ReadError, Section, Standing
from tests.conftest import SHARED, missing

BOATS = """<ECFR><AMDDATE>Mar. 3, 2024</AMDDATE><VOLUME N="1" AMDDATE="2024-03-05"/><DIV1 N="51" TYPE="TITLE">
<HEAD>Title 51—Boats</HEAD><DIV5 N="7" TYPE="PART"><HEAD>PART 7—OARS</HEAD>
<AUTH><HED>Authority:</HED><PSPACE>1 B.S.C. 2.</PSPACE></AUTH>
<DIV8 N="7.1" TYPE="SECTION"><HEAD>§ 7.1   Rowing.</HEAD>
<XREF ID="20260102" REFID="1">Link to an amendment published at 9 FR 35.</XREF>
<P>No boat may leave the shore unless:</P>
<P>(a)(1) It has oars; and</P><P>(2)(i) A seat,</P><P>(ii) Or a bench.</P>
<P>(b) <I>Lamps</I>—(1) <I>Colour.</I> Lamps are red, see (a)(1).</P><P>(2) (S)he who rows lights them.</P>
<P>(c) Every oar must: (1) float; and</P><P>(2) bear a name.</P>
<FP>This holds on lakes.</FP>
<EXTRACT><HD1>Form of name</HD1><P>(a) I name this oar.</P></EXTRACT>
<P>(d)–(f) [Reserved]</P><P>(g) A raft<SU>1</SU><FTREF/> is no boat.</P>
<FTNT><P><SU>1</SU> (1) A raft has no keel.</P></FTNT>
<DIV width="100%"><DIV class="gpotbl_div"><TABLE><THEAD><TR><TH>Boat</TH><TH>Oars</TH></TR></THEAD>
<TBODY><TR><TD>(a) Skiff</TD><TD>2<br/>4</TD></TR><TR><TD/><TD>6</TD></TR></TBODY></TABLE></DIV></DIV>
<img src="/graphics/oar.gif"/>
<EFFDNOT><HED>Effective Date Note:</HED><PSPACE>At 9 FR 35 it changes.</PSPACE>
<REVTXT><HEAD>§ 7.1   Paddling.</HEAD><P>(a) It has paddles.</P></REVTXT></EFFDNOT>
<CITA TYPE="N">[8 FR 1, May 2, 2019]</CITA></DIV8>
<DIV8 N="§ 7.2" TYPE="SECTION"><HEAD>§ 7.2   Definitions.</HEAD><P>In this part:</P>
<P><I>Bow</I> means either—</P><P>(1) The front; or</P><P>(2) The left, if sailing backward.</P>
<P><I>Stern</I> means either—</P><P>(1) The back; or</P><P>(2) The right.</P></DIV8>
<DIV8 N="7.3 – 7.9" TYPE="SECTION"><HEAD>§§ 7.3–7.9   [Reserved]</HEAD></DIV8>
<DIV8 N="7.10" TYPE="SECTION"><HEAD>§ 7.10   Standard No. 10; hulls.</HEAD><P>S1. <I>Scope.</I> Hulls.</P>
<P>S5.1.1(a) <I>Planks.</I> Planks are of wood.</P><P>(b) Nails are iron.</P>
<P>S5.1.2 Tar.</P><P>(a) It is black.</P>
</DIV8>
<DIV9 N="Appendix A to Part 7" TYPE="APPENDIX"><HEAD>Appendix A to Part 7—Bells</HEAD><HD1>Size</HD1>
<P>(1) 1 pound.</P><HD1>Tone</HD1><P>Low.</P></DIV9>
<DIV9 N="Appendix B to Subpart C of Part 7" TYPE="APPENDIX"><HEAD>Appendix B to Subpart C of Part 7</HEAD>
<P>Ropes.</P>
</DIV9></DIV5><DIV5 N="8-99" TYPE="PART"><HEAD>PARTS 8-99 [RESERVED]</HEAD></DIV5></DIV1></ECFR>"""

ANNUAL = """<CFRDOC><AMDDATE>Jan 1, 2000</AMDDATE><FMTR><TITLEPG><TITLENUM>Title 51</TITLENUM>
<DATE>Revised as of January 1, 2024
</DATE></TITLEPG><SECTION><SECTNO>§ 0.0</SECTNO><P>How to use this book.</P></SECTION></FMTR>
<TITLE><CHAPTER><PART><EAR>Pt. 7</EAR>
<HD SOURCE="HED">PART 7—OARS</HD><CONTENTS><SECHD>Sec.</SECHD><SECTNO>7.1</SECTNO></CONTENTS>
<AUTH><HD SOURCE="HED">Authority:</HD><P>1 B.S.C. 2.</P></AUTH><SUBPART><HD SOURCE="HED">Subpart A—All</HD>
<SECTION><SECTNO>§ 7.1</SECTNO><SUBJECT>Rowing.</SUBJECT><P>(a) <E T="03">Lamps</E>—(1) They are
<PRTPAGE P="9"/>red.</P>
<P>(2) And:</P><P>(i) Lit;</P><HD SOURCE="HD1">Names</HD><P>(b) Oars (<E T="03">1</E>) float.</P>
<GPOTABLE COLS="2"><TTITLE>Table 1</TTITLE><BOXHD><CHED H="1">Boat</CHED><CHED H="1">Oars</CHED></BOXHD>
<ROW><ENT I="01">Skiff</ENT><ENT>2</ENT></ROW></GPOTABLE><GPH><GID>ER01.001</GID></GPH><CITA>[8 FR 1]</CITA></SECTION>
<SECTION><SECTNO>§ 7.2</SECTNO><RESERVED>[Reserved]</RESERVED></SECTION></SUBPART>
<APPENDIX><EAR>Pt. 7, App. A</EAR><HD SOURCE="HED">Appendix A to Part 7—Bells</HD><HD SOURCE="HD1">Size</HD>
<P>1 pound.</P></APPENDIX>
</PART><PART><RESERVED>PARTS 8-99 [RESERVED]</RESERVED></PART></CHAPTER></TITLE></CFRDOC>"""


def by_address(document: Document) -> dict[str, Section]:
    return {one.coordinate.split("/", 3)[3]: one for one in document.sections}


def outline(section: Section) -> str:
    """The labels of the pieces with a marker, in order."""
    own = (p for p in section.paragraphs if p.kind is Kind.TEXT and p.labels and p.nth == 0)
    return " ".join("/".join(p.labels) for p in own)


@pytest.fixture(scope="module")
def boats() -> dict[str, Section]:
    return by_address(ecfr.read(BOATS.encode()))


def test_markers_in_one_paragraph_are_cut_apart(boats: dict[str, Section]) -> None:
    assert outline(boats["7.1"]) == "a a/1 a/2 a/2/i a/2/ii b b/1 b/2 c c/1 c/2 d g"
    texts = {"/".join(p.labels): p.text for p in boats["7.1"].paragraphs if p.nth == 0}
    assert texts[""] == "No boat may leave the shore unless:"
    assert texts["b"] == "(b) Lamps—"
    assert texts["b/1"] == "(1) Colour. Lamps are red, see (a)(1)."
    assert texts["b/2"].startswith("(2) (S)he")
    assert texts["c"] == "(c) Every oar must:"


def test_what_has_no_marker_hangs_where_it_belongs(boats: dict[str, Section]) -> None:
    others = [
        (p.kind.value, "/".join(p.labels), p.nth, p.text) for p in boats["7.1"].paragraphs if p.nth or not p.labels
    ]
    assert others[1:] == [
        ("text", "c", 1, "This holds on lakes."),
        ("heading", "c/2", 1, "Form of name"),
        ("text", "c/2", 2, "(a) I name this oar."),
        ("footnote", "", 1, "1 (1) A raft has no keel."),
        ("table", "g", 1, "Boat\tOars\n(a) Skiff\t2 4\n\t6"),
        ("text", "g", 2, "[image]"),
    ]


def test_notes_are_never_text(boats: dict[str, Section]) -> None:
    notes = [(note.kind, note.text) for note in boats["7.1"].notes]
    assert [kind for kind, _ in notes] == ["pending amendment", "effective date note", "source credit", "authority"]
    assert "paddles" in notes[1][1]
    assert notes[3][1] == "Authority: 1 B.S.C. 2."
    assert not any(word in p.text for p in boats["7.1"].paragraphs for word in ("paddles", "FR", "Link"))


def test_definitions_have_no_label_and_their_lists_are_ambiguous(boats: dict[str, Section]) -> None:
    got = [("/".join(p.labels), p.nth, p.ambiguous) for p in boats["7.2"].paragraphs]
    assert got == [
        ("", 0, False), ("", 1, False), ("1", 0, True), ("2", 0, True), ("", 2, False), ("1", 1, True), ("2", 1, True)
    ]  # fmt: skip


def test_standards_are_numbered_by_s(boats: dict[str, Section]) -> None:
    assert outline(boats["7.10"]) == "S1 S5.1.1 S5.1.1/a S5.1.1/b S5.1.2 S5.1.2/a"


def test_sections_are_addressed_and_placed(boats: dict[str, Section]) -> None:
    addresses = "7.1 7.2 7.3-7.9 7.10 part/7/appendix-a part/7/subpart/C/appendix-b part/8-99"
    assert " ".join(boats) == addresses
    assert boats["7.1"].path == ("Title 51—Boats", "PART 7—OARS")
    assert boats["7.1"].heading == "Rowing."
    bells = boats["part/7/appendix-a"]
    assert bells.heading == "Appendix A to Part 7—Bells"
    assert [p.labels for p in bells.paragraphs] == [(), ("1",), (), ()]
    reserved = [address for address, one in boats.items() if one.standing is Standing.RESERVED]
    assert reserved == ["7.3-7.9", "part/8-99"]
    assert boats["7.3-7.9"].paragraphs == ()


def test_the_day_is_the_latest_that_the_file_tells() -> None:
    assert ecfr.read(BOATS.encode()).current_as_of == "2024-03-05"


SECTION = '<DIV8 N="{n}" TYPE="SECTION"{more}><HEAD>§ 7.1 Rowing.</HEAD><P>(a) Oars.</P></DIV8>'


@pytest.mark.parametrize(
    ("xml", "title"),
    [
        (SECTION.format(n="7.1", more=""), "51"),
        (SECTION.format(n="§ 7.1", more=' NODE="51:1.1.1.7.0.1"'), None),
        (SECTION.format(n="7.1", more=' hierarchy_metadata=\'{"path":"/on/2024-05-17/title-51/section-7.1"}\''), None),
        (
            '<DIV5 N="7" TYPE="PART" hierarchy_metadata="{&amp;quot;path&amp;quot;:&amp;quot;/on/_SUBSTITUTE_DATE_'
            f'/title-51/part-7&amp;quot;}}"><HEAD>PART 7</HEAD>{SECTION.format(n="7.1", more="")}</DIV5>',
            None,
        ),
        (
            "<DLPSTEXTCLASS><HEADER/><TEXT><BODY><ECFRBRWS><AMDDATE>Jan. 27, 2025</AMDDATE>"
            f'<DIV1 N="7" NODE="51:7"><DIV5 N="7" NODE="51:7.1">{SECTION.format(n="§ 7.1", more="")}</DIV5></DIV1>'
            "</ECFRBRWS></BODY></TEXT></DLPSTEXTCLASS>",
            None,
        ),
    ],
)
def test_every_shape_of_file_gives_the_same_section(xml: str, title: str | None) -> None:
    (only,) = ecfr.read(xml.encode(), title=title).sections
    assert (only.coordinate, only.heading, outline(only)) == ("us/cfr/51/7.1", "Rowing.", "a")


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("<html><body>Request Access</body></html>", "root is <html>"),
        (SECTION.format(n="7.1", more=""), "title="),
        (SECTION.format(n="", more=' NODE="51:1"'), "without its number"),
        ('<DIV5 N="7" NODE="51:7"><HEAD>PART 7</HEAD></DIV5>', "no section"),
        ('<DIV5 N="7"><HEAD>PART', "well-formed"),
    ],
)
def test_what_is_no_ecfr_is_refused_with_the_reason(data: str, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        ecfr.read(data.encode())


def test_a_section_printed_twice_is_kept_twice_and_told() -> None:
    twice = SECTION.format(n="7.1", more="") * 2
    document = ecfr.read(f'<DIV5 N="7" NODE="51:7">{twice}</DIV5>'.encode())
    assert len(document.sections) == 2
    assert document.faults == ("us/cfr/51/7.1 stands in the file 2 times",)


def test_the_annual_volume_is_read_below_its_parts_only() -> None:
    document = annual_cfr.read(ANNUAL.encode())
    found = by_address(document)
    assert list(found) == ["7.1", "7.2", "part/7/appendix-a", "part/8-99"]
    assert document.current_as_of == "2024-01-01"
    rowing = found["7.1"]
    assert (rowing.heading, rowing.path) == ("Rowing.", ("PART 7—OARS", "Subpart A—All"))
    assert outline(rowing) == "a a/1 a/2 a/2/i b"
    assert [p.text for p in rowing.paragraphs if p.kind is Kind.TABLE] == ["Table 1\nBoat\tOars\nSkiff\t2"]
    assert [p.text for p in rowing.paragraphs if p.kind is Kind.HEADING] == ["Names"]
    assert rowing.paragraphs[-1].text == "[image]"
    assert [note.kind for note in rowing.notes] == ["source credit", "authority"]
    assert [one.standing for one in found.values()].count(Standing.RESERVED) == 2
    assert [p.text for p in found["part/7/appendix-a"].paragraphs] == ["Size", "1 pound."]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        ("<html/>", "root is <html>"),
        ("<CFRDOC/>", "no section"),
        ("<PART><SECTION><SECTNO>§ 7.1</SECTNO></SECTION></PART>", "title="),
    ],
)
def test_what_is_no_annual_cfr_is_refused_with_the_reason(data: str, why: str) -> None:
    with pytest.raises(ReadError, match=why):
        annual_cfr.read(data.encode())


OFFICIAL = SHARED / "official"


def real(pattern: str, title: str | None = None) -> Document:
    files = sorted(OFFICIAL.glob(pattern))
    if not files:
        missing(f"the official text {OFFICIAL / pattern}")
    return ecfr.read(files[0].read_bytes(), title=title)


def test_591_5_as_printed() -> None:
    section = by_address(real("ecfr-2025*/title-49-part-591.rebuilt.xml"))["591.5"]
    assert outline(section) == (
        "a a/1 a/2 b c d d/1 d/2 d/3 d/4 e f f/1 f/2 f/2/i f/2/ii f/3 g h "
        "h/1 h/1/i h/1/ii h/1/iii h/1/iv h/2 h/2/i h/2/ii h/2/iii h/2/iv i i/1 i/2 "
        "j j/1 j/1/i j/1/ii j/1/iii j/1/iv j/1/v j/2 j/2/i j/2/ii j/3 k l l/1 l/2 l/3 l/3/i l/3/ii"
    )
    (age,) = (p for p in section.paragraphs if p.labels == ("i", "1"))
    assert "25 or more years old" in age.text
    assert not any(p.ambiguous for p in section.paragraphs)


def test_591_4_defines_without_markers() -> None:
    paragraphs = by_address(real("ecfr-2025*/title-49-part-591.rebuilt.xml"))["591.4"].paragraphs
    assert [p.labels for p in paragraphs] == [()] * 7 + [("1",), ("2",), ("3",)]


def test_578_6_runs_its_headings_in() -> None:
    section = by_address(real("ecfr-2025*/title-49-part-578.rebuilt.xml"))["578.6"]
    assert outline(section).startswith("a a/1 a/2 a/2/i a/2/i/A a/2/i/B a/3 a/4 b c c/1 ")
    assert outline(section).endswith(" h/3 i")


def test_the_list_of_eligible_vehicles_keeps_its_rows() -> None:
    appendix = by_address(real("ecfr-2025*/title-49-part-593.rebuilt.xml"))["part/593/appendix-a"]
    tables = [p for p in appendix.paragraphs if p.kind is Kind.TABLE]
    assert len(tables) == 2
    assert outline(appendix) == "a a/1 a/2 a/3 b c d e f g h i"
    assert 460 <= sum(p.text.count("\n") for p in tables) <= 470


def test_12_73_and_12_80_of_title_19() -> None:
    found = by_address(real("ecfr-api-title19*/*.xml", "19"))
    vehicles, standards = outline(found["12.73"]), outline(found["12.80"])
    assert " g/2 h h/1 h/2 h/3 h/4 h/5 h/6 h/7 i i/1 i/2 i/3 i/3/i i/3/ii i/4 i/5 i/6 j " in vehicles
    assert " b b/1 b/1/i b/1/ii b/1/iii b/1/iv b/1/v b/1/vi b/1/vii b/1/viii b/1/ix b/2 " in standards
    assert standards.endswith(" f g h i")


def test_reserved_parts_are_told() -> None:
    found = by_address(real("ecfr-real-samples/title-3-full*.xml"))
    assert found["part/103-199"].standing is Standing.RESERVED
    assert sum(one.standing is Standing.RESERVED for one in found.values()) == 8


def test_every_section_of_every_file_holds_what_it_promises() -> None:
    files = sorted(OFFICIAL.glob("ecfr*/*.xml"))
    if not files:
        missing(f"the official text in {OFFICIAL}")
    began, sections = time.process_time(), 0
    for file in files:
        document = ecfr.read(file.read_bytes(), title="19" if "title19" in file.parent.name else None)
        sections += len(document.sections)
        assert document.faults == ()
        for section in document.sections:
            holds(section)
    assert sections == 274
    assert time.process_time() - began < 5
    (sample,) = OFFICIAL.glob("cfr-annual-xml-sample/*.xml")
    (reserved,) = annual_cfr.read(sample.read_bytes(), title="14").sections
    assert reserved.standing is Standing.RESERVED


def holds(section: Section) -> None:
    """The properties of every section; that no text is lost is checked by Section itself."""
    keys = [(p.labels, p.nth) for p in section.paragraphs if not p.ambiguous]
    assert len(keys) == len(set(keys)), section.coordinate
    assert bool(section.paragraphs) is (section.standing is Standing.OPERATIVE), section.coordinate
    for p in section.paragraphs:
        assert p.text.strip()
        assert not p.text.startswith(("[54 FR", "Authority:", "Editorial Note:")), section.coordinate

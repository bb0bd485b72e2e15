"""Where official text is, as `corpus/sources.toml` says, and which files of a folder serve a source."""

from __future__ import annotations

import datetime as dt
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from corpus import citations
from corpus.library import Library
from corpus.official import sources as table
from corpus.official.sources import ByHand, Grade, Reader, Source, SourceError, mirror_files, source_at, source_of
from tests.conftest import SHARED, missing

OFFICIAL = SHARED / "official"
KNOWN = {"date": "2026-11-20", "congress": "119", "law": "102not101"}
RAW = tomllib.loads(table.TABLE.read_text("utf-8"))


def named(identifier: str) -> Source:
    return next(one for one in table.sources() if one.id == identifier)


@pytest.fixture(scope="module")
def official() -> Path:
    if not OFFICIAL.is_dir():
        missing(f"{OFFICIAL} (copies of official texts)")
    return OFFICIAL


def test_every_instrument_of_the_book_has_a_source_or_a_link(library: Library) -> None:
    for provision in library.provisions:
        answer = source_of(provision)
        if isinstance(answer, ByHand):
            assert answer.link.startswith("http"), provision.coordinate
            assert "names no source" not in answer.why, provision.coordinate
        else:
            assert answer.place == provision.place, provision.coordinate


def test_every_statement_of_a_code_has_a_source_with_an_address_or_a_reason(library: Library) -> None:
    for statement in library.statements.values():
        if not any(f"/{kind}/" in statement.coordinate for kind in ("cfr", "usc", "code", "admin")):
            continue
        source = source_at(statement.coordinate)
        assert source, statement.coordinate
        if source.by_hand:
            assert source.why
        else:
            assert urlsplit(source.address(statement.coordinate, **KNOWN)).scheme in ("http", "https")


def test_no_coordinate_of_the_book_lies_in_two_sources(library: Library) -> None:
    for coordinate in {one.coordinate for one in library.statements.values()}:
        assert len([one for one in table.sources() if one.holds(coordinate)]) <= 1, coordinate


@pytest.mark.parametrize(("coordinate", "address"), [one["example"] for one in RAW["source"] if "example" in one])
def test_the_examples_of_the_table_hold(coordinate: str, address: str) -> None:
    citations.canonical(coordinate)
    source = source_at(coordinate)
    assert source
    assert source.address(coordinate, **KNOWN) == address


def test_every_kind_with_addresses_has_an_example() -> None:
    assert [one["id"] for one in RAW["source"] if not one.get("by_hand") and "example" not in one] == []


@pytest.mark.parametrize(
    ("coordinate", "address"),
    [
        ("us/cfr/40/part/85/subpart/P", "https://www.ecfr.gov/api/versioner/v1/full/2026-11-20/title-40.xml?part=85"),
        ("us/cfr/43/8341.1", "https://www.ecfr.gov/api/versioner/v1/full/2026-11-20/title-43.xml?part=8340"),
        ("us-nd/code/39-29.2-01", "https://ndlegis.gov/cencode/t39c29-2.pdf"),
        ("us-id/code/49-1702", "https://legislature.idaho.gov/statutesrules/idstat/Title49/T49CH17/SECT49-1702/"),
        ("us-wa/code/46.16A.080", "https://app.leg.wa.gov/RCW/default.aspx?cite=46.16A.080"),
    ],
)
def test_an_address_follows_from_the_coordinate(coordinate: str, address: str) -> None:
    source = source_at(coordinate)
    assert source
    assert source.address(coordinate, **KNOWN) == address


def test_a_part_does_not_hold_its_neighbours() -> None:
    assert source_at("us/cfr/49/5.91") is None
    assert source_at("us/cfr/49/5910.1") is None
    assert source_at("us/cfr/19/1.280") is None


def test_addresses_say_what_they_lack() -> None:
    with pytest.raises(SourceError, match="us-usc-49: congress is not given"):
        named("us-usc-49").address()
    with pytest.raises(SourceError, match="us-ia-code: chapter is not given"):
        named("us-ia-code").address()
    with pytest.raises(SourceError, match="us-ga-code: the official text stands only on a Lexis portal"):
        named("us-ga-code").address("us-ga/code/40-1-1")
    with pytest.raises(SourceError, match="no alternative 'elsewhere'"):
        named("us-cfr-49-591").address(alternative="elsewhere")


def test_the_code_of_federal_regulations_has_an_alternative() -> None:
    source = named("us-cfr-49-591")
    assert source.address(alternative="govinfo").endswith("/bulkdata/ECFR/title-49/ECFR-title49.xml")
    assert source.address(date="2026-11-20").endswith("/full/2026-11-20/title-49.xml?part=591")
    assert (source.title, source.number) == ("49 CFR part 591", "49")
    assert (source.grade, source.reader, source.media) == (Grade.A, Reader.ECFR, "xml")


def test_a_source_is_fetched_or_by_hand_and_not_both() -> None:
    given = {"id": "us-xx-code", "title": "Code", "place": "US-XX", "reader": "iowa", "media": "rtf", "grade": "C"}
    for way in ({}, {"by_hand": True}, {"url": "https://x.example/", "by_hand": True, "why": "no"}):
        with pytest.raises(ValueError, match="either a url, or by_hand"):
            Source.model_validate(given | {"covers": "us-xx/code/.+"} | way)


def test_a_table_that_is_wrong_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for text, said in (("media = 1", "'source'"), ("[[source]", "sources.toml")):
        (tmp_path / "sources.toml").write_text(text)
        monkeypatch.setattr(table, "TABLE", tmp_path / "sources.toml")
        table._table.cache_clear()
        try:
            with pytest.raises(SourceError, match=said):
                table.sources()
        finally:
            monkeypatch.undo()
            table._table.cache_clear()


def test_the_plain_layout_comes_first_and_a_part_is_never_read(tmp_path: Path) -> None:
    mirror = tmp_path / "ecfr-2025-01-title49-chV"
    mirror.mkdir()
    (mirror / "title-49-part-591.rebuilt.xml").write_text("<a/>")
    source = named("us-cfr-49-591")
    assert [one.path.name for one in mirror_files(source, tmp_path)] == ["title-49-part-591.rebuilt.xml"]
    own = tmp_path / "us-cfr-49-591"
    own.mkdir()
    for name in ("2026-11-20.xml", "2026-99-99.xml", "part.XML", "half.xml.part", "half.xml.tag", "notes.txt"):
        (own / name).write_text("<a/>")
    found = mirror_files(source, tmp_path)
    assert [(one.path.name, one.current_as_of) for one in found] == [
        ("2026-11-20.xml", dt.date(2026, 11, 20)),
        ("2026-99-99.xml", None),
        ("part.XML", None),
    ]
    assert {one.reader for one in found} == {Reader.ECFR}
    assert mirror_files(named("us-cfr-49-592"), tmp_path) == ()


def test_of_two_mirrors_of_one_release_the_first_serves(tmp_path: Path) -> None:
    source = named("us-usc-49")
    for name in ("uslm-rebuilt/usc49-ch301.rebuilt.xml", "uscode-publicdocs-md/usc49/m__us_usc_t49_s1.md"):
        (tmp_path / name).parent.mkdir(parents=True)
        (tmp_path / name).write_text("x")
    assert [one.reader for one in mirror_files(source, tmp_path)] == [Reader.USCODE_MARKDOWN]
    (tmp_path / "uscode-publicdocs-md/usc49/m__us_usc_t49_s1.md").unlink()
    assert [one.reader for one in mirror_files(source, tmp_path)] == [Reader.USLM]


@pytest.mark.parametrize(
    ("identifier", "reader", "count", "day", "told"),
    [
        ("us-cfr-19-12", Reader.ECFR, 1, "2026-01-29", "as the eCFR served it"),
        ("us-cfr-49-591", Reader.ECFR, 1, "2025-01-01", "markup was rebuilt"),
        ("us-usc-49", Reader.USCODE_MARKDOWN, 131, "2016-07-29", "later amendments are not in it"),
        ("us-usc-42", Reader.USCODE_MARKDOWN, 19, "2016-07-29", "later amendments are not in it"),
        ("us-ia-code", Reader.IOWA, 2, "2026-01-01", "Iowa Code 2026"),
        ("us-ky-code", Reader.ANNOTATED, 1, "2022-10-01", "later amendments are not in it"),
        ("us-wy-code", Reader.ANNOTATED, 1, "2022-10-01", "later amendments are not in it"),
    ],
)
def test_the_real_mirrors_serve_their_sources(
    official: Path, identifier: str, reader: Reader, count: int, day: str, told: str
) -> None:
    found = mirror_files(named(identifier), official)
    assert len(found) == count
    assert {one.reader for one in found} == {reader}
    assert {one.current_as_of for one in found} == {dt.date.fromisoformat(day)}
    assert all(told in one.fidelity and one.url.startswith("https://") and "{" not in one.url for one in found)


def test_every_mirror_of_the_table_is_there(official: Path) -> None:
    for mirror in RAW["mirror"]:
        assert (official / mirror["files"].partition("/")[0]).is_dir(), mirror["files"]

"""Bundles: a true one passes; whatever was done to one is found; what the book says today is told for every source."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from assistant.export import bundle, export
from assistant.export.archive import LARGEST, packed, unpacked
from assistant.export.bundle_check import MANIFEST, MEMO
from corpus.library import Library
from tests.memos import ANY_TEXT, CONFIRMED, DAY, DOUBTFUL, HOSTILE, answer, source, thread

Parts = dict[str, bytes]


@pytest.fixture(scope="module")
def data(library: Library) -> bytes:
    return export(thread(library), "bundle", exported=DAY, library=library)


@pytest.fixture
def found(library: Library, tmp_path: Path) -> Callable[..., list[tuple[str, str]]]:
    """The kinds and places of what a check finds in these bytes."""

    def checked(data: bytes, **options: Any) -> list[tuple[str, str]]:
        path = tmp_path / "a.kei.zip"
        path.write_bytes(data)
        return [(one.kind, one.where) for one in bundle.check(path, options.pop("library", library), **options)]

    return checked


def parts_of(data: bytes) -> Parts:
    parts, faults = unpacked(data)
    assert not faults
    return parts


def zipped(*parts: tuple[str | zipfile.ZipInfo, bytes], compression: int = zipfile.ZIP_STORED) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", compression) as file:
        for name, content in parts:
            file.writestr(name, content)
    return held.getvalue()


def changed(data: bytes, name: str, change: Callable[[Any], None]) -> bytes:
    """The bundle with one part changed, packed as ours is."""
    parts = parts_of(data)
    held = json.loads(parts[name])
    change(held)
    parts[name] = json.dumps(held, indent=1, sort_keys=True).encode() + b"\n"
    return packed(parts)


def test_a_true_bundle_has_no_fault_and_tells_every_statement(found: Any, data: bytes) -> None:
    kinds = found(data)
    assert kinds[0] == ("unproved", MANIFEST)
    assert [kind for kind, _ in kinds[1:]] == ["same"] * 4
    assert kinds[1][1] == "answer 1, source [1], 49 U.S.C. § 30112(b)(9)"


def test_the_manifest_names_what_was_cited(library: Library, data: bytes) -> None:
    manifest = json.loads(parts_of(data)[MANIFEST])
    assert manifest["book"] == library.fingerprint
    assert manifest["exported"] == "2026-11-25"
    assert [one["id"] for source in manifest["sources"] for one in source["statements"]] == [CONFIRMED, DOUBTFUL] * 2
    assert manifest["sources"][0]["statements"][0]["hash"] == library.statement(CONFIRMED).hash
    assert manifest["sources"][0]["official"]
    assert manifest["sources"][1]["official"] is None


def test_the_answers_can_be_read_back(library: Library, data: bytes) -> None:
    turns = json.loads(parts_of(data)[MEMO])["turns"]
    again = [answer(library).model_validate(turn["answer"]) for turn in turns]
    assert again[0] == answer(library, timings_ms={})
    assert turns[0]["asked"] == "2026-11-25T13:20:00+00:00"


@pytest.mark.parametrize(("says", "kind"), [(True, "recorded"), (False, "unrecorded"), (None, "unproved")])
def test_the_ledger_is_asked_for_the_manifest(found: Any, data: bytes, says: bool | None, kind: str) -> None:
    asked: list[str] = []

    def ledger(digest: str) -> bool | None:
        asked.append(digest)
        return says

    assert found(data, ledger_says=ledger)[0] == (kind, MANIFEST)
    assert asked == [bundle.manifest_hash(data)]


def test_only_a_ledger_finds_a_bundle_that_was_written_anew(library: Library, found: Any, data: bytes) -> None:
    forged = export([answer(library, text="No [1][2].")], "bundle", exported=DAY, library=library)
    assert not [one for one in found(forged) if one[0] in ("altered", "unrecorded")]
    known = {bundle.manifest_hash(data)}
    assert found(forged, ledger_says=known.__contains__)[0] == ("unrecorded", MANIFEST)


def _reworded(memo: Any) -> None:
    memo["turns"][0]["answer"]["answer"] = "No."


def _cited_otherwise(manifest: Any) -> None:
    manifest["sources"][0]["words"] = "0" * 64


def _forgotten(manifest: Any) -> None:
    del manifest["sources"][1]


def _newer(manifest: Any) -> None:
    manifest["version"] = 2


def _names_another(manifest: Any) -> None:
    manifest["parts"]["other.json"] = "0" * 64


@pytest.mark.parametrize(
    ("part", "change", "expected"),
    [
        (MEMO, _reworded, ("altered", MEMO)),
        (MANIFEST, _cited_otherwise, ("altered", "answer 1, source [1]")),
        (MANIFEST, _forgotten, ("altered", "answer 1, source [2]")),
        (MANIFEST, _newer, ("unreadable", MANIFEST)),
        (MANIFEST, lambda manifest: manifest.pop("book"), ("unreadable", MANIFEST)),
        (MANIFEST, _names_another, ("missing", "other.json")),
    ],
)
def test_a_changed_part_is_found(found: Any, data: bytes, part: str, change: Any, expected: tuple[str, str]) -> None:
    assert found(changed(data, part, change))[0] == expected


def _link() -> zipfile.ZipInfo:
    info = zipfile.ZipInfo("link")
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize(
    ("added", "expected"),
    [
        (("readme.txt", b"x"), ("extra", "readme.txt")),
        (("../up.json", b"x"), ("unsafe", "../up.json")),
        (("/etc/passwd", b"x"), ("unsafe", "/etc/passwd")),
        (("C:\\x", b"x"), ("unsafe", "C:\\\\x")),
        (("a/b.json", b"x"), ("unsafe", "a/b.json")),
        (("\x1b[31m軽", b"x"), ("unsafe", "\\x1b[31m\\u8efd")),
        ((_link(), b"/etc/passwd"), ("unsafe", "link")),
        (("bomb.json", b"0" * (LARGEST + 1)), ("too large", "bomb.json")),
    ],
)
def test_a_part_that_does_not_belong_is_found(found: Any, data: bytes, added: Any, expected: tuple[str, str]) -> None:
    compressed = zipped(*parts_of(data).items(), added, compression=zipfile.ZIP_DEFLATED)
    assert found(compressed)[0] == expected


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_stands_twice_is_found(found: Any, data: bytes) -> None:
    assert found(zipped(*parts_of(data).items(), (MEMO, b"{}")))[0] == ("unsafe", MEMO)


def test_a_missing_part_is_found(found: Any, data: bytes) -> None:
    parts = parts_of(data)
    assert found(packed({MANIFEST: parts[MANIFEST]}))[0] == ("missing", MEMO)
    assert found(packed({MEMO: parts[MEMO]})) == [("missing", MANIFEST)]


def test_what_is_no_bundle_is_told(found: Any, data: bytes) -> None:
    assert found(b"PK nothing") == [("unreadable", "")]
    assert found(data[:-30]) == [("unreadable", "")]
    assert found(b"0" * (LARGEST + 1)) == [("too large", "")]
    assert found(zipped(*((f"{n}.json", b"") for n in range(17)))) == [("too large", "")]
    deep = b"[" * 100_000
    assert found(packed({MANIFEST: deep, MEMO: b"{}"})) == [("unreadable", MANIFEST)]
    with pytest.raises(ValueError, match="no manifest"):
        bundle.manifest_hash(b"PK nothing")


def test_bytes_beside_the_parts_are_found(found: Any, data: bytes) -> None:
    assert found(b"#!/bin/sh\n" + data)[0][0] == "altered"
    assert found(zipped(*parts_of(data).items()))[0] == ("altered", "")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_byte_can_be_changed_unseen(found: Any, data: bytes, draw: st.DataObject) -> None:
    at = draw.draw(st.integers(0, len(data) - 1))
    other = draw.draw(st.integers(0, 255).filter(lambda value: value != data[at]))
    kinds = found(data[:at] + bytes([other]) + data[at + 1 :])
    assert kinds[0][0] in ("altered", "unreadable", "unsafe", "missing", "extra", "too large")


def test_the_book_of_today_is_compared(library: Library, found: Any, data: bytes) -> None:
    old = library.statements
    moved = old[CONFIRMED].model_copy(update={"text": "Another rule."})
    redated = old[DOUBTFUL].model_copy(update={"confidence": "high"})
    today = Library.open()
    today.statements = {**old, CONFIRMED: moved, DOUBTFUL: redated}
    assert [kind for kind, _ in found(data, library=today)][1:] == ["changed", "changed"] * 2
    today.statements = {name: one for name, one in old.items() if name != CONFIRMED}
    assert [kind for kind, _ in found(data, library=today)][1:] == ["gone", "same"] * 2


def test_a_source_beside_the_book_is_told(library: Library, found: Any) -> None:
    paper = source(library, 1, CONFIRMED, coordinate="us/document/alert/3", citation="Alert", url="alert.pdf")
    kinds = found(export([answer(library, paper, text="So [1].")], "bundle", exported=DAY, library=library))
    assert kinds[1:] == [("outside", "answer 1, source [1], Alert")]


def test_the_same_turns_give_the_same_bytes(library: Library, data: bytes) -> None:
    assert export(thread(library), "bundle", exported=DAY, library=library) == data
    slower = [answer(library, timings_ms={"total": 9_000})]
    assert export(slower, "bundle", exported=DAY, library=library) == export(
        [answer(library)], "bundle", exported=DAY, library=library
    )


def test_what_no_bundle_can_hold_is_refused(library: Library) -> None:
    with pytest.raises(ValueError, match="export fewer"):
        export([answer(library, text="a" * LARGEST)], "bundle", exported=DAY, library=library)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ANY_TEXT | st.just(HOSTILE), ANY_TEXT)
def test_any_text_can_be_bundled(library: Library, found: Any, asked: str, said: str) -> None:
    one = source(library, 1, CONFIRMED, official_text=said, citation=said)
    turns = [answer(library, one, question=asked, text=said, understood=asked)]
    assert found(export(turns, "bundle", exported=DAY, library=library))[0][0] == "unproved"

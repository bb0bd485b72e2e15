"""The book: every record is in it, nothing invalid gets in, and our summaries say what their sources bear."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
import yaml

from assistant.memo import Sentence
from assistant.plans.findings import OPENS, OTHERWISE
from assistant.verify import fault
from corpus import citations
from corpus.digests import DigestError, read_all, read_instrument, read_place
from corpus.law import Confidence
from corpus.library import Library
from tests.conftest import SHARED, missing

DIGESTS = Path(citations.__file__).parent / "digests"
FILES = sorted(DIGESTS.rglob("*.yaml"))


def facts(name: str) -> list[dict[str, object]]:
    path = SHARED / "facts" / name
    if not path.is_file():
        missing(f"the research records ({name})")
    held: list[dict[str, object]] = yaml.safe_load(path.read_text("utf-8"))
    return held


def test_every_federal_record_is_carried() -> None:
    held = {yaml.safe_load(p.read_text("utf-8"))["source"] for p in FILES if p.parent.name in ("us", "alerts")}
    assert {r["id"] for r in facts("federal-facts.yaml")} == held


def test_every_state_provision_is_carried() -> None:
    for record in facts("state-facts.yaml"):
        name = str(record["state"]).lower()
        digest = yaml.safe_load((DIGESTS / "states" / f"{name}.yaml").read_text("utf-8"))
        provisions = record["provisions"]
        assert isinstance(provisions, list)
        assert set(range(1, len(provisions) + 1)) <= {p["source"] for p in digest["provisions"]}, name


def test_verdicts_of_today_are_those_of_the_research(library: Library) -> None:
    found = {code: place.verdict(dt.date(2026, 11, 24)) for code, place in library.places.items()}
    for record in facts("state-facts.yaml"):
        if (verdict := found.get(f"US-{record['state']}")) is not None:
            assert verdict.registration.value == str(record["status"]).replace("unclear_in_flux", "unclear")
    assert len(found) == 51
    assert None not in found.values()


def test_unverified_facts_stay_unconfirmed(library: Library) -> None:
    """A record with unverified facts holds an unconfirmed statement, unless the official text settled them."""
    # 24404: the source credit of 49 U.S.C. 30112 in the official copy names it.
    settled = {"us-fastact-24404-24405"}
    held = {yaml.safe_load(p.read_text("utf-8"))["source"]: p.stem for p in FILES if p.parent.name in ("us", "alerts")}
    doubtful = {s.record for s in library.statements.values() if s.confidence is Confidence.UNCONFIRMED}
    smooth = {r["id"] for r in facts("federal-facts.yaml") if r["unverified_facts"] and held[r["id"]] not in doubtful}
    assert smooth <= settled


def test_the_alert_is_an_alert_and_never_law(library: Library) -> None:
    alerts = [s for s in library.statements.values() if s.record == "cov-2025-12"]
    assert len(alerts) >= 8
    assert all(not s.authority.is_law for s in alerts)


def test_pinpoints_round_trip(library: Library) -> None:
    for s in library.statements.values():
        if "/document/" not in s.coordinate:
            assert citations.canonical(s.coordinate) == s.citation
            assert citations.parse(s.citation, place=s.place).coordinate == s.coordinate


@pytest.mark.parametrize("path", FILES, ids=lambda p: p.stem)
def test_statements_read_as_sentences(path: Path) -> None:
    read = read_place(path).provisions if path.parent.name == "states" else (read_instrument(path),)
    for statement in (s for p in read for s in p.statements):
        assert 5 <= len(statement.text.split()) <= 70, statement.id
        assert re.search(r"[.]”?$", statement.text), statement.id
        assert not re.search(r"model knowledge|TODO|fact base|unverified_facts|see text", statement.text), statement.id
        assert statement.url.startswith("http"), statement.id


def test_verdicts_say_what_their_statements_bear(library: Library) -> None:
    faults = []
    for place in library.places.values():
        for verdict in place.verdicts:
            rows = [(one, True) for one in verdict.headline] + [(one, False) for one in verdict.conditions]
            faults += [
                (place.code, why, one.text) for one, d in rows if (why := fault(Sentence.of(one), library, decides=d))
            ]
            for finding in verdict.findings:
                opening = (OPENS.get((finding.kind, finding.says)) or OTHERWISE[finding.says]).format(place=place.name)
                text = finding.text if opening.endswith(".") else f"{opening}{finding.text}"
                if why := fault(Sentence(text, finding.rests_on), library, decides=True):
                    faults.append((place.code, why, text))
        for conflict in place.conflicts:
            if conflict.rests_on and (why := fault(Sentence(conflict.text, conflict.rests_on), library)):
                faults.append((place.code, why, conflict.text))
    assert faults == []


def test_every_verdict_answers_the_standing_questions(library: Library) -> None:
    opens = re.compile(r"(?:Yes|No|Not yet|Only|In practice no|It depends|Unclear)\b")
    for place in library.places.values():
        for verdict in place.verdicts:
            assert sorted(f.kind.value for f in verdict.findings) == ["age", "roads"], place.code
            assert opens.match(verdict.headline[0].text), (place.code, verdict.headline[0].text)


def test_limits_stand_in_their_statements(library: Library) -> None:
    for place in library.places.values():
        for limit in (one for verdict in place.verdicts for one in verdict.limits):
            said = " ".join(library.statement(i).text for i in limit.rests_on).replace(",", "")
            for bound in (limit.least, limit.most, limit.over, limit.under):
                assert bound is None or f"{bound:g}" in said, (place.code, limit)


def test_conflicts_name_both_sides(library: Library) -> None:
    assert all(len(c.sides) >= 2 for place in library.places.values() for c in place.conflicts)


GOOD = """\
source: x
citation: 49 U.S.C. § 30112
title: A title
place: US
authority: statute
status: in_force
url: https://example.org
effective: {from: null, until: null}
checked: 2026-01-01
statements:
  - id: t.1
    at: (b)(9)
    text: A vehicle at least 25 years old is outside the ban.
    confidence: high
    topics: [25-year-rule]
"""

BROKEN = [
    ("citation: 49 U.S.C. § 30112", "citation: 49 U.S.C. §", 2, "citation"),
    ("authority: statute", "authority: law", 5, "authority"),
    ("status: in_force", "status: valid", 6, "status"),
    ("topics: [25-year-rule]", "topics: [no-such-topic]", 15, "no-such-topic"),
    ("    at: (b)(9)", "    at: (b)(9", 12, "citation"),
    ("    confidence: high", "    confidence: sure", 14, "confidence"),
    ("place: US", "place: US\ncolour: red", 5, "colour"),
    ("{from: null, until: null}", "{from: 2026-02-01, until: 2026-01-01}", 8, "until"),
    ("checked: 2026-01-01", "checked: yesterday", 9, "checked"),
    ("statements:\n", "statements: [\n", 10, "YAML"),
    ("source: x", "- source: x", 1, "YAML"),
]


@pytest.mark.parametrize(("old", "new", "line", "word"), BROKEN)
def test_a_broken_digest_names_file_and_line(tmp_path: Path, old: str, new: str, line: int, word: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(GOOD.replace(old, new), "utf-8")
    with pytest.raises(DigestError) as caught:
        read_instrument(path)
    where, message = str(caught.value).split(": ", 1)
    assert word in message
    assert where.startswith(str(path))
    assert abs(int(where.rsplit(":", 1)[1]) - line) <= 1


def test_two_statements_may_not_share_an_id(tmp_path: Path) -> None:
    (tmp_path / "us").mkdir()
    for name in ("a", "b"):
        (tmp_path / "us" / f"{name}.yaml").write_text(GOOD, "utf-8")
    with pytest.raises(DigestError, match=r"t\.1"):
        read_all(tmp_path)


def test_a_verdict_may_not_rest_on_what_is_not_there(tmp_path: Path) -> None:
    text = (
        (DIGESTS / "states" / "co.yaml").read_text("utf-8").replace("rests_on: [us-co.4]", "rests_on: [us-co.400]", 1)
    )
    path = tmp_path / "co.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(DigestError, match=r"co\.yaml:\d+: rests on 'us-co\.400'"):
        read_place(path)

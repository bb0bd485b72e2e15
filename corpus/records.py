"""The YAML shape of a digest file, before it is resolved into the nouns of `corpus.law`.

One model per thing a person writes; `corpus.digests` reads files into these and
resolves pinpoints, inherited fields and ids.
"""

from __future__ import annotations

import datetime as dt

from pydantic import Field

from corpus.law import Authority, Confidence, Effective, Noun, Status, Text
from corpus.verdicts import Conflict, Verdict


class StatementRecord(Noun):
    """A statement as written. `at` is the paragraph below the record's (or its own) citation."""

    id: Text
    at: Text | None = None
    citation: Text | None = None
    text: Text
    confidence: Confidence
    topics: tuple[Text, ...] = Field(min_length=1)
    authority: Authority | None = None
    status: Status | None = None
    effective: Effective | None = None
    url: Text | None = None


class ProvisionRecord(Noun):
    """An instrument as written. `source` names the research record it carries over."""

    source: Text | int
    citation: Text
    document: Text | None = None
    aliases: tuple[Text, ...] = ()
    title: Text
    place: Text | None = None
    authority: Authority
    status: Status
    url: Text
    effective: Effective
    checked: dt.date | None
    statements: tuple[StatementRecord, ...] = Field(min_length=1)
    related: tuple[Text, ...] = ()


class PlaceRecord(Noun):
    """A state file as written: verdicts, conflicts and the provisions behind them."""

    place: Text
    name: Text
    verdicts: tuple[Verdict, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    provisions: tuple[ProvisionRecord, ...] = Field(min_length=1)

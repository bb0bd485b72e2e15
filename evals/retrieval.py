"""How well one run retrieved, case by case: recall, rank, gain and purity, by ir-measures. The caller averages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import ir_measures
from ir_measures import RR, Judged, R, nDCG

from evals.cases import Case
from evals.grounding import stands_at

REQUIRED, ACCEPTABLE, BESIDE = 2, 1, 0
DEPTH = 10
MEASURES = {
    "R@5": R(rel=REQUIRED) @ 5,
    "R@10": R(rel=REQUIRED) @ 10,
    "R@20": R(rel=REQUIRED) @ 20,
    "nDCG@10": nDCG @ DEPTH,
    "RR@10": RR(rel=REQUIRED) @ DEPTH,
}
JUDGED = {"Judged@10": Judged @ DEPTH}


@dataclass(frozen=True)
class Ranked:
    """What a case retrieved: the coordinate and the place ("US", "US-TX") of each hit, best first.

    Raises ValueError when they are not of one length.
    """

    id: str
    coordinates: tuple[str, ...]
    places: tuple[str, ...]

    def __post_init__(self) -> None:
        if len(self.coordinates) != len(self.places):
            raise ValueError(f"{self.id}: {len(self.coordinates)} coordinates but {len(self.places)} places")


def grades(case: Case) -> dict[str, int]:
    """The gold of a case by coordinate: 2 what is required, 1 what is acceptable."""
    acceptable = {g.coordinate: ACCEPTABLE for g in case.gold}
    return acceptable | {g.coordinate: REQUIRED for g in case.gold if g.role == "required"}


def per_case(
    run: Iterable[Ranked], gold: Mapping[str, Mapping[str, int]], asked: Mapping[str, frozenset[str]]
) -> dict[str, dict[str, float]]:
    """The values of each case, 0 to 1: R@5, R@10, R@20, AllReq@10 and RR@10 of what is required, nDCG@10 over the
    grades, Judged@10, and purity@10, the share of the top ten from an asked place or federal.

    `gold` gives the grade of each coordinate (2 required, 1 acceptable, 0 judged beside the point), `asked` the places,
    both by case id. A case that requires nothing has only Judged@10 and purity@10; one that retrieved nothing has
    neither. Raises KeyError when a case of the run is missing in `gold` or `asked`.
    """
    qrels: dict[str, dict[str, int]] = {}
    scores: dict[str, dict[str, float]] = {}
    values: dict[str, dict[str, float]] = {}
    for ranked in run:
        ids, qrels[ranked.id] = _matched(ranked.coordinates, gold[ranked.id])
        # Ranks for scores: the measures break ties each in its own way.
        scores[ranked.id] = {i: -float(rank) for rank, i in enumerate(ids)}
        values[ranked.id] = {}
        if top := ranked.places[:DEPTH]:
            values[ranked.id]["purity@10"] = sum(p in asked[ranked.id] or p == "US" for p in top) / len(top)
    found_any = {i: one for i, one in qrels.items() if scores[i]}
    required = {i: one for i, one in qrels.items() if REQUIRED in one.values()}
    for measures, cases in ((JUDGED, found_any), (MEASURES, required)):
        names = {measure: name for name, measure in measures.items()}
        for found in ir_measures.iter_calc(names, cases, scores):
            values[found.query_id][names[found.measure]] = float(found.value)
    for i in required:
        values[i]["AllReq@10"] = float(values[i]["R@10"] == 1)
    return values


def _matched(coordinates: Iterable[str], gold: Mapping[str, int]) -> tuple[list[str], dict[str, int]]:
    """An id for each hit, and the grades of ids: the gold coordinate that a hit is the first to satisfy, else its own.

    Of several that it satisfies, the highest grade and then the nearest above is taken. A hit that only repeats is
    judged (0), for somebody did judge its provision; it neither counts twice nor lifts what stands below it.
    """
    ids: list[str] = []
    graded = dict(gold)
    for rank, coordinate in enumerate(coordinates, 1):
        satisfied = [g for g in gold if stands_at(coordinate, g)]
        fresh = [g for g in satisfied if g not in ids]
        # A space is in no coordinate, so an own id is never that of a gold or of another hit.
        own = f"{rank} {coordinate}"
        ids.append(max(fresh, key=lambda g: (gold[g], len(g)), default=own))
        if satisfied and not fresh:
            graded[own] = BESIDE
    return ids, graded

"""An outside yardstick for the fusion: ObliQA dev, questions on financial regulation that nobody here wrote.

The data stay outside the project (no licence file), in the BEIR form in a folder that `KEI_OBLIQA` names. Only the dev
judgements are ever opened: a weight may be chosen on them, and the test judgements stay unseen.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import ir_measures
import numpy as np
from ir_measures import AP, R, nDCG
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import track

from assistant.lexicon import Lexicon
from assistant.models import SentenceEmbedder, model_folder
from assistant.retrieve import POOL, fuse
from assistant.settings import Settings

FOLDER = "KEI_OBLIQA"
MEASURES = (R @ 10, AP @ 10, nDCG @ 10)
DEPTH = 10
# Texts embedded between two writes: a stop loses at most the seconds of one chunk.
CHUNK = 256
SWEEP = tuple(n / 10 for n in range(11))

Floats = NDArray[np.float32]
Embed = Callable[[list[str]], list[list[float]]]
Run = Mapping[str, Sequence[str]]


class YardstickError(ValueError):
    """The yardstick cannot be measured; the message names the folder or the file, and what is wrong."""


@dataclass(frozen=True)
class Judged:
    """A collection in the BEIR form: texts by passage id, questions by id, the grades of passages by question."""

    texts: Mapping[str, str]
    questions: Mapping[str, str]
    qrels: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Pool:
    """What the fusion sees of a question, as `BookRetriever` cuts it: the cosines of the POOL nearest passages, and
    the BM25 scores of the POOL best and of those nearest."""

    meaning: Mapping[str, float]
    by_words: Mapping[str, float]


def yardstick(weights: list[float] | None = None) -> None:
    """Print BM25, the embedder and their fusion on ObliQA dev as a Markdown table.

    `weights` are the shares of BM25 to try (0 to 1) beside the one of the settings; by default every tenth. Raises
    YardstickError when the folder is not there, not whole, or a weight lies outside.
    """
    tried = SWEEP if weights is None else tuple(weights)
    if outside := [w for w in tried if not 0 <= w <= 1]:
        raise YardstickError(f"a weight lies between 0 and 1: {', '.join(map(str, outside))}")
    settings = Settings()
    held = read(_folder())
    embedder = SentenceEmbedder(model_folder(settings.embed_model))
    print(report(held, pools(held, embedder, settings.data_dir / "yardstick"), settings.lexical_weight, tried), end="")


def read(folder: Path) -> Judged:
    """The collection in a folder: corpus.jsonl, queries.jsonl and qrels/dev.tsv; only judged questions are kept.

    Raises YardstickError when a file is missing or malformed, or a judgement names a text that is not there.
    """
    texts, asked = (dict(_rows(folder / name)) for name in ("corpus.jsonl", "queries.jsonl"))
    qrels: dict[str, dict[str, int]] = {}
    path = folder / "qrels" / "dev.tsv"
    for number, line in enumerate(_lines(path)[1:], 2):
        match line.split("\t"):
            case [question, passage, grade] if question in asked and passage in texts and grade.isdigit():
                qrels.setdefault(question, {})[passage] = int(grade)
            case _:
                raise YardstickError(f"{path}:{number}: not a known question, a known passage and a grade")
    if not qrels:
        raise YardstickError(f"{path} judges nothing")
    return Judged(texts, {question: asked[question] for question in qrels}, qrels)


def embedded(texts: Sequence[str], cache: Path, embed: Embed, told: str) -> Floats:
    """Unit vectors, one row a text (float32), read from `cache` (.npy) or made and kept there.

    Finished chunks lie beside the cache until all are made, so that a stopped run goes on where it was. `told` names
    the bar on stderr.
    """
    if cache.is_file():
        return np.asarray(np.load(cache), dtype=np.float32)
    parts = cache.with_suffix(".parts")
    parts.mkdir(parents=True, exist_ok=True)
    chunks: list[Floats] = []
    for start in track(range(0, len(texts), CHUNK), told, console=Console(stderr=True)):
        batch = list(texts[start : start + CHUNK])
        part = parts / f"{start}-{start + len(batch)}.npy"
        if not part.is_file():
            _save(part, np.asarray(embed(batch), dtype=np.float32))
        chunks.append(np.load(part))
    vectors = np.concatenate(chunks)
    _save(cache, vectors)
    shutil.rmtree(parts)
    return vectors


def pools(held: Judged, embedder: SentenceEmbedder, folder: Path) -> dict[str, Pool]:
    """The pool of every question, by its id: both searches over the whole corpus. Vectors are kept in `folder`."""
    ids, texts, asked = list(held.texts), list(held.texts.values()), list(held.questions.values())
    kept = [folder / f"{_sha256(one)}-{embedder.identity}.npy" for one in (texts, asked)]
    passages = embedded(texts, kept[0], embedder.embed_documents, "Embedding passages")
    questions = embedded(asked, kept[1], lambda batch: [embedder.embed_query(q) for q in batch], "Embedding questions")
    lexicon = Lexicon(held.texts)
    found = zip(held.questions, asked, questions, strict=True)
    return {question: _pool(ids, passages @ vector, lexicon.scores(text)) for question, text, vector in found}


def ranked(scores: Mapping[str, float]) -> tuple[str, ...]:
    """The first DEPTH ids, best first; equal scores in the order of the ids, as the retriever has them."""
    return tuple(sorted(scores, key=lambda i: (-scores[i], i))[:DEPTH])


def measured(held: Judged, run: Run) -> tuple[float, ...]:
    """The means of MEASURES over all judged questions; `run` gives the passage ids of each, best first."""
    # Ranks for scores: the measures break ties each in its own way.
    scores = {question: {i: -float(rank) for rank, i in enumerate(ids)} for question, ids in run.items()}
    found = ir_measures.calc_aggregate(MEASURES, held.qrels, scores)
    return tuple(float(found[measure]) for measure in MEASURES)


def report(held: Judged, found: Mapping[str, Pool], weight: float, tried: Sequence[float]) -> str:
    """A Markdown table: each search alone, then the fusion at the `weight` of the settings and at every one `tried`."""
    runs: dict[str, Run] = {
        "BM25 alone": {question: ranked(pool.by_words) for question, pool in found.items()},
        "embedder alone": {question: ranked(pool.meaning) for question, pool in found.items()},
    }
    for one in sorted({weight, *tried}):
        label = f"fusion, BM25 weight {one:g}" + " (lexical_weight)" * (one == weight)
        runs[label] = {q: ranked(fuse(pool.meaning, pool.by_words, one)) for q, pool in found.items()}
    lines = [
        f"ObliQA dev: {len(held.questions)} questions, {len(held.texts)} passages",
        "",
        f"| search | {' | '.join(map(str, MEASURES))} |",
        "|---|" + "---:|" * len(MEASURES),
        *(f"| {label} | {' | '.join(f'{v:.4f}' for v in measured(held, run))} |" for label, run in runs.items()),
    ]
    return "\n".join([*lines, ""])


def _folder() -> Path:
    named = os.environ.get(FOLDER, "").strip()
    if not named:
        raise YardstickError(f"{FOLDER} is not set: name the folder that holds ObliQA in the BEIR form")
    folder = Path(named).expanduser()
    if not folder.is_dir():
        raise YardstickError(f"{FOLDER}={named} is no folder")
    return folder


def _lines(path: Path) -> list[str]:
    # Not splitlines: JSON leaves other separators, such as U+2028, as they are inside a text.
    try:
        return path.read_text("utf-8").rstrip("\n").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise YardstickError(f"{path} cannot be read: {error}") from error


def _rows(path: Path) -> Iterator[tuple[str, str]]:
    for number, line in enumerate(_lines(path), 1):
        try:
            row = json.loads(line)
            yield str(row["_id"]), str(row["text"])
        except (ValueError, KeyError, TypeError) as error:
            raise YardstickError(f"{path}:{number}: not a row with _id and text") from error


def _pool(ids: Sequence[str], cosines: Floats, lexical: Mapping[str, float]) -> Pool:
    near = {ids[i]: float(cosines[i]) for i in np.argsort(-cosines, kind="stable")[:POOL]}
    literal = sorted(lexical, key=lambda i: lexical[i], reverse=True)[:POOL]
    return Pool(near, {i: lexical[i] for i in {*near, *literal} if i in lexical})


def _save(path: Path, vectors: Floats) -> None:
    """Written beside and renamed, so that a file is whole or not there."""
    beside = path.with_suffix(f".{os.getpid()}.tmp")
    with beside.open("wb") as file:
        np.save(file, vectors)
    beside.replace(path)


def _sha256(texts: Sequence[str]) -> str:
    return hashlib.sha256(json.dumps(texts).encode()).hexdigest()

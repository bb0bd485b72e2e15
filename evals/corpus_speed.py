"""`python -m evals speed --corpus DIR`: official texts read, indexed and searched, and the stock splitter beside it."""

from __future__ import annotations

import datetime as dt
import html
import os
import re
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from langchain_text_splitters import RecursiveCharacterTextSplitter
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from assistant.answer import Assistant
from assistant.contract import Ask
from assistant.index import Remembering, VectorIndex, build, known_vectors
from assistant.models import SentenceEmbedder, model_folder
from assistant.official import OfficialTexts
from assistant.passages import Passage
from assistant.settings import Settings
from corpus.official.section import Kind, normalised
from corpus.official.sources import mirror_files, sources
from corpus.official.store import Store
from corpus.official.sync import from_mirror
from evals.questions import questions

SMALL, LARGE = 1_000, 20_000
# How many pinpoints are looked for in the stock chunks, and how much of a paragraph's beginning tells it.
PINPOINTS, BEGINNING = 60, 60


@dataclass(frozen=True)
class Pinpointed:
    """Of how many paragraphs the beginning stands in a chunk at all, and in one that begins no other paragraph."""

    found: int
    alone: int


def corpus_speed(folder: Path) -> None:
    """Measure every figure of the corpus budget on a folder of copies. Prints two tables."""
    console = Console()
    files = [one.path for source in sources() for one in mirror_files(source, folder)]
    megabytes = sum(path.stat().st_size for path in files) / 1e6
    with tempfile.TemporaryDirectory(prefix="kei-corpus-") as home:
        os.environ["KEI_DATA_DIR"] = home
        settings = Settings()
        store = Store(settings.official_dir)
        start = time.perf_counter()
        from_mirror(store, folder, lambda *_: None, dt.date.today())
        reading = time.perf_counter() - start
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2
        passages = tuple(OfficialTexts(store).passages())
        embedder = SentenceEmbedder(model_folder(settings.embed_model))
        embedder.embed_query("warm")
        with Progress(console=console) as progress:
            task = progress.add_task("Indexing")
            start = time.perf_counter()
            assistant = Assistant.open(settings, lambda done, of: progress.update(task, completed=done, total=of))
            indexing = time.perf_counter() - start
        total = len(assistant.on_disk.indexed(assistant.library))
        asked = [
            _seconds(assistant, Ask(question=q.question, as_of=dt.date.today(), state=q.place)) for q in questions()
        ]
        growth = _growth(Path(home), embedder, settings, assistant)
        start = time.perf_counter()
        chunks = _stock(files)
        stock = time.perf_counter() - start
        theirs, ours = (_pinpointed(store, held) for held in (chunks, [normalised(p.text) for p in passages]))
    p95 = statistics.quantiles(asked, n=20)[18]
    table = Table(
        "figure", "measured", "budget", title=f"{len(files)} files, {megabytes:.1f} MB, {len(passages)} passages"
    )
    table.add_row("read into the store", f"{reading:.1f} s, {megabytes / reading:.1f} MB/s", "60 s")
    table.add_row("memory after reading", f"{memory:.2f} GB", "1 GB")
    table.add_row("index, with the book", f"{indexing:.0f} s, {total / indexing:.0f} passages/s", "with progress")
    table.add_row("ask, warm: p50 / p95", f"{statistics.median(asked) * 1000:.0f} / {p95 * 1000:.0f} ms", "p95 250 ms")
    table.add_row(f"search, {LARGE:,} beside {SMALL:,} passages", f"{growth:.2f} times", "1.5 times")
    console.print(table)
    beside = Table("the same files", "Kei Assistant", "stock splitter (1000/200)")
    beside.add_row("read and cut", f"{reading:.1f} s", f"{stock:.1f} s")
    counts = (f"{one.alone} ({one.found} found)" for one in (ours, theirs))
    beside.add_row(f"of {PINPOINTS} pinpoints in a passage of their own", *counts)
    console.print(beside)


def _seconds(assistant: Assistant, ask: Ask) -> float:
    assistant.retriever.index.forget()
    start = time.perf_counter()
    assistant.invoke(ask)
    return time.perf_counter() - start


def _growth(home: Path, embedder: SentenceEmbedder, settings: Settings, assistant: Assistant) -> float:
    """How many times longer one search takes in a large index than in a small one; the texts repeat to fill it."""
    texts = assistant.on_disk.indexed(assistant.library)
    known = Remembering(embedder, known_vectors(settings.index_dir, embedder.identity))
    vectors = {q.question: assistant.retriever.index.embed(q.question) for q in questions()}
    medians = []
    for size in (SMALL, LARGE):
        some = [Passage(f"{n}", texts[n % len(texts)].text, "US") for n in range(size)]
        build(home / f"grow-{size}", "grow", some, known)
        index = VectorIndex(home / f"grow-{size}", "grow", embedder)
        spent = []
        for vector in (*vectors.values(), *vectors.values()):
            start = time.perf_counter()
            index.search(vector, places=frozenset({"US"}), as_of=dt.date.today(), k=60)
            spent.append(time.perf_counter() - start)
        medians.append(statistics.median(spent[len(vectors) :]))
    return medians[1] / medians[0]


def _stock(files: list[Path]) -> list[str]:
    """The stock way: tags off, split by length."""
    splitter = RecursiveCharacterTextSplitter(chunk_size=1_000, chunk_overlap=200)
    return [normalised(chunk) for path in files for chunk in splitter.split_text(_plain(path))]


def _pinpointed(store: Store, chunks: list[str]) -> Pinpointed:
    """Where sixty paragraphs of the store, spread over all of it, come to lie."""
    begun = list(dict.fromkeys(_beginnings(store)))
    chosen = begun[:: max(1, len(begun) // PINPOINTS)][:PINPOINTS]
    found = alone = 0
    for beginning in chosen:
        holding = [chunk for chunk in chunks if beginning in chunk]
        found += bool(holding)
        alone += any(sum(other in chunk for other in begun) == 1 for chunk in holding[:2])
    return Pinpointed(found, alone)


def _plain(path: Path) -> str:
    return html.unescape(re.sub(r"<[^>]+>", " ", path.read_text("utf-8", errors="replace")))


def _beginnings(store: Store) -> Iterator[str]:
    for version in store.all():
        for one in version.paragraphs:
            if one.labels and one.kind is Kind.TEXT and one.nth == 0 and len(one.text) > BEGINNING:
                yield normalised(one.text)[:BEGINNING]

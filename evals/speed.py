"""Speed, memory and retrieval of the assistant beside a plain LangChain chain, measured in one run.

Absolute times depend on the machine; read them beside each other. Nothing here is asserted by a test.
"""

from __future__ import annotations

import datetime as dt
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console
from rich.table import Table

from assistant.answer import Assistant
from assistant.contract import Ask
from assistant.index import build
from assistant.models import SentenceEmbedder, model_folder
from assistant.ondisk import OnDisk
from assistant.retrieve import Scope
from assistant.settings import Settings
from corpus.library import Library
from evals.questions import Question, hit_rate, questions
from evals.tutorial import Tutorial

KEI = (sys.executable, "-c", "from assistant.cli import main; main()")
K = 5
# The budget is for the book alone; official texts are measured on their own.
NONE = OnDisk()


def speed(repeats: int = 3) -> None:
    """Measure every figure of the speed budget, and the tutorial chain beside it."""
    console = Console()
    with tempfile.TemporaryDirectory(prefix="kei-speed-") as folder:
        home = Path(folder)
        os.environ["KEI_DATA_DIR"] = str(home / "data")
        settings, library = Settings(), Library.open()
        embedder = SentenceEmbedder(model_folder(settings.embed_model))
        console.print(f"{len(library.statements)} statements, {os.cpu_count()} cores; every figure: min / median / max")
        embedder.embed_query("warm")
        indexing = [_indexing(library, embedder, settings, home / f"index-{n}") for n in range(2)]
        assistant = Assistant.open(settings)
        asked = [_seconds(partial(assistant.invoke, _ask(q))) for _ in range(repeats) for q in questions()]
        ours = [_retrieve(assistant, q) for q in questions()]
        tutorial_index, tutorial = _tutorial(library, embedder, home / "tutorial")
        plain = [_retrieve_plain(tutorial, q) for q in questions()]
        rechecks = [_seconds(lambda: _kei("index")) for _ in range(repeats)]
        cold = [_seconds(lambda: _kei("ask", "Can I import a 1999 Suzuki Carry?")) for _ in range(repeats)]
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    console.print(_budget(asked, indexing, rechecks, cold, peak))
    console.print(_beside(ours, plain, statistics.median(indexing), tutorial_index))


def _ask(question: Question) -> Ask:
    return Ask(question=question.question, as_of=dt.date.today(), state=question.place)


def _seconds(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _indexing(library: Library, embedder: SentenceEmbedder, settings: Settings, folder: Path) -> float:
    return _seconds(lambda: build(folder, NONE.index_name(library, embedder.identity), NONE.indexed(library), embedder))


def _tutorial(library: Library, embedder: SentenceEmbedder, folder: Path) -> tuple[float, Tutorial]:
    start = time.perf_counter()
    chain = Tutorial(library, embedder, folder)
    return time.perf_counter() - start, chain


def _kei(*words: str) -> None:
    subprocess.run([*KEI, *words], check=True, capture_output=True)


def _retrieve(assistant: Assistant, question: Question) -> tuple[float, bool]:
    """Seconds of our retrieval, and whether one of its first five statements is gold."""
    places = frozenset({"US", question.place} if question.place else {"US"})
    assistant.retriever.index.forget()
    start = time.perf_counter()
    hits = assistant.retriever.search(question.question, Scope(places, dt.date.today()), K)[:K]
    return time.perf_counter() - start, any(question.is_gold(h.statement) for h in hits)


def _retrieve_plain(tutorial: Tutorial, question: Question) -> tuple[float, bool]:
    """The same for the tutorial chain: four chunks are its k, five are looked at so that both have five."""
    start = time.perf_counter()
    tutorial.search(question.question, 4)
    spent = time.perf_counter() - start
    return spent, any(map(question.is_gold, tutorial.statements(tutorial.search(question.question, K))))


def _spread(values: Sequence[float], unit: str) -> str:
    scale = 1000 if unit == "ms" else 1
    low, middle, high = min(values), statistics.median(values), max(values)
    return " / ".join(f"{v * scale:.{0 if unit == 'ms' else 1}f}" for v in (low, middle, high)) + f" {unit}"


def _budget(
    asked: Sequence[float], indexing: Sequence[float], rechecks: Sequence[float], cold: Sequence[float], peak: float
) -> Table:
    table = Table("figure", "measured", "budget", "met", title="Speed budget")
    p95 = statistics.quantiles(asked, n=20)[18]
    rows = [
        ("ask, warm: p50", _spread(asked, "ms"), "60 ms", statistics.median(asked) <= 0.060),
        ("ask, warm: p95", f"{p95 * 1000:.0f} ms", "150 ms", p95 <= 0.150),
        ("index the whole book", _spread(indexing, "s"), "60 s", max(indexing) <= 60),
        ("re-check an unchanged book (kei index)", _spread(rechecks, "s"), "2 s", statistics.median(rechecks) <= 2),
        ("first answer of a cold kei ask", _spread(cold, "s"), "15 s", max(cold) <= 15),
        ("peak memory of kei", f"{peak:.2f} GB", "1.5 GB", peak <= 1.5),
    ]
    for name, measured, budget, met in rows:
        table.add_row(name, measured, budget, "yes" if met else "NO")
    return table


def _beside(
    ours: Sequence[tuple[float, bool]], plain: Sequence[tuple[float, bool]], index_ours: float, index_plain: float
) -> Table:
    table = Table("", "Kei Assistant", "tutorial chain (1000/200, k = 4)", title=f"Retrieval on {len(ours)} questions")
    table.add_row("retrieval time", _spread([t for t, _ in ours], "ms"), _spread([t for t, _ in plain], "ms"))
    table.add_row(f"hit rate at {K}", f"{hit_rate(h for _, h in ours):.3f}", f"{hit_rate(h for _, h in plain):.3f}")
    table.add_row("indexing", f"{index_ours:.1f} s", f"{index_plain:.1f} s")
    return table

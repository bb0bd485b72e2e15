"""The rooms: imports go only downward, each heavy library has one door, files stay small and free of this machine."""

from __future__ import annotations

import ast
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

ROOMS = {"corpus": set[str](), "assistant": {"corpus"}, "evals": {"assistant", "corpus"}}
CORPUS_MAY = {"pydantic", "yaml", "lxml", "pypdf", "httpx", "docx"}
DOORS = {
    "httpx": {"corpus/official/fetch.py", "corpus/official/answers.py", "assistant/vectors.py", "evals/load/"},
    "docx": {"corpus/firm/docx.py", "assistant/export/docx"},
    "reportlab": {"assistant/export/pdf", "assistant/export/typeface.py"},
    "prometheus_client": {"assistant/web/metrics.py"},
    "joserfc": {"assistant/web/sign_in.py"},
    "argon2": {"assistant/access.py"},
    "authlib": {"assistant/web/sign_in.py"},
    "pypdf": {"corpus/firm/pages.py"},
    "sqlalchemy": {
        "assistant/database.py",
        "assistant/ledger.py",
        "assistant/ledger_chain.py",
        "assistant/access.py",
        "assistant/reviews.py",
        "assistant/feedback.py",
        "assistant/uses.py",
        "assistant/tokens.py",
        "assistant/migrations/",
        "assistant/threads.py",
    },
    "alembic": {"assistant/migrations/"},
    "psycopg": set[str](),
    "langchain": {"assistant/chat_model.py"},
    "langchain_openai": set[str](),
    "langchain_anthropic": set[str](),
    "langchain_ollama": set[str](),
    "sentence_transformers": {"assistant/models.py"},
    "transformers": {"assistant/models.py"},
    "torch": set[str](),
    "chromadb": {"assistant/vectors.py"},
    "langchain_chroma": {"assistant/vectors.py", "evals/tutorial.py"},
    "bm25s": {"assistant/lexicon.py"},
    "sklearn": {"assistant/recognise.py", "evals/metrics.py"},
    "ir_measures": {"evals/retrieval.py", "evals/yardstick.py"},
    "statsmodels": {"evals/compare.py", "evals/metrics.py"},
    "jinja2": {"evals/report.py", "assistant/web/sites.py"},
    "gradio": {"assistant/web/"},
    "fastapi": {"assistant/web/"},
    "uvicorn": {"assistant/web/"},
    "typer": {"assistant/cli.py", "assistant/firm_cli.py", "evals/__main__.py"},
}
FILES = sorted(p for room in ROOMS for p in (ROOT / room).rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield node.module or ""


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_go_down_and_through_one_door(path: Path) -> None:
    room = path.relative_to(ROOT).parts[0]
    name = str(path.relative_to(ROOT))
    for module in imported(path):
        top = module.split(".")[0]
        if top in (*ROOMS, "app", "tests"):
            assert top == room or top in ROOMS[room], f"{name} imports {module}"
        if top in DOORS:
            assert any(name.startswith(door) for door in DOORS[top]), f"{name} imports {module}"
        if room == "corpus" and top not in CORPUS_MAY and top != "corpus":
            assert top in __import__("sys").stdlib_module_names, f"{name} imports {module}"


@pytest.mark.parametrize("path", [*FILES, ROOT / "app.py"], ids=lambda p: str(p.relative_to(ROOT)))
def test_files_stay_small_and_say_what_they_are(path: Path) -> None:
    text = path.read_text("utf-8")
    assert len(text.splitlines()) <= 300
    assert ast.get_docstring(ast.parse(text))


def test_app_only_composes() -> None:
    assert len((ROOT / "app.py").read_text("utf-8").splitlines()) <= 40


def test_nothing_names_this_machine_or_the_research_folder() -> None:
    listed = subprocess.run(["git", "ls-files"], capture_output=True, text=True, cwd=ROOT, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    for name in listed.stdout.splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".toml", ".yaml", ".md", ".jsonl"} and not name.startswith("tests/"):
            assert not re.search(r"/root/|/work/|\.\./shared", path.read_text("utf-8")), name

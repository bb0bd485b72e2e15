"""The `kei` command as people and programs use it: output, exit codes, one clear line for every failure."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from assistant.answer import Assistant
from assistant.contract import Answer
from tests.conftest import ROOT

KEI = (sys.executable, "-c", "from assistant.cli import main; main()")


def kei(*words: str, data: Path, timeout: int = 120, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `kei` in a process of its own on a data folder."""
    environment = {**os.environ, "KEI_DATA_DIR": str(data), "COLUMNS": "200", **env}
    return subprocess.run(
        [*KEI, *words], capture_output=True, text=True, cwd=ROOT, env=environment, timeout=timeout, check=False
    )


@pytest.fixture(scope="module")
def data(assistant: Assistant, data_dir: Path) -> Path:
    """The session's data folder, with its index built."""
    del assistant
    return data_dir


def test_ask(data: Path) -> None:
    done = kei("ask", "Can I import a 1999 Suzuki Carry?", "--as-of", "2026-11-24", data=data)
    assert done.returncode == 0, done.stderr
    assert "at least 25 years old" in done.stdout
    assert "49 U.S.C. § 30112(b)(9)" in done.stdout
    assert "**" not in done.stdout
    assert "Traceback" not in done.stderr


def test_ask_json_is_the_contract(data: Path) -> None:
    done = kei("ask", "Is it legal?", "--state", "TX", "--as-of", "2026-11-24", "--json", data=data)
    answer = Answer.model_validate_json(done.stdout)
    assert answer.places == ("US", "US-TX")
    fields = {
        "id",
        "question",
        "dropped",
        "understood",
        "outcome",
        "answer",
        "as_of",
        "places",
        "citations",
        "also_read",
        "notes",
        "follow_ups",
        "drafting",
        "fingerprint",
    }
    assert fields | {"timings_ms"} == set(json.loads(done.stdout))
    assert {"understand", "retrieve", "draft", "verify", "total"} <= set(answer.timings_ms)


def test_batch_answers_every_line_in_order_and_keeps_going(data: Path, tmp_path: Path) -> None:
    rows = [
        '{"id": "a", "question": "Can I import a 1999 Carry?"}',
        "{broken",
        '{"id": "c", "question": ""}',
        "",
        '{"id": "d", "turns": ["Can I import a 1999 Carry?", "what about Ohio?"], "as_of": "2026-11-24"}',
        '{"id": "e", "question": "legal?", "state": "ZZ"}',
        '{"id": "f", "question": "legal?", "state": "TX", "as_of": "2026-13-45"}',
        '{"id": "g", "question": "is it legal?", "colour": "red"}',
        '{"id": 7, "question": "kei truck legal?", "state": "ga"}',
        "[1, 2]",
    ]
    path = tmp_path / "in.jsonl"
    path.write_bytes("\n".join(rows).encode() + b'\n{"id": "h", "question": "\xff"}\n')
    done = kei("ask", "--batch", str(path), data=data)
    out = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [o["id"] for o in out] == ["a", None, "c", "d", "e", "f", "g", "7", None, None]
    assert ["error" in o for o in out] == [False, True, True, False, True, True, True, False, True, True]
    assert all("line" in o["error"] for o in out if "error" in o)
    assert "US-OH" in out[3]["places"]
    assert "Traceback" not in done.stderr


def test_batch_of_good_lines_exits_0(data: Path, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"id": "a", "question": "How do I bring one into the UK?"}\n')
    done = kei("ask", "--batch", str(path), data=data)
    assert (done.returncode, json.loads(done.stdout)["outcome"]) == (0, "declined")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("ask",), 2, "question"),
        (("ask", "x", "--batch", "y"), 2, "either"),
        (("ask", "is it legal?", "--as-of", "2026-13-45"), 2, "YYYY-MM-DD"),
        (("ask", "is it legal?", "--state", "ZZ"), 1, "ZZ"),
        (("ask", ""), 1, "question"),
        (("ask", "🚚🚚🚚"), 1, "question"),
        (("ask", "a" * 100_000), 1, "characters"),
        (("ask", "kei\x07truck"), 1, "control"),
        (("ask", "--batch", "/nowhere/in.jsonl"), 1, "cannot be read"),
        (("lookup", "hello"), 1, "Forms that are read"),
        (("lookup", "49 CFR 999.9"), 0, ""),
        (("frobnicate",), 2, "No such command"),
        (("serve", "--port", "99999999"), 2, "port"),
        (("serve", "--host", "0.0.0.0"), 1, "kei user add"),
    ],
)
def test_bad_input_is_one_clear_line(data: Path, words: tuple[str, ...], code: int, said: str) -> None:
    done = kei(*words, data=data)
    assert done.returncode == code, (done.stdout, done.stderr)
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_lookup(data: Path) -> None:
    done = kei("lookup", "49 CFR 591.5(i)(1)", "--as-of", "2026-11-24", data=data)
    assert done.returncode == 0
    assert "25 or more years old" in done.stdout
    shown = json.loads(kei("lookup", "49 CFR 999.9", "--json", data=data).stdout)
    assert (shown["found"], shown["statements"], shown["coordinate"]) == (False, [], "us/cfr/49/999.9")


def test_an_unchanged_book_is_checked_without_the_model(data: Path) -> None:
    code = (
        "import sys; from assistant.cli import main; sys.argv=['kei','index']\ntry:\n main()\nexcept SystemExit: pass\n"
    )
    code += "print('torch' in sys.modules, 'chromadb' in sys.modules)"
    environment = {**os.environ, "KEI_DATA_DIR": str(data)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment, check=True
    )
    assert "up to date" in done.stdout
    assert done.stdout.rstrip().endswith("False False")


def test_a_broken_book_is_named(data: Path, tmp_path: Path) -> None:
    bad = tmp_path / "us"
    bad.mkdir()
    (bad / "x.yaml").write_text("source: x\ncitation: nothing\n")
    code = (
        "import pathlib, corpus.library as l, corpus.digests as d\n"
        f"l.Library.open = classmethod(lambda cls: cls(*d.read_all(pathlib.Path({str(tmp_path)!r}))))\n"
        "import sys; from assistant.cli import main; sys.argv=['kei','index']; main()"
    )
    environment = {**os.environ, "KEI_DATA_DIR": str(data)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, env=environment, check=False
    )
    assert done.returncode == 1
    assert "x.yaml:1" in done.stderr
    assert "Traceback" not in done.stderr


def test_doctor_names_what_is_wrong_and_its_fix(data: Path, tmp_path: Path) -> None:
    well = kei("doctor", data=data)
    assert "ok   the index belongs to this book and model" in well.stdout, well.stdout + well.stderr
    ill = kei("doctor", data=tmp_path / "new", KEI_EMBED_MODEL=str(tmp_path))
    assert ill.returncode == 1
    assert "modules.json" in ill.stdout
    assert "fix:" in ill.stdout


def test_a_read_only_data_folder_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = kei("ask", "Can I import a kei truck?", data=tmp_path / "file" / "below")
    assert done.returncode == 1
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr

"""The load tool: it reads the page as a browser does, finds wrong answers and others' words, and ends its server."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from assistant.answer import Assistant
from evals.cases import Case, cases
from evals.load import Door, LoadError, row, server
from evals.load.browser import handlers
from evals.load.checks import Compared, compared, mixed_up
from evals.load.doors import ANSWERED, Reply
from evals.load.people import Conversation, Record, Sample, at_one_moment, conversations, for_a_time, so_many
from evals.load.report import Memory, told
from tests.conftest import ROOT

# A stand-in that answers /readyz, and the tool waiting in its block.
SERVER = """
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
class Ready(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
HTTPServer(("127.0.0.1", int(sys.argv[2])), Ready).serve_forever()
"""
TOOL = """
import signal
import time
from pathlib import Path
from evals.load import server
# Ignored where the tests themselves were started in the background.
signal.signal(signal.SIGINT, signal.default_int_handler)
server.ROOT = Path({root!r})
with server.alone() as settings, server.served(settings) as up:
    print(up.process, settings.data_dir, flush=True)
    time.sleep(120)
"""


@pytest.fixture(scope="module")
def suite() -> tuple[Case, ...]:
    return cases()


class Told:
    """Somebody who is told what the list says, in order, and then answered; notes what is done to them."""

    def __init__(self, *statuses: str, door: Door = Door.CHAT) -> None:
        self.door, self._statuses, self.done = door, list(statuses), list[str]()

    async def ready(self) -> None:
        self.done.append("ready")

    async def ask(self, question: str) -> Reply:
        self.done.append("ask")
        await asyncio.sleep(0)
        status = self._statuses.pop(0) if self._statuses else ANSWERED
        return Reply(status, 0.1, 0.05, f"answer to {question}" if status == ANSWERED else "")

    async def afresh(self) -> None:
        self.done.append("afresh")

    async def leave(self) -> None:
        self.done.append("leave")

    async def close(self) -> None:
        self.done.append("close")


def test_a_handler_is_found_by_what_the_person_presses() -> None:
    parts = [(1, None), (4, "status"), (7, "ask"), (9, "question")]
    press = {"targets": [[7, "click"]], "backend_fn": True}
    config = {
        "components": [{"id": id, "props": {"elem_id": name} if name else {}} for id, name in parts],
        "dependencies": [
            {"id": 3, "inputs": [1, 9], "outputs": [1, 4], **press},
            {"id": 4, "inputs": [], "outputs": [], **press, "backend_fn": False},
            {"id": 5, "inputs": [], "outputs": [4], "targets": [[0, "load"]], "backend_fn": True},
        ],
    }
    found = handlers(config)
    assert set(found) == {("ask", "click"), ("", "load")}
    ask = found["ask", "click"]
    assert (ask.number, ask.trigger, ask.inputs, ask.outputs) == (3, 7, ("", "question"), ("", "status"))


def test_conversations_go_round_all_questions_before_one_comes_again(suite: Sequence[Case]) -> None:
    singles = sorted(text for case in suite for text in (case.question, case.paraphrase) if text)
    once = list[str]()
    for turns in conversations(suite, random.Random(1)):
        once += [turn for turn in turns if turn in set(singles)]
        if len(once) >= len(singles):
            break
    assert sorted(once) == singles
    again, other = (list(islice(conversations(suite, random.Random(n)), 50)) for n in (1, 2))
    assert again == list(islice(conversations(suite, random.Random(1)), 50))
    assert again != other


def test_so_many_questions_are_asked_and_pages_closed_in_between(suite: Sequence[Case]) -> None:
    people, record = [Told() for _ in range(6)], Record()
    asyncio.run(so_many(people, suite, 40, 4, record))
    assert sum(one.done.count("ask") for one in people) == len(record.replies) == record.answered == 40
    assert all("leave" in one.done for one in people)


def test_nobody_is_lost_who_is_told_that_it_is_busy(suite: Sequence[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.load.people.AGAIN", 0)
    record = Record()
    asyncio.run(at_one_moment([Told("503: busy", "503: busy"), Told()], suite, record))
    assert [reply.status for _, _, reply in record.replies].count("503: busy") == 2
    assert record.answered == 2
    first = record.conversations[0]
    assert (len(first.tried), len(set(first.tried)), len(first.asked)) == (3, 1, 1)


def test_a_crowd_ends_with_its_time(suite: Sequence[Case], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("evals.load.people.READS", (0, 0.01))
    record = Record()
    asyncio.run(asyncio.wait_for(for_a_time([Told(), Told()], suite, 0.2, record), 30))
    assert record.answered > 2
    assert {person for person, _, _ in record.replies} == {0, 1}


def test_a_wrong_answer_is_found(assistant: Assistant) -> None:
    question = "How old must a kei truck be to be imported?"
    (turns,) = [Conversation(0, Door.API, [question], [question], [assistant.ask(question).answer])]
    record = Record(conversations=[turns])
    assert compared(assistant, record).differing == 0
    turns.answers[0] = turns.answers[0].replace("25", "15")
    found = compared(assistant, record)
    assert (found.answers, found.differing) == (1, 1)


def test_what_is_somebody_else_s_is_found() -> None:
    mine, theirs = "Is a Hijet legal in Ohio?", "May I drive *my* truck in Maine?"
    good = Reply(ANSWERED, 1, 1, "x", (mine,), frozenset({"a"}))
    record = Record(
        replies=[(0, Door.CHAT, good), (1, Door.CHAT, replace(good, asked=(), threads=frozenset({"b"})))],
        conversations=[Conversation(0, Door.CHAT, [mine]), Conversation(1, Door.CHAT, [theirs])],
    )
    assert mixed_up(record) == []
    record.replies.append((1, Door.CHAT, good))
    found = mixed_up(record)
    assert len(found) == 2
    assert not [words for words in found if "Hijet" in words]


@pytest.mark.parametrize(
    ("grows", "answers", "says"),
    [(5, 2_000, ": flat"), (50, 2_000, "NOT flat"), (-30, 2_000, ": flat"), (50, 400, "too few answers")],
)
def test_growth_is_told_from_the_looks_after_the_warm_up(grows: float, answers: int, says: str) -> None:
    warming = [Sample(n, 500 + n) for n in range(0, 200, 10)]
    after = [Sample(n, 1_000 + grows * n / 1_000 + (n // 10 % 2)) for n in range(200, answers + 1, 10)]
    memory = Memory.of([*warming, *after])
    assert memory is not None
    assert says in str(memory)
    if memory.growth is not None:
        assert memory.growth == pytest.approx(grows, abs=0.1)
        assert memory.first == pytest.approx(1_000 + grows * 0.2)


def test_the_report_counts_every_status() -> None:
    answered = [(0, Door.CHAT, Reply(ANSWERED, n / 10, n / 20)) for n in range(1, 21)]
    busy = [(1, Door.CHAT, Reply("503: Queue is full.", 0.01))] * 3
    text = told("what", Record(replies=[*answered, *busy]), Compared(4, 1), ["x", "x"], ["{}"])
    assert "| chat | 23 | 20 | 503: Queue is full. (3) |" in text
    assert "1.05 / 1.91 s / 2.00 s" in text
    assert "of 4 answers held against the assistant alone, 1 differ" in text
    assert "seen of others: x\n" in text
    assert "not measured" in text


def test_nothing_that_is_set_here_reaches_the_measured_server(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "index").mkdir()
    (tmp_path / "index" / "mark").write_text("x", "utf-8")
    monkeypatch.setenv("KEI_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("KEI_DATABASE_URL", "postgresql://elsewhere/real")
    monkeypatch.setenv("KEI_LLM", "openai:x")
    with server.alone() as settings:
        assert (settings.database_url, settings.llm) == (None, None)
        assert tmp_path not in (settings.data_dir, *settings.data_dir.parents)
        assert (settings.index_dir / "mark").is_file()
        (settings.index_dir / "mark").unlink()
        assert os.environ["KEI_LLM"] == "openai:x"
    assert not settings.data_dir.exists()
    assert (tmp_path / "index" / "mark").is_file()


def test_a_server_that_ends_at_once_is_told_with_its_last_words(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "app.py").write_text("import sys; sys.exit('no book here')", "utf-8")
    monkeypatch.setattr(server, "ROOT", tmp_path)
    with server.alone() as settings, pytest.raises(LoadError, match="no book here"), server.served(settings):
        pass


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_the_server_ends_with_the_tool_however_that_ends(number: signal.Signals, tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text(SERVER, "utf-8")
    tool = [sys.executable, "-c", TOOL.format(root=str(tmp_path))]
    with subprocess.Popen(tool, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True) as running:
        assert running.stdout is not None
        pid, folder = running.stdout.readline().split()
        os.kill(int(pid), 0)  # it is there
        running.send_signal(number)
        assert running.wait(60) != 0
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid), 0)
    assert not Path(folder).exists()


def test_people_at_both_doors_of_the_real_server_get_right_answers_of_their_own(
    data_dir: Path, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    del assistant  # it has built the index that is taken over
    monkeypatch.setenv("KEI_DATA_DIR", str(data_dir))
    text = row(list(Door), 3, 16)
    rows = [
        [cell.strip() for cell in line.split("|")] for line in text.splitlines() if line.startswith(("| chat", "| api"))
    ]
    assert {cells[1] for cells in rows} == {"chat", "api"}
    assert sum(int(cells[2]) for cells in rows) == 16
    assert all((cells[2], cells[4]) == (cells[3], "nothing") for cells in rows), rows
    assert ", 0 differ" in text
    assert "seen of others: nothing" in text
    assert "level of warning: 0" in text

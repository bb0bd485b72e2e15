"""The door to a chat model against a real server on this machine: what is sent, and how each failure of it ends."""

from __future__ import annotations

import datetime as dt
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from types import SimpleNamespace

import pytest
from chat_server import Act, ChatServer, Request, drops, fails, pings, says, serving, stalls
from recorded import claims

from assistant.answer import Assistant
from assistant.chat_model import BURST, RETRIES, ModelFailed, open_model
from assistant.contract import Answer
from assistant.prompt import instructions
from assistant.settings import Settings

TODAY = dt.date(2026, 11, 25)
# Words that are nowhere else: in the question, in the reply, in the key.
ASKED, SAID, KEY = "quuxotron", "PLUGHWORD", "sk-xyzzy-4711"
QUESTION = f"Can I import a 1999 Suzuki Carry for my {ASKED} farm?"
ERROR = json.dumps({"error": {"message": f"{SAID}: you said {QUESTION}"}})
OPENED = f'{{"claims": [{{"sources": ["S1"], "quote": "{SAID} '
SOURCE = re.compile(r"^\[S(\d+)\] \(.+?, US(?:-\w\w)?(?:, not confirmed)?\) (.+)$", re.MULTILINE)

Door = Callable[..., Assistant]


@pytest.fixture
def door(assistant: Assistant, monkeypatch: pytest.MonkeyPatch) -> Door:
    """The session's assistant with the chat model that the variables name."""

    def opened(server: ChatServer, **settings: str) -> Assistant:
        named = {"llm": "openai:x", "llm_base_url": server.url, "llm_api_key": KEY, **settings}
        for name, value in named.items():
            monkeypatch.setenv(f"KEI_{name.upper()}", value)
        told = Settings()
        kept = assistant.library, assistant.retriever, told, "test", assistant.on_disk
        return Assistant(*kept, open_model(told))

    return opened


@pytest.fixture
def naps(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds for which the client's package would have slept before it tried again."""
    slept: list[float] = []
    monkeypatch.setattr("openai._base_client.time", SimpleNamespace(sleep=slept.append, time=time.time))
    return slept


@pytest.fixture
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[Callable[[], str]]:
    """All that any logger said, with what hangs on its records."""
    import openai  # so that its loggers, and those of its HTTP client, are there to be turned up

    caplog.set_level(logging.DEBUG)
    names = [openai.__name__, *logging.root.manager.loggerDict]
    kept = {name: (logging.getLogger(name).level, logging.getLogger(name).propagate) for name in names}
    for name in names:
        logging.getLogger(name).setLevel(logging.DEBUG)
        logging.getLogger(name).propagate = True
    yield lambda: caplog.text + "".join(repr(vars(record)) for record in caplog.records)
    for name, (level, propagate) in kept.items():
        logging.getLogger(name).setLevel(level)
        logging.getLogger(name).propagate = propagate


def ask(assistant: Assistant, question: str = QUESTION) -> Answer:
    return assistant.ask(question, as_of=TODAY)


def shown(request: Request) -> dict[str, str]:
    """The sources that a request shows, by id."""
    return {f"S{n}": text for n, text in SOURCE.findall(request.body["messages"][1]["content"])}


def picks(request: Request) -> str:
    """A good reply: the last source, word for word."""
    name, text = list(shown(request).items())[-1]
    return claims((name, text, text))


def test_a_good_reply_is_used_and_nothing_but_its_question_is_sent(door: Door) -> None:
    with serving(says(picks)) as server:
        one = door(server)
        assert ask(one, "Is a 1996 Honda Acty legal in Ohio for my plover sanctuary?").drafting is not None
        answer = ask(one)
        plain = ask(Assistant(one.library, one.retriever, one.settings, "test", one.on_disk))
    assert answer.drafting is not None
    assert (answer.drafting.used, answer.drafting.chosen, answer.drafting.model) == (True, 1, "openai:x")
    request = server.asked[-1]
    assert list(shown(request).values())[-1].partition(".")[0] in answer.answer
    assert len(answer.citations) < len(plain.citations)
    assert request.path == "/v1/chat/completions"
    fields = {
        "model",
        "messages",
        "stream",
        "stream_options",
        "temperature",
        "max_completion_tokens",
        "response_format",
    }
    assert set(request.body) == fields
    assert (request.body["model"], request.body["stream"], request.body["temperature"]) == ("x", True, 0)
    assert request.body["max_completion_tokens"] == one.settings.llm_max_tokens
    form = request.body["response_format"]
    ids = form["json_schema"]["schema"]["properties"]["claims"]["items"]["properties"]["sources"]["items"]["enum"]
    assert (form["type"], form["json_schema"]["strict"]) == ("json_schema", True)
    assert len(ids) > 1
    assert ids == list(shown(request))
    fixed, data = request.body["messages"]
    assert fixed == {"role": "system", "content": instructions()}
    assert (data["role"], set(data)) == ("user", {"role", "content"})
    assert re.findall(r"</?\w+>", data["content"]) == [
        f"<{close}{name}>" for name in ("question", "known", "answer", "sources") for close in ("", "/")
    ]
    assert ASKED in data["content"]
    assert "plover" in json.dumps(server.asked[0].body)
    assert "plover" not in json.dumps(request.body) + json.dumps(request.headers)
    assert request.headers["authorization"] == f"Bearer {KEY}"


AGAIN = 1 + RETRIES
# What the server does, what the note then says, and how often it is asked.
FAILURES: dict[str, tuple[Act, str, int]] = {
    "429": (fails(429, ERROR, Retry_After="7"), "did not answer", AGAIN),
    "500": (fails(500, ERROR), "did not answer", AGAIN),
    "503 in HTML": (fails(503, f"<html>{SAID}</html>", "text/html"), "did not answer", AGAIN),
    "400": (fails(400, ERROR), "did not answer", 1),
    "401": (fails(401, ERROR), "did not answer", 1),
    "HTML": (fails(200, f"<html>{SAID}</html>", "text/html"), "did not answer", 1),
    "no stream": (fails(200, f'{{"choices": [{{"message": {{"content": "{SAID}"}}}}]}}'), "did not answer", 1),
    "no JSON": (fails(200, f"data: {{{SAID}\n\n", "text/event-stream"), "did not answer", 1),
    "an error as an event": (fails(200, f"data: {ERROR}\n\n", "text/event-stream"), "did not answer", 1),
    "an empty reply": (says(""), "an empty reply", 1),
    "prose": (says(f"I think that {SAID} is legal."), "no list of claims", 1),
    "dropped before a word": (drops(""), "did not answer", 1),
    "dropped in mid-stream": (drops(OPENED), "broke off", 1),
    "dropped behind a proxy": (drops(OPENED, chunked=False), "broke off", 1),
    "dropped after a claim": (drops(claims(("S1", SAID * 3, SAID * 3)), chunked=False), "broke off", 1),
    "stalls": (stalls(), "did not answer", AGAIN),
    "stalls in mid-stream": (stalls(OPENED), "broke off", 1),
    "only signs of life": (pings(), "did not answer", 1),
}
SECONDS = {"stalls": 0.3, "stalls in mid-stream": 2, "only signs of life": 0.3}


@pytest.mark.parametrize("name", FAILURES)
def test_each_failure_ends_in_the_book_s_own_words(
    door: Door,
    assistant: Assistant,
    naps: list[float],
    logged: Callable[[], str],
    capfd: pytest.CaptureFixture[str],
    name: str,
) -> None:
    act, why, times = FAILURES[name]
    with serving(act) as server:
        answer = ask(door(server, llm_timeout=str(SECONDS.get(name, 60))))
    held_to_own_words(answer, ask(assistant), why)
    assert 1 <= len(server.asked) <= times
    if name not in SECONDS:  # there the clock may end it sooner
        assert (len(server.asked), len(naps)) == (times, times - 1)
    said = logged() + "".join(capfd.readouterr())
    assert "openai._base_client" in said, "the loggers are turned up"
    assert not [word for word in (ASKED, SAID, KEY) if word in said]
    assert SAID not in answer.model_dump_json()


def held_to_own_words(answer: Answer, plain: Answer, why: str) -> None:
    assert answer.drafting is not None
    assert (answer.drafting.used, answer.outcome) == (False, "answered")
    assert [c.citation for c in answer.citations] == [c.citation for c in plain.citations]
    assert [line for line in plain.answer.splitlines() if line not in answer.answer] == []
    notes = [note.text for note in answer.notes if note not in plain.notes]
    assert len(notes) == 1
    assert why in notes[0]
    assert "the book's own words" in notes[0]


def test_a_refused_connection_ends_in_the_book_s_own_words(
    door: Door, assistant: Assistant, naps: list[float], logged: Callable[[], str]
) -> None:
    with serving(says("")) as server:
        pass
    answer = ask(door(server))
    held_to_own_words(answer, ask(assistant), "did not answer (OpenAIConnectionError)")
    assert len(naps) == RETRIES
    assert not [word for word in (ASKED, SAID, KEY) if word in logged()]


def test_as_long_is_waited_as_the_server_says(door: Door, naps: list[float]) -> None:
    with serving(fails(429, ERROR, Retry_After="7"), fails(429, ERROR, Retry_After="2.5"), says(picks)) as server:
        answer = ask(door(server))
    assert naps == [7, 2.5]
    assert answer.drafting is not None
    assert answer.drafting.used


def test_a_reply_that_reached_its_longest_length_counts_as_far_as_it_is_whole(door: Door) -> None:
    with serving(says(lambda request: picks(request)[:-2] + ', {"sources": ["S', finish="length")) as server:
        answer = ask(door(server))
    assert answer.drafting is not None
    assert (answer.drafting.used, answer.drafting.chosen) == (True, 1)


def test_the_second_model_is_asked_when_the_first_fails_at_once(door: Door, naps: list[float]) -> None:
    once = fails(500, ERROR, x_should_retry="false")
    with serving(once, says(picks)) as server:
        answer = ask(door(server, llm_fallback="openai:y"))
    assert [request.body["model"] for request in server.asked] == ["x", "y"]
    assert answer.drafting is not None
    assert (answer.drafting.used, answer.drafting.model) == (True, "openai:x or openai:y")
    with serving(drops(OPENED), says(picks)) as server:
        answer = ask(door(server, llm_fallback="openai:y"))
    assert [request.body["model"] for request in server.asked] == ["x"]
    assert answer.drafting is not None
    assert not answer.drafting.used
    assert naps == []


def test_a_model_of_the_other_interface_gets_the_same_form(door: Door) -> None:
    with serving(fails(500, ERROR, x_should_retry="false")) as server:
        ask(door(server, llm="openai:gpt-5.2-pro"))
    (request,) = server.asked
    assert request.path == "/v1/responses"
    assert request.body["text"]["format"]["type"] == "json_schema"
    assert "response_format" not in request.body


def test_another_provider_gets_neither_the_key_nor_the_address(
    door: Door, assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving(fails(500, ERROR, x_should_retry="false")) as first, serving(fails(401, ERROR)) as second:
        monkeypatch.setenv("ANTHROPIC_API_KEY", "another")
        monkeypatch.setenv("ANTHROPIC_BASE_URL", second.url.removesuffix("/v1"))
        answer = ask(door(first, llm_fallback="anthropic:z"))
    held_to_own_words(answer, ask(assistant), "did not answer")
    assert [request.path for request in second.asked] == ["/v1/messages"]
    assert "another" in repr(second.asked[0].headers)
    assert KEY not in repr(second.asked)


def test_no_more_is_asked_past_the_token_limit(door: Door, assistant: Assistant) -> None:
    with serving(says(picks, usage=600)) as server:
        one = door(server, llm_token_limit="1000")
        used = [answer.drafting.used for _ in range(3) if (answer := ask(one)).drafting]
    assert (used, len(server.asked)) == ([True, True, False], 2)
    held_to_own_words(answer, ask(assistant), "the token limit is reached")


def test_tokens_that_nobody_told_are_guessed(door: Door) -> None:
    with serving(drops(OPENED)) as server:
        model = door(server).chat_model
        assert model is not None
        with pytest.raises(ModelFailed):
            list(model.stream("i" * 400, "m" * 4000, {}))
    assert 1100 < model.spent < 1200  # type: ignore[attr-defined]


def test_the_rate_limiter_waits_after_the_first_few(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]

    def sleep(seconds: float) -> None:
        now[0] += seconds

    monkeypatch.setattr("langchain_core.rate_limiters.time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    began = []
    with serving(says(picks)) as server:
        one = door(server, llm_requests_per_minute="6")
        for _ in range(BURST + 2):
            ask(one)
            began.append(round(now[0]))
    assert began == [0] * BURST + [10, 20]
    assert len(server.asked) == BURST + 2

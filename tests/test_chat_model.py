"""The door to a chat model: what opens, what is refused with advice, and how each kind of failure ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, BaseMessage
from langchain_core.outputs import ChatGenerationChunk, ChatResult

from assistant.chat_model import ChatModel, ModelFailed, ModelUnusable, formed, open_model
from assistant.settings import Settings

SCHEMA = {"type": "object"}


class Scripted(BaseChatModel):
    """Says its pieces; then raises, when it is told to."""

    pieces: list[str]
    raises: bool = False
    tokens: int = 0

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        raise NotImplementedError

    def _stream(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> Iterator[ChatGenerationChunk]:
        for piece in self.pieces:
            yield ChatGenerationChunk(message=AIMessageChunk(content=piece))
        if self.tokens:
            used = {"input_tokens": self.tokens, "output_tokens": 0, "total_tokens": self.tokens}
            yield ChatGenerationChunk(message=AIMessageChunk(content="", usage_metadata=used))
        if self.raises:
            raise TimeoutError("the question was: may I import a secret truck?")


def said(*models: BaseChatModel, limit: int = 0) -> ChatModel:
    return ChatModel("scripted:test", models, tuple("anthropic" for _ in models), limit)


def test_the_next_model_is_asked_only_before_the_first_word() -> None:
    first, second = Scripted(pieces=[], raises=True), Scripted(pieces=["a", "b"])
    assert "".join(said(first, second).stream("i", "m", SCHEMA)) == "ab"
    assert "".join(said(Scripted(pieces=[]), second).stream("i", "m", SCHEMA)) == "ab"
    heard = []
    with pytest.raises(ModelFailed, match="broke off"):
        heard.extend(said(Scripted(pieces=["x"], raises=True), second).stream("i", "m", SCHEMA))
    with pytest.raises(ModelFailed, match="did not answer"):
        list(said(first).stream("i", "m", SCHEMA))


def test_a_failure_never_tells_the_question() -> None:
    with pytest.raises(ModelFailed) as failed:
        list(said(Scripted(pieces=[], raises=True)).stream("i", "m", SCHEMA))
    assert "secret" not in str(failed.value)
    assert failed.value.__cause__ is None
    assert "TimeoutError" in str(failed.value)


def test_no_more_is_asked_past_the_token_limit() -> None:
    model = said(Scripted(pieces=["a"], tokens=60), limit=100)
    assert [list(model.stream("i", "m", SCHEMA)) for _ in range(2)] == [["a"], ["a"]]
    assert model.spent == 120
    with pytest.raises(ModelFailed, match="token limit"):
        list(model.stream("i", "m", SCHEMA))


def test_none_is_opened_unless_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert open_model(Settings(llm=None)) is None
    for name in ("gpt", "openai:", "unknown:model"):
        with pytest.raises(ModelUnusable, match="KEI_LLM="):
            open_model(Settings(llm=name))
    monkeypatch.delenv("ANTHROPIC_API_KEY", raising=False)
    monkeypatch.setitem(__import__("sys").modules, "langchain_ollama", None)
    with pytest.raises(ModelUnusable, match=r"kei-assistant\[ollama\]"):
        open_model(Settings(llm="ollama:llama3"))


def test_an_openai_compatible_server_needs_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    opened = open_model(Settings(llm="openai:local", llm_base_url="http://127.0.0.1:9/v1"))
    assert opened is not None
    assert opened.name == "openai:local"
    with pytest.raises(ModelUnusable, match="KEI_LLM_API_KEY"):
        open_model(Settings(llm="openai:local", llm_base_url=None))


def test_the_form_of_the_reply_is_bound_where_a_provider_takes_one() -> None:
    assert formed("openai", SCHEMA)["response_format"]["json_schema"]["schema"] == SCHEMA
    assert formed("ollama", SCHEMA) == {"format": SCHEMA}
    assert formed("anthropic", SCHEMA) == {}

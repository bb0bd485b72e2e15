"""The only door to a chat model. None is opened unless `KEI_LLM` names one; it gets no tools and keeps no memory."""

from __future__ import annotations

import contextvars
import queue
import threading
import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessageChunk, HumanMessage, SystemMessage
from langchain_core.rate_limiters import InMemoryRateLimiter

from assistant.settings import Settings

# Providers whose packages are extras of the same name.
PROVIDERS = ("anthropic", "openai", "ollama")
# A key that an OpenAI-compatible server on this machine ignores; the client wants one.
NO_KEY = "none"
# How often a request is tried again, and how many may go out at once before the rate counts.
RETRIES, BURST = 2, 3
# Characters that count as a token where a provider did not say how many were spent.
CHARACTERS = 4


class ModelUnusable(RuntimeError):  # noqa: N818 - says what is the matter
    """The chat model that was configured cannot be opened; the message says what to do."""


class ModelFailed(RuntimeError):  # noqa: N818 - says what is the matter
    """The chat model gave no (further) words: timed out, refused, over a limit. Never shown with its own text."""


class Model(Protocol):
    """What drafting needs of a chat model."""

    name: str

    def stream(self, instructions: str, message: str, schema: dict[str, Any]) -> Iterator[str]:
        """The reply in pieces. Raises ModelFailed at any moment."""
        ...


@dataclass
class ChatModel:
    """One chat model of LangChain, or several of which the next is asked when one fails before its first word.

    `limit` is the number of tokens that may be spent, 0 for any number; `patience` the seconds for one whole reply.
    """

    name: str
    models: tuple[BaseChatModel, ...]
    providers: tuple[str, ...]
    limit: int = 0
    patience: float = 180
    spent: int = field(default=0, init=False)

    def stream(self, instructions: str, message: str, schema: dict[str, Any]) -> Iterator[str]:
        """The reply in pieces. Raises ModelFailed when no model begins, or when one breaks off."""
        if self.limit and self.spent >= self.limit:
            raise ModelFailed("the token limit is reached")
        why = ""
        for model, provider in zip(self.models, self.providers, strict=True):
            begun = False
            try:
                for piece in within(self.patience, self._pieces(model, provider, instructions, message, schema)):
                    begun = True
                    yield piece
            except Exception as error:  # whatever a provider's package raises, the extractive answer follows
                why = type(error).__name__  # its text may hold the question
                if begun:
                    raise ModelFailed(f"the model broke off ({why})") from None
                continue
            if begun:
                return
            why = "an empty reply"
        raise ModelFailed(f"the model did not answer ({why})")

    def _pieces(
        self, model: BaseChatModel, provider: str, instructions: str, message: str, schema: dict[str, Any]
    ) -> Generator[str, None, None]:
        messages = [SystemMessage(instructions), HumanMessage(message)]
        form = formed(provider, schema)
        if provider == "openai" and not model._use_responses_api({}):  # type: ignore[attr-defined]
            # As an argument of a chat, its package keeps back the usage and raises at a reply of the longest length.
            form = {"extra_body": form}
        told, written, ended = 0, 0, provider != "openai"
        try:
            for chunk in model.stream(messages, **form):
                if isinstance(chunk, AIMessageChunk) and chunk.usage_metadata:
                    told, ended = told + chunk.usage_metadata["total_tokens"], True
                ended = ended or bool(chunk.response_metadata.get("finish_reason"))
                if piece := str(chunk.text):
                    written += len(piece)
                    yield piece
        finally:
            guessed = (len(instructions) + len(message) + written) // CHARACTERS if written else 0
            self.spent += told or guessed
        if not ended:  # a proxy closes politely when the server behind it is gone
            raise ConnectionError("the stream has no end")


def within(seconds: float, pieces: Generator[str, None, None]) -> Iterator[str]:
    """The same pieces, read by a thread of its own. Raises TimeoutError when they take longer than that together.

    The timeout of an HTTP client is that of one read: a server that only sends signs of life passes it for ever.
    """
    read: queue.SimpleQueue[str | Exception | None] = queue.SimpleQueue()
    over = threading.Event()

    def pull() -> None:
        try:
            for piece in pieces:
                read.put(piece)
                if over.is_set():
                    break
            pieces.close()
            read.put(None)
        except Exception as error:  # raised again where the pieces are awaited
            read.put(error)

    threading.Thread(target=contextvars.copy_context().run, args=(pull,), daemon=True).start()
    until = time.monotonic() + seconds
    try:
        while (got := read.get(timeout=max(0.0, until - time.monotonic()))) is not None:
            if isinstance(got, Exception):
                raise got
            yield got
    except queue.Empty:
        raise TimeoutError from None
    finally:
        over.set()


def formed(provider: str, schema: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request that bind a provider to a JSON schema."""
    if provider == "openai":
        named = {"name": "draft", "schema": schema, "strict": True}
        return {"response_format": {"type": "json_schema", "json_schema": named}}
    return {"format": schema} if provider == "ollama" else {}


def open_model(settings: Settings) -> ChatModel | None:
    """The configured model, or None when none is configured. Raises ModelUnusable; asks no server yet."""
    if not settings.llm:
        return None
    named = {"KEI_LLM": settings.llm, "KEI_LLM_FALLBACK": settings.llm_fallback}
    names = {variable: name for variable, name in named.items() if name}
    opened = tuple(_opened(variable, name, settings) for variable, name in names.items())
    providers = tuple(name.partition(":")[0] for name in names.values())
    patience = (1 + RETRIES) * settings.llm_timeout
    return ChatModel(" or ".join(names.values()), opened, providers, settings.llm_token_limit, patience)


def _opened(variable: str, name: str, settings: Settings) -> BaseChatModel:
    provider, _, model = name.partition(":")
    if provider not in PROVIDERS or not model:
        known = ", ".join(f"{p}:MODEL" for p in PROVIDERS)
        raise ModelUnusable(f"{variable}={name!r} is not one of {known}; unset it to answer without a language model")
    from langchain.chat_models import init_chat_model  # slow to import, and needed by few

    given: dict[str, Any] = {}
    if provider == (settings.llm or "").partition(":")[0]:  # no other provider gets this one's key
        if settings.llm_base_url:
            given["base_url"] = settings.llm_base_url
        if settings.llm_api_key:
            given["api_key"] = settings.llm_api_key.get_secret_value()
        elif provider == "openai" and settings.llm_base_url:
            given["api_key"] = NO_KEY
    if provider == "ollama":  # it names its limits otherwise
        given |= {"num_predict": settings.llm_max_tokens, "client_kwargs": {"timeout": settings.llm_timeout}}
    else:
        given |= {"max_tokens": settings.llm_max_tokens, "timeout": settings.llm_timeout, "max_retries": RETRIES}
    if provider == "openai":
        given["stream_usage"] = True
    limiter = InMemoryRateLimiter(requests_per_second=settings.llm_requests_per_minute / 60, max_bucket_size=BURST)
    limiter.available_tokens = BURST  # it begins empty, and the first question of a process would wait
    try:
        opened: BaseChatModel = init_chat_model(
            model, model_provider=provider, temperature=0, rate_limiter=limiter, **given
        )
    except ImportError as error:
        raise ModelUnusable(
            f"{variable}={name} needs kei-assistant[{provider}]; in the project's folder: "
            f'.venv/bin/pip install -c constraints.txt -e ".[{provider}]"'
        ) from error
    except Exception as error:  # a missing key, an address that is none: each package has its own words for it
        raise ModelUnusable(
            f"{variable}={name} cannot be opened ({type(error).__name__}); check KEI_LLM_BASE_URL and the key: "
            "KEI_LLM_API_KEY or the provider's own variable"
        ) from error
    return opened

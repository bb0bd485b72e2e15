"""One frozen settings object, read once from the environment (`KEI_*`), with a fingerprint."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from platformdirs import user_data_path
from pydantic import Field, SecretStr, field_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SecretsSettingsSource,
    SettingsConfigDict,
)


class Settings(BaseSettings):
    """Everything that can change an answer or a place on disk. A secret is a SecretStr: it is never printed."""

    model_config = SettingsConfigDict(env_prefix="KEI_", frozen=True, extra="ignore", hide_input_in_errors=True)

    data_dir: Path = Field(default_factory=lambda: user_data_path("kei-assistant", appauthor=False))
    # A folder with a file for each setting that it gives, named as its variable (KEI_SESSION_KEY): what a container is
    # given as secrets. A variable goes before a file.
    secrets_dir: Path | None = None
    embed_model: Path | None = None
    # A Chroma server that several processes share, such as "http://127.0.0.1:8000"; unset, each process has a private
    # copy of the index in the data folder. Chroma knows no sign-in: nobody else may reach that address.
    chroma_url: str | None = None
    # Where conversations, ledger, reviews and people are kept: "postgresql://…" (it may hold a password); a file of the
    # data folder when unset.
    database_url: SecretStr | None = None
    # What signs sessions; a file in the data folder when unset. Several processes must share one.
    session_key: SecretStr | None = Field(default=None, min_length=32)
    # The firm's own sign-in (OpenID Connect): its address, and this program's id and secret there.
    oidc_issuer: str | None = None
    oidc_client_id: str | None = None
    oidc_client_secret: SecretStr | None = None
    # The address under which people reach the program behind a proxy, such as "https://kei.firm.example"; cookies are
    # sent over https only when it is https.
    public_url: str | None = None
    # What the server logs on stderr, as JSON: every request (INFO), or only what is wrong.
    log_level: Literal["INFO", "WARNING", "ERROR"] = "WARNING"
    # A port of this machine on which Prometheus reads figures; none when unset.
    metrics_port: int | None = Field(default=None, ge=1, le=65535)
    # An address of the firm that the official sites may write to; sent only by `kei sync`.
    contact: str = ""

    # Who words the answers: "provider:model" ("anthropic:…", "openai:…", "ollama:…"); nobody when unset, and then
    # nothing of a question leaves this machine.
    llm: str | None = None
    # A second one, asked when the first fails.
    llm_fallback: str | None = None
    # An OpenAI-compatible server, or an Ollama on another port; the provider's own address when unset.
    llm_base_url: str | None = None
    # The providers' own variables (ANTHROPIC_API_KEY, OPENAI_API_KEY) work too.
    llm_api_key: SecretStr | None = None
    llm_timeout: float = Field(default=60, gt=0)
    llm_max_tokens: int = Field(default=700, ge=50)
    llm_requests_per_minute: float = Field(default=30, gt=0)
    # Tokens of questions and replies together, counted since the start of the process; 0 is no limit.
    llm_token_limit: int = Field(default=0, ge=0)

    # Share of BM25 in the fused score, chosen on the dev cases, the retrieval questions and the outside yardstick
    # together (docs/measured.md); the other data alone would have it lower or higher.
    lexical_weight: float = Field(default=0.5, ge=0, le=1)
    # Below this cosine similarity the best passage is about something else, and the answer says so.
    gate: float = Field(default=0.36, ge=0, le=1)
    # A prepared brief speaks from this score on (similarity of its nearest question, plus evidence).
    brief_gate: float = Field(default=0.6, ge=0, le=2)
    # Above this similarity a paragraph of official text is near enough to be quoted.
    official_gate: float = Field(default=0.6, ge=0, le=1)
    # A question without any of our words counts as ours only above this similarity.
    scope_gate: float = Field(default=0.5, ge=0, le=1)

    @field_validator("data_dir", mode="before")
    @classmethod
    def _a_real_folder(cls, value: Any) -> Any:
        """`~` is the home folder; an empty value is a mistake, not the current folder."""
        if isinstance(value, str):
            if not value.strip():
                raise ValueError("is empty; name a folder or unset it")
            return Path(value).expanduser().absolute()
        return value

    @field_validator("chroma_url")
    @classmethod
    def _a_plain_address(cls, value: str | None) -> str | None:
        """`http://HOST:PORT` and nothing more; messages and the doctor show it."""
        if value is None:
            return None
        form = "write http://HOST:PORT, or unset it"
        parts = urlsplit(value)
        if "@" in value:
            raise ValueError(f"holds a name or a password, which Chroma does not know; {form}")
        try:
            if parts.scheme not in ("http", "https") or not parts.hostname or parts.port == 0:
                raise ValueError
        except ValueError:
            raise ValueError(f"is no address of a server; {form}") from None
        if parts.path not in ("", "/") or parts.query or parts.fragment:
            raise ValueError(f"goes on after the port; {form}")
        return value.rstrip("/")

    @field_validator("secrets_dir")
    @classmethod
    def _there(cls, value: Path | None) -> Path | None:
        if value is not None and not value.is_dir():
            raise ValueError("is no folder; name the one with the secrets, or unset it")
        return value

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What is given in code, then the environment, then the files of KEI_SECRETS_DIR."""
        folder = Path(os.environ.get("KEI_SECRETS_DIR", ""))
        files = (SecretsSettingsSource(settings_cls, folder),) if folder != Path() and folder.is_dir() else ()
        return (init_settings, env_settings, *files)

    @property
    def index_dir(self) -> Path:
        """Where the rebuildable vector index lies."""
        return self.data_dir / "index"

    @property
    def official_dir(self) -> Path:
        """Where `kei sync` keeps the official texts."""
        return self.data_dir / "official"

    @property
    def firm_dir(self) -> Path:
        """Where the shelf of the firm's own documents lies."""
        return self.data_dir / "firm"

    @property
    def fingerprint(self) -> str:
        """sha256 of what can change an answer (not of where files lie)."""
        models = f"{self.llm or ''}|{self.llm_fallback or ''}"
        told = f"{self.lexical_weight}|{self.gate}|{self.brief_gate}|{self.scope_gate}|{models}"
        return hashlib.sha256(told.encode()).hexdigest()

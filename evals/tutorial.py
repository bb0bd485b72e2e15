"""The chain that every tutorial builds: records split at 1,000 characters with 200 overlap, Chroma, top k.

It is the measure beside ours: same book, same embedding model, same machine, same run.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from langchain_chroma import Chroma
from langchain_core.documents import Document
from langchain_core.embeddings import Embeddings
from langchain_text_splitters import RecursiveCharacterTextSplitter

from corpus.law import Provision, Statement
from corpus.library import Library

# How much of a statement's beginning must be in a chunk for the chunk to hold it.
BEGINNING = 60


class Tutorial:
    """One document a record, split and embedded into a fresh Chroma folder."""

    def __init__(self, library: Library, embeddings: Embeddings, folder: Path) -> None:
        self._statements = {p.id: p.statements for p in library.provisions}
        documents = [Document(_text(p), metadata={"record": p.id}) for p in library.provisions]
        splitter = RecursiveCharacterTextSplitter(chunk_size=1_000, chunk_overlap=200)
        self._store = Chroma.from_documents(
            splitter.split_documents(documents), embeddings, persist_directory=str(folder), collection_name="tutorial"
        )

    def search(self, question: str, k: int) -> list[Document]:
        """The k nearest chunks."""
        return self._store.similarity_search(question, k=k)

    def statements(self, chunks: Iterable[Document]) -> list[Statement]:
        """The statements whose beginning stands in one of the chunks."""
        return [
            s
            for chunk in chunks
            for s in self._statements[chunk.metadata["record"]]
            if s.text[:BEGINNING] in chunk.page_content
        ]


def _text(provision: Provision) -> str:
    return "\n\n".join(
        (f"{provision.citation}. {provision.title}", *(f"{s.citation}: {s.text}" for s in provision.statements))
    )

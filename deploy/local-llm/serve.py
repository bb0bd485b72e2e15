"""Serve the local language model on this machine only, in OpenAI's form, until it is stopped.

    python serve.py MODEL_FOLDER [--port 8089]

The stock command of llama-cpp-python is not used: it listens where the variable HOST says, reads its settings from
bare variables such as MODEL or CACHE, lets any web page in, and cuts one answer off when the next question comes.
"""

from __future__ import annotations

import argparse
import os
import socket
import sys
from pathlib import Path

# Before the engine is loaded: threads that wait spinning made it six times slower beside other work on two cores.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

import uvicorn
from dialect import Dialect
from fastapi import FastAPI
from join import Model, read_model
from llama_cpp.llama_grammar import json_schema_to_gbnf
from llama_cpp.server.app import create_app
from llama_cpp.server.settings import ModelSettings, ServerSettings
from starlette.middleware.trustedhost import TrustedHostMiddleware

HOST = "127.0.0.1"


def application(model: Model, folder: Path, threads: int, context: int) -> FastAPI:
    """The server with the model loaded; `context` is the number of tokens that a question and its answer share."""
    # Its own config file and variables stay unread: `model_construct` takes the defaults and what stands here.
    os.environ.pop("CONFIG_FILE", None)
    app: FastAPI = create_app(
        server_settings=ServerSettings.model_construct(interrupt_requests=False),
        model_settings=[
            ModelSettings.model_construct(
                model=str(folder / model.file),
                model_alias=model.name,
                n_ctx=context,
                n_threads=threads,
                n_threads_batch=threads,
                logits_all=False,
                use_mlock=False,
                verbose=False,
            )
        ],
    )
    app.add_middleware(Dialect, to_grammar=json_schema_to_gbnf)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[HOST, "localhost"])
    return app


def main() -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Serve the local language model on 127.0.0.1.")
    parser.add_argument("folder", type=Path, help="folder of the model")
    parser.add_argument("--port", type=int, default=8089)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--context", type=int, default=4096, help="tokens of question and answer together")
    chosen = parser.parse_args()
    model = read_model()
    if not (chosen.folder / model.file).is_file():
        print(f"serve: {chosen.folder / model.file} is missing: make local-llm", file=sys.stderr)
        return 1
    listening = socket.socket()
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((HOST, chosen.port))
    except OSError as problem:
        print(f"serve: port {chosen.port} is taken ({problem}): choose another with --port", file=sys.stderr)
        return 1
    app = application(model, chosen.folder, chosen.threads, chosen.context)
    print(f"{model.name} on http://{HOST}:{chosen.port}/v1 (stop with Ctrl+C)", flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])
    return 0


if __name__ == "__main__":
    sys.exit(main())

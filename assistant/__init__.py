"""Questions to checked, cited answers.

    from assistant import Assistant
    Assistant.open().ask("Can I import a 1999 Suzuki Carry?", as_of=date.today())

Importing this package imports nothing heavy; the model is loaded by the first answer.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

# Nothing is sent anywhere unless the user configures it: said before any library can look.
for _name, _value in {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "GRADIO_RUN_HISTORY": "False",
    "GRADIO_SHARE": "False",
    "ANONYMIZED_TELEMETRY": "False",
    "LANGSMITH_TRACING": "false",
    "LANGCHAIN_TRACING_V2": "false",
    "TOKENIZERS_PARALLELISM": "false",
    "TQDM_DISABLE": "1",
}.items():
    os.environ.setdefault(_name, _value)

if TYPE_CHECKING:
    from assistant.answer import Assistant

__all__ = ["Assistant"]


def __getattr__(name: str) -> Any:
    if name == "Assistant":
        from assistant.answer import Assistant

        return Assistant
    raise AttributeError(name)

"""Answers of models kept by a hash of exactly what was asked, so that nothing is asked twice.

A failure is never kept: it is tried again.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from pydantic import ValidationError

from service.domain.llm import ChatReply, ChatRequest

ASKED = {"messages", "json_schema", "fixed_schema", "max_tokens", "temperature", "avoid"}
"""Fields of a request that decide the answer."""


def cache_key(request: ChatRequest, model: str, repeat: int) -> str:
    """SHA-256 (hex) of prompt, parameters, model and the number of the repeat."""
    asked = request.model_dump(mode="json", include=ASKED)
    said = json.dumps([asked, model, repeat], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


class AnswerCache:
    """A folder with one file an answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> ChatReply | None:
        """The answer kept under this key; None where there is none that can be read."""
        try:
            return ChatReply.model_validate_json(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None

    def put(self, key: str, reply: ChatReply) -> None:
        """Keep an answer, whole or not at all."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        partial.write_text(reply.model_dump_json(), encoding="utf-8")
        partial.replace(path)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"

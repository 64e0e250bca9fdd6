"""Answers of models kept by a hash of exactly what was asked, so that nothing is asked twice.

A failure is never kept: it is tried again.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

from pydantic import Field, ValidationError

from service.domain.llm import ChatReply, ChatRequest

ASKED = {"messages", "json_schema", "fixed_schema", "max_tokens", "temperature", "avoid"}
"""Fields of a request that decide the answer."""


def cache_key(request: ChatRequest, model: str, repeat: int) -> str:
    """SHA-256 (hex) of prompt, parameters, model and the number of the repeat."""
    asked = request.model_dump(mode="json", include=ASKED)
    said = json.dumps([asked, model, repeat], sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(said.encode("utf-8", "surrogatepass")).hexdigest()


class Kept(NamedTuple):
    """An answer, and the seconds the model took for it; None where they were not noted."""

    reply: ChatReply
    seconds: float | None


class AnswerCache:
    """A folder with one file an answer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, key: str) -> Kept | None:
        """What is kept under this key; None where there is none that can be read."""
        try:
            found = _File.model_validate_json(self._path(key).read_text(encoding="utf-8"))
        except (OSError, ValidationError):
            return None
        reply = {name: getattr(found, name) for name in ChatReply.model_fields}
        return Kept(ChatReply(**reply), found.seconds)

    def put(self, key: str, kept: Kept) -> None:
        """Keep an answer, whole or not at all."""
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(f".{os.getpid()}.partial")
        file = _File(**dict(kept.reply), seconds=kept.seconds)
        partial.write_text(file.model_dump_json(), encoding="utf-8")
        partial.replace(path)

    def _path(self, key: str) -> Path:
        return self._folder / key[:2] / f"{key}.json"


class _File(ChatReply):
    seconds: float | None = Field(None, ge=0)

"""From raw model output to data that fits the schema."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from service.domain.llm import ChatMessage
from service.llm.failures import Reason, permanent


class Tokens(NamedTuple):
    """Tokens of one call; `estimated` when the server counted none. `cached` are those of the
    prompt the server had kept."""

    prompt: int
    completion: int
    estimated: bool = False
    cached: int = 0

    @property
    def spent(self) -> dict[str, object]:
        """What the details of an error say of them."""
        counted: dict[str, object] = {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
        }
        return counted | ({"cached_tokens": self.cached} if self.cached else {})


def parse(raw: str, schema: Mapping[str, object], tokens: Tokens) -> dict[str, object]:
    """The JSON object in `raw`, which may stand in a code fence or between sentences.

    Raises:
        PermanentProviderError: no object, or one that does not fit; reason `garbled`.
    """
    import jsonschema

    start, end = raw.find("{"), raw.rfind("}")
    spent = tokens.spent
    try:
        data = json.loads(raw[start : end + 1], strict=False)
        jsonschema.validate(data, schema)
    except ValueError as error:
        raise permanent(Reason.GARBLED, "answered with broken JSON", **spent) from error
    except jsonschema.ValidationError as error:
        path = error.json_path
        what = f"answered with JSON that does not fit at {path}"
        raise permanent(Reason.GARBLED, what, **spent) from error
    if not isinstance(data, dict):
        raise permanent(Reason.GARBLED, "answered with JSON that is no object", **spent)
    return data


def estimate(messages: Sequence[ChatMessage], raw: str) -> Tokens:
    """Count about one token a Han character and one for four others."""
    return Tokens(sum(_guess(m.content) for m in messages), _guess(raw), estimated=True)


def _guess(text: str) -> int:
    wide = sum(char >= "\u2e80" for char in text)
    return wide + -(-(len(text) - wide) // 4)

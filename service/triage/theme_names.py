"""What a model is asked to call a theme, and what is taken of its answer."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from prompts.library import Library
from service.domain.base import Bilingual, Lang
from service.domain.llm import ChatMessage, ChatReply, ChatRequest
from service.domain.theme import Theme
from service.ports.engines import Redactor, ThemeWords

FEATURE = "theme_name"
SCHEMA_NAME = "theme_story"
_NAME, _SENTENCE = 60, 240
"""Longest name and summary taken, characters."""

_FIELDS = {"name_zh": _NAME, "name_en": _NAME, "summary_zh": _SENTENCE, "summary_en": _SENTENCE}
_FOREIGN = re.compile(r"https?:|www\.|[<>\[\]{}|`]|\d{5,}", re.IGNORECASE)
"""What no name or summary needs: links, marks of markup or placeholders, long numbers."""

_HAN = re.compile(r"[\u4e00-\u9fff]")
_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {name: {"type": "string"} for name in _FIELDS},
    "required": list(_FIELDS),
    "additionalProperties": False,
}


class PromptedTeller:
    """Names themes through the prompt `theme/name`; holds no model itself."""

    def __init__(self, prompts: Library, redactor: Redactor) -> None:
        self._prompts, self._redactor = prompts, redactor

    async def ready(self) -> None:
        """Nothing to do: the library it was given does not change."""

    def ask(self, theme: Theme, samples: Sequence[str], lang: Lang) -> tuple[ChatRequest, str]:
        """The request and the template's id, version and hash in one word; samples are redacted."""
        template_id = f"theme/name.{lang.value}"
        template, version = self._prompts.pick(template_id, theme.community, theme.id)
        words = " · ".join(dict.fromkeys((*theme.keywords_zh, *theme.keywords_en)))
        lines = "\n".join(f"- {' '.join(one.split())}" for one in samples)
        rendered = template.render(keywords=words, samples=lines)
        request = ChatRequest(
            feature=FEATURE,
            community=theme.community,
            messages=tuple(ChatMessage(role=one.role, content=one.content) for one in rendered),
            json_schema=_SCHEMA,
            schema_name=SCHEMA_NAME,
            max_tokens=300,
        )
        return request, f"{template.id}@{version}#{template.hash[:12]}"

    def read(self, reply: ChatReply) -> ThemeWords | None:
        """Name and summary, or None where the answer is none: a field is empty, too long, in the
        wrong script, or holds what it must not."""
        found = {name: self._clean(reply.data, name, most) for name, most in _FIELDS.items()}
        if not all(found.values()) or _HAN.search(f"{found['name_en']}{found['summary_en']}"):
            return None
        if not _HAN.search(str(found["summary_zh"])):
            return None
        given = {name: str(text) for name, text in found.items()}
        return ThemeWords(
            name=Bilingual(zh=given["name_zh"], en=given["name_en"]),
            summary=Bilingual(zh=given["summary_zh"], en=given["summary_en"]),
        )

    def _clean(self, data: Mapping[str, object], name: str, most: int) -> str | None:
        text = " ".join(str(data.get(name, "")).split()).strip(" \"'“”‘’《》。.")
        if not text or len(text) > most or _FOREIGN.search(text):
            return None
        return text if self._redactor.redact(text).text == text else None

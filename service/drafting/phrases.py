"""The sentences of the template reply, from `phrases.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from importlib.resources import files
from typing import Any

from pydantic import BaseModel, ConfigDict

from service.domain.base import Lang

_GENERAL = ("quote", "quote_other_language", "no_rule", "excerpt")


class Phrase(BaseModel):
    """What is said around the clause for one category; `no_rule` stands in when there is none."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    understood: str
    next: str
    no_rule: str | None = None


class LangPhrases(BaseModel):
    """All sentences of one language; `{title}` and `{number}` are the clause's."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    quote: str
    quote_other_language: str
    no_rule: str
    excerpt: str
    by_category: dict[str, Phrase]

    def phrase(self, key: str | None) -> Phrase:
        """The sentences for a category or hold; the default ones when it has none."""
        return self.by_category.get(key or "default", self.by_category["default"])

    def texts(self) -> Iterator[str]:
        """Every sentence there is, the clause's place in it named as a reply names it."""
        named = (self.quote, self.quote_other_language)
        yield from (text.replace("{title}", "…").replace("{number}", " 1.1") for text in named)
        yield from (self.no_rule, self.excerpt)
        for phrase in self.by_category.values():
            yield from filter(None, (phrase.understood, phrase.next, phrase.no_rule))


class Phrases:
    """Sentences in both languages."""

    def __init__(self, by_lang: dict[Lang, LangPhrases]) -> None:
        self._by_lang = by_lang

    def get(self, lang: Lang) -> LangPhrases:
        """The sentences of a language."""
        return self._by_lang[lang]

    def texts(self) -> Iterator[str]:
        """Every sentence of both languages."""
        return (text for phrases in self._by_lang.values() for text in phrases.texts())


def load_phrases() -> Phrases:
    """Read and check the bundled file."""
    raw = tomllib.loads((files("service.drafting") / "phrases.toml").read_text(encoding="utf-8"))
    return Phrases({lang: _lang_phrases(raw[lang.value]) for lang in Lang})


def _lang_phrases(table: dict[str, Any]) -> LangPhrases:
    general = {key: table[key] for key in _GENERAL}
    rest = {key: value for key, value in table.items() if key not in _GENERAL}
    return LangPhrases(**general, by_category=rest)

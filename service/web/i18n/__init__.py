"""Every user-facing text of the pages, in Chinese and English: `zh.toml` and `en.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from service.domain.base import Lang

_HERE = Path(__file__).parent


class Catalogue:
    """Texts by dotted key. Values are put in as data, never read as templates."""

    def __init__(self) -> None:
        self._texts = {lang: _load(lang) for lang in Lang}

    def keys(self, lang: Lang) -> frozenset[str]:
        """Every key of a language."""
        return frozenset(self._texts[lang])

    def text(self, lang: Lang, key: str, **values: object) -> str:
        """The text, with `{name}` replaced.

        Raises:
            KeyError: no such key, or a value is missing.
        """
        text = self._texts[lang][key]
        return text.format_map(values) if values else text

    def term(self, lang: Lang, family: str, value: object) -> str:
        """The name of a machine value, such as a status; a value without a name shows itself."""
        return self._texts[lang].get(f"{family}.{value}", str(value))


def _load(lang: Lang) -> dict[str, str]:
    return dict(_flat(tomllib.loads((_HERE / f"{lang.value}.toml").read_text("utf-8"))))


def _flat(table: Mapping[str, object], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", str(value)

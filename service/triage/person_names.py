"""Names to train the person-name head on, and sentences made with them.

Given and family names come from Faker (MIT), a development tool: the service never loads it, the
stored head keeps hashed bits of them only. Chinese names in pinyin are put together of syllables.
"""

from __future__ import annotations

import importlib
import pkgutil
import random
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

TEMPLATES = Path(__file__).with_name("bank") / "persons.toml"
_PLACES = ("en_US", "en_GB", "de_DE", "fr_FR", "pl_PL", "es_ES", "it_IT", "nl_NL", "sv_SE", "cs_CZ")
_TITLES = ("Mr.", "Mrs.", "Ms.", "Dr.", "Prof.", "Mr", "Mrs", "Dr", "Miss", "mr.", "ms.")
_FIRST = ("first_name",)
_LAST = ("last_name",)


_PINYIN = Path(__file__).with_name("bank") / "pinyin.txt"
_DRAWN = 16
_SHORT = 7
"""Letters of the longest word a product's name is put together of."""


class Locale(NamedTuple):
    """Names used together in one language."""

    given: tuple[str, ...]
    family: tuple[str, ...]


class Sample(NamedTuple):
    """A text with the [start, end) spans of the names in it."""

    text: str
    spans: tuple[tuple[int, int], ...]


def locales() -> tuple[Locale, ...]:
    """Latin-script names of every language Faker knows."""
    import faker.providers.person as people

    found = []
    for module in pkgutil.iter_modules(people.__path__):
        provider = importlib.import_module(f"{people.__name__}.{module.name}").Provider
        locale = Locale(_names(provider, _FIRST), _names(provider, _LAST))
        if len(locale.given) > 20 and len(locale.family) > 20:
            found.append(locale)
    return tuple(found)


def pinyin_names(seed: int) -> Locale:
    """Chinese names as people write them in Latin letters: "Wang", "Xiaoming", "Yi"."""
    draw, parts = random.Random(seed), _syllables()  # noqa: S311 not secret
    given = {"".join(draw.choices(parts, k=draw.choice((1, 2, 2, 2)))).title() for _ in range(900)}
    family = (draw.choice(parts).title() for _ in range(160))
    return Locale(tuple(sorted(x for x in given if len(x) > 1)), tuple(x for x in family if x[1:]))


def _syllables() -> list[str]:
    lines = _PINYIN.read_text(encoding="utf-8").splitlines()
    return [line.split(" ", 1)[0] for line in lines if line and line[0] != "#"]


def no_persons() -> set[str]:
    """Words written with a capital that name no person: ours, and Faker's countries."""
    from faker.providers.address.en_US import Provider

    content = tomllib.loads(TEMPLATES.read_text(encoding="utf-8"))
    listed = [word for line in content["no_persons"] for word in line.split()]
    places = [part for name in (*Provider.countries, *Provider.states) for part in name.split()]
    return {word for word in (*listed, *places) if len(word) > 2 and word[0].isupper()}


def _names(provider: Any, marks: Sequence[str]) -> tuple[str, ...]:
    """Name lists of a Faker provider; its formats, prefixes and suffixes are none."""
    names: set[str] = set()
    for attribute in dir(provider):
        listed = any(mark in attribute for mark in marks) and not attribute.startswith("_")
        values = getattr(provider, attribute) if listed else ()
        if isinstance(values, tuple | list | dict):
            names.update(_latin(map(_text_of, values)))
    return tuple(sorted(names))


def _text_of(value: Any) -> str:
    return str(value[0]) if isinstance(value, tuple | list) else str(value)


def _latin(values: Any) -> Iterator[str]:
    for value in values:
        plain = value.strip().title() if value.isupper() else value.strip()
        if len(plain) > 1 and plain[0].isalpha() and max(map(ord, plain)) < 0x250:
            yield plain


class Writer:
    """Fills the sentences; what it draws depends on the seed alone."""

    def __init__(self, known: Sequence[Locale], words: Sequence[str], seed: int) -> None:
        """`words` are common ones in small letters, to write capitalised where nobody is named."""
        from faker import Faker

        self._words, self._syllables = words, _syllables()
        self._known, self._draw = known, random.Random(seed)  # noqa: S311 not secret
        self._places = Faker(list(_PLACES))
        self._places.seed_instance(seed)

    def samples(self, times: int) -> Iterator[Sample]:
        """Every sentence with names `times` times, every one without three times, or
        `_DRAWN` times where words are drawn for it."""
        content = tomllib.loads(TEMPLATES.read_text(encoding="utf-8"))
        for template in content["with"]:
            for _ in range(times):
                yield self._filled(template)
        for template in content["without"]:
            drawn = any(slot in template for slot in ("{W}", "{B}", "{Y}"))
            for _ in range(_DRAWN if drawn else 3):
                yield self._filled(template)

    def _filled(self, template: str) -> Sample:
        text, spans, rest = "", [], template
        lowered = self._draw.random() < 0.08
        while "{" in rest:
            before, rest = rest.split("{", 1)
            kind, rest = rest.split("}", 1)
            value = self._value(kind)
            text += before
            if kind in ("P", "F", "L"):
                value = value.lower() if lowered else value
                spans.append((len(text) + self._titled(value), len(text) + len(value)))
            text += value
        return Sample(text + rest, tuple(spans))

    def _value(self, kind: str) -> str:
        locale = self._draw.choice(self._known)
        if kind in ("P", "F", "L"):
            return self._name(kind, locale)
        if kind in ("W", "w", "B", "Y"):
            return self._thing(kind)
        if kind == "ORG":
            return str(self._places.company())
        if kind == "STREET":
            return str(self._places.street_address()).replace("\n", " ")
        return str(self._places.city() if kind == "CITY" else self._places.country())

    def _name(self, kind: str, locale: Locale) -> str:
        given, family = self._draw.choice(locale.given), self._draw.choice(locale.family)
        dice = self._draw.random()
        if kind == "F":
            return given
        if kind == "L":
            return f"{self._draw.choice(_TITLES)} {family}" if dice < 0.4 else family
        if dice < 0.62:
            return f"{given} {family}"
        if dice < 0.74:
            return f"{given} {self._draw.choice('ABCDEFGHJKLMPRSTVW')}. {family}"
        if dice < 0.84:
            return given
        if dice < 0.90:
            return f"{given} {self._draw.choice(locale.given)} {family}"
        if dice < 0.95:
            return f"{given} {family}".upper()
        return f"{given} {self._draw.choice('ABCDEGJLMNPRST')} {family}"

    def _thing(self, kind: str) -> str:
        """A common word, a product called after two of them, or a Chinese word in pinyin."""
        if kind == "Y":
            return "".join(self._draw.choices(self._syllables, k=2)).title()
        word = self._draw.choice(self._words)
        if kind == "B":
            return (word[:_SHORT] + self._draw.choice(self._words)[:_SHORT]).title()
        return word if kind == "w" else word.title()

    def _titled(self, name: str) -> int:
        """Length of the title in front, which is no name."""
        first, _, rest = name.partition(" ")
        is_title = bool(rest) and first.lower() in {title.lower() for title in _TITLES}
        return len(first) + 1 if is_title else 0

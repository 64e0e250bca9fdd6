"""Texts of our own that name nobody, to train the person-name head on: words and headings."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path

from service.triage.person_names import TEMPLATES, Locale
from service.triage.person_tokens import plain, words_of
from service.triage.taxonomy import labelled_examples, load_taxonomy

_ROOT = Path(__file__).parents[2]
_WRITTEN = ("service/**/*.md", "service/**/*.toml", "prompts/**/*.md", "retrieval/**/*.md", "*.md")
_NAMES_INSIDE = {"persons.toml", "orders.toml", "CHANGELOG.md"}
_HEADING = re.compile(r"^#+ (.+)$", re.MULTILINE)
_LONGEST_HEADING = 9


def own_words(known: Sequence[Locale]) -> set[str]:
    """Words in small letters of our rules, prompts, pages and READMEs, and their plurals; given
    names are none."""
    given = {plain(name) for locale in known for name in locale.given}
    read = {word.text for text in _texts() for word in words_of(text) if word.text.islower()}
    words = {word for word in read | _listed() if len(word) > 2 and plain(word) not in given}
    return words | {f"{word}s" for word in words if plain(f"{word}s") not in given}


def _listed() -> set[str]:
    content = tomllib.loads(TEMPLATES.read_text(encoding="utf-8"))
    return {word for line in content["words"] for word in line.split()}


def headings() -> Iterator[str]:
    """Headings of our documents, and short examples of the taxonomy written like headings."""
    for text in _texts():
        yield from _HEADING.findall(text)
    for example in labelled_examples(load_taxonomy()):
        words = example.text.split()
        if example.text.isascii() and len(words) <= _LONGEST_HEADING:
            yield " ".join(word[:1].upper() + word[1:] for word in words)


def _texts() -> Iterator[str]:
    for pattern in _WRITTEN:
        for file in sorted(_ROOT.glob(pattern)):
            if file.name not in _NAMES_INSIDE:
                yield file.read_text(encoding="utf-8")

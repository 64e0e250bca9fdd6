"""Loads the taxonomy file and turns it into labelled examples."""

from __future__ import annotations

import hashlib
import tomllib
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from retrieval.language import detect
from service.domain.base import Lang
from service.domain.taxonomy import Category, LabelledExample, Taxonomy
from service.triage.errors import TaxonomyError

DEFAULT_FILE = Path(__file__).with_name("taxonomy.toml")
SHIPPED = "f9051fd36163"
"""Version of the file as this release brings it, which its build compared with the one before. A
file that was edited where it is installed has another."""

ARROW = " => "
"""Between a counter-example's text and the category it belongs to instead."""

_MIN_EXAMPLES = 3


def load_taxonomy(file: Path = DEFAULT_FILE) -> Taxonomy:
    """Read and validate a taxonomy; its version is a hash of its content.

    Raises:
        TaxonomyError: naming the file and the entry that cannot be used.
    """
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        raise TaxonomyError(file, "file", "cannot be read") from error
    except ValueError as error:
        raise TaxonomyError(file, "file", "is not UTF-8 text") from error
    return parse_taxonomy(text, file)


def parse_taxonomy(text: str, file: Path = DEFAULT_FILE) -> Taxonomy:
    """Read and validate a taxonomy from its text; the file is only named.

    Raises:
        TaxonomyError: naming the file and the entry that cannot be used.
    """
    entries = _entries(text, file)
    categories = tuple(_category(file, number, entry) for number, entry in enumerate(entries, 1))
    taxonomy = Taxonomy(version=_version(categories), categories=categories)
    _check_whole(file, taxonomy)
    return taxonomy


def labelled_examples(taxonomy: Taxonomy) -> tuple[LabelledExample, ...]:
    """All texts with a known category: examples, and counter-examples under their true one."""
    pairs = [(text, c.id) for c in taxonomy.categories for text in c.examples]
    pairs += [split_counter_example(x) for c in taxonomy.categories for x in c.counter_examples]
    unique = dict(pairs)
    return tuple(_labelled(text, category) for text, category in unique.items())


def with_learned(
    taxonomy: Taxonomy, shipped: Sequence[LabelledExample], learned: Sequence[LabelledExample]
) -> tuple[LabelledExample, ...]:
    """Both together, shipped ones first; of one text the label learned last counts, and learned
    ones of categories that are no more are left out."""
    known = {category.id for category in taxonomy.categories}
    of_text = {one.text: one for one in learned if one.category in known}
    return (*(one for one in shipped if one.text not in of_text), *of_text.values())


def split_counter_example(entry: str) -> tuple[str, str]:
    """Text and category of a counter-example."""
    text, _, category = entry.rpartition(ARROW)
    return text.strip(), category.strip()


def _labelled(text: str, category: str) -> LabelledExample:
    lang = Lang.ZH if detect(text) == "zh" else Lang.EN
    digest = hashlib.sha256(text.encode()).hexdigest()[:10]
    return LabelledExample(id=f"{category}-{digest}", text=text, category=category, lang=lang)


def _entries(text: str, file: Path) -> list[dict[str, Any]]:
    try:
        entries = tomllib.loads(text).get("category")
    except ValueError as error:
        raise TaxonomyError(file, "file", f"is not valid TOML ({error})") from error
    if not isinstance(entries, list) or not entries:
        raise TaxonomyError(file, "file", "needs [[category]] entries")
    return entries


def _category(file: Path, number: int, entry: dict[str, Any]) -> Category:
    name = f"category {number} ({entry.get('id', 'without id')})"
    fields = dict(entry)
    languages = [fields.pop(key, None) for key in ("examples_zh", "examples_en")]
    for key, texts in zip(("examples_zh", "examples_en"), languages, strict=True):
        if not isinstance(texts, list) or len(texts) < _MIN_EXAMPLES:
            raise TaxonomyError(file, name, f"{key} needs at least {_MIN_EXAMPLES} texts")
    try:
        return Category.model_validate({**fields, "examples": [*languages[0], *languages[1]]})
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"]))
        raise TaxonomyError(file, name, f"{where}: {first['msg']}") from error


def _version(categories: tuple[Category, ...]) -> str:
    content = "\n".join(category.model_dump_json() for category in categories)
    return hashlib.sha256(content.encode()).hexdigest()[:12]


def _check_whole(file: Path, taxonomy: Taxonomy) -> None:
    ids = [category.id for category in taxonomy.categories]
    for category_id, count in Counter(ids).items():
        if count > 1:
            raise TaxonomyError(file, category_id, "the id is used twice; ids are permanent")
    if len(ids) < 2:
        raise TaxonomyError(file, ids[0], "one category alone decides nothing; add a second")
    for category in taxonomy.categories:
        _check_category(file, category, set(ids))
    texts = Counter(text for category in taxonomy.categories for text in category.examples)
    for text, count in texts.items():
        if count > 1:
            raise TaxonomyError(file, repr(text[:40]), "the example stands twice")


def _check_category(file: Path, category: Category, ids: set[str]) -> None:
    if not category.id.isidentifier():
        raise TaxonomyError(file, category.id, "an id is letters, digits and underscores")
    if any(not text.strip() for text in category.examples):
        raise TaxonomyError(file, category.id, "an example is empty")
    for entry in category.counter_examples:
        text, target = split_counter_example(entry)
        if not text or target not in ids - {category.id}:
            reason = f"counter-example {entry[:40]!r} must read 'text{ARROW}other category'"
            raise TaxonomyError(file, category.id, reason)

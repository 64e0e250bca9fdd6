"""Labels and units of facts, read from `labels.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources

from service.domain.base import Bilingual, Lang
from service.drafting.facts.shown import Unit


class Words:
    """Labels by group and key, and units by name."""

    def __init__(
        self, labels: Mapping[str, Mapping[str, Bilingual]], units: Mapping[str, Unit]
    ) -> None:
        self._labels, self._units = labels, units

    @property
    def groups(self) -> frozenset[str]:
        """Groups that have labels."""
        return frozenset(self._labels)

    def label(self, group: str, key: str, lang: Lang, **names: str) -> str:
        """The label, names put in by replacement: a brace in a name is no format field."""
        text = self._labels[group][key].get(lang)
        for name, value in names.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def department(self, name: str, lang: Lang) -> str:
        """What a department is called."""
        return self._labels["departments"][name].get(lang)

    def unit(self, name: str) -> Unit:
        """What is counted."""
        return self._units[name]


def load_words() -> Words:
    """The bundled words."""
    file = resources.files("service.drafting.facts") / "labels.toml"
    tables = tomllib.loads(file.read_text(encoding="utf-8"))
    units = {name: Unit(**words) for name, words in tables.pop("units").items()}
    labels = {
        group: {key: Bilingual(**words) for key, words in keys.items()}
        for group, keys in tables.items()
    }
    return Words(labels, units)

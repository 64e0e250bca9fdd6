"""Which cases are clustered, and as what text."""

from __future__ import annotations

import re
from collections.abc import Callable

from retrieval.segment import segment
from service.domain.base import Bilingual
from service.domain.triage import SignalKind
from service.ports.themes import CaseMaterial, Material

NOT_FEEDBACK = frozenset({"chat", "spam_ad", "abuse"})
"""Categories that say nothing about the product or the community."""


def feedback(material: Material) -> Material:
    """All but small talk, advertising, abuse and noise."""
    kept = [row for row, case in enumerate(material.cases) if _is_feedback(case)]
    return Material(tuple(material.cases[row] for row in kept), material.vectors[kept])


def without_name(name: Bilingual) -> Callable[[str], str]:
    """Takes the community's own name out of a text: it is in every theme and names none."""
    words = {name.zh, name.en, *segment(name.zh), *segment(name.en), *name.en.split()}
    known = [re.escape(word) for word in sorted(words, key=len, reverse=True) if len(word) > 1]
    if not known:
        return lambda text: text
    pattern = re.compile("|".join(known), re.IGNORECASE)
    return lambda text: pattern.sub(" ", text)


def _is_feedback(case: CaseMaterial) -> bool:
    return SignalKind.NOISE not in case.signals and case.category not in NOT_FEEDBACK

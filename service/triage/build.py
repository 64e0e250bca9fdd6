"""Puts the triage engine together; the only module that names its concrete parts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from prompts.library import Library
from prompts.loader import load_prompts
from retrieval.ports import Embedder
from service.domain.bank import BankTerm
from service.domain.taxonomy import LabelledExample, Taxonomy
from service.ports.engines import Labeller, Redactor, Watcher
from service.triage.bank import FILES, load_bank
from service.triage.bank_terms import managed_rules, terms_stamp
from service.triage.cascade import ModelLabeller
from service.triage.category_head import CategoryHead, train_category_head
from service.triage.engine import Heads, TriageEngine
from service.triage.example_vectors import KnownVectors
from service.triage.features import embed_features
from service.triage.head_cache import cached_head, head_key
from service.triage.labels import Policy
from service.triage.linear_head import NAMES, load_linear_head
from service.triage.order_store import load_order_head
from service.triage.own_examples import load_unclear, stamp
from service.triage.person_head import load_person_head
from service.triage.redaction import RuleRedactor
from service.triage.refit import Refitter, set_stamp
from service.triage.risk_head import RiskHead, dangers, risk_examples
from service.triage.signals import Scanner
from service.triage.taxonomy import (
    labelled_examples,
    load_taxonomy,
    with_learned,
)
from service.triage.theme_names import PromptedTeller
from service.triage.themes import GraphThemes

PRECISION = 0.845
"""What given labels must surely reach on held-out examples; sets the abstention threshold."""

SECOND = 0.95
"""The same for a category that a part of a text adds to that of the whole."""


def build_redactor() -> Redactor:
    """The choke point for personal data.

    Raises:
        HeadsInvalid: the stored person-name head cannot be used.
    """
    return RuleRedactor(load_person_head())


def build_labeller(taxonomy: Taxonomy, prompts: Library | None = None) -> Labeller:
    """What asks a language model about texts the heads leave open."""
    return ModelLabeller(taxonomy, prompts)


def build_themes(embedder: Embedder, taxonomy: Taxonomy | None = None) -> GraphThemes:
    """The theme finder; the embedder places keywords of the two languages near each other."""
    categories = (taxonomy or load_taxonomy()).categories
    definitions = [text for c in categories for text in (c.definition.zh, c.definition.en)]
    samples = [text for category in categories for text in category.examples[::6]]
    return GraphThemes(embedder, [*definitions, *samples])


def build_radar() -> Watcher:
    """The radar."""
    from service.triage.radar import RadarEngine

    return RadarEngine()


def build_theme_teller(redactor: Redactor, prompts: Library | None = None) -> PromptedTeller:
    """What asks a model for the names of themes.

    Raises:
        PromptError: a prompt file is broken.
    """
    return PromptedTeller(load_prompts() if prompts is None else prompts, redactor)


def build_triage(
    embedder: Embedder,
    cache_dir: Path | None,
    *,
    taxonomy: Taxonomy | None = None,
    precision: float = PRECISION,
    learned: Sequence[LabelledExample] = (),
    threshold: float | None = None,
    bank_files: Sequence[Path] = FILES,
    terms: Sequence[BankTerm] = (),
) -> TriageEngine:
    """The engine, trained for this taxonomy and embedder, or loaded from the cache folder.

    Args:
        taxonomy: None takes the shipped one.
        learned: examples people gave; they teach the category head alone, never severity.
        terms: active terms people manage, beside the bank files.
        threshold: the confidence from which labels are given, instead of the calibrated one.

    Raises:
        TaxonomyError, BankError, HeadsInvalid: a data file cannot be used.
        EmbedderUnavailable: the examples cannot be embedded now.
    """
    taxonomy = taxonomy or load_taxonomy()
    shipped = labelled_examples(taxonomy)
    examples = with_learned(taxonomy, shipped, learned)
    risk_texts = [text for text, _ in risk_examples(shipped)]
    texts = (*(example.text for example in shipped), *load_unclear(), *risk_texts)
    trainer = _Trainer(KnownVectors(embedder, cache_dir, texts), cache_dir)
    category = trainer.category(taxonomy, examples, precision)
    return TriageEngine(
        embedder=embedder,
        taxonomy=taxonomy,
        examples=examples,
        redactor=build_redactor(),
        scanner=Scanner(load_bank(bank_files, managed_rules(terms), terms_stamp(terms))),
        heads=_named(trainer.heads(category, trainer.risk(shipped)), examples, learned),
        policy=Policy(
            category.calibration.threshold if threshold is None else threshold,
            category.calibration.second,
        ),
    )


def build_refitter(
    embedder: Embedder, cache_dir: Path | None, taxonomy: Taxonomy | None = None
) -> Refitter:
    """What compares sets of examples before one is adopted."""
    taxonomy = taxonomy or load_taxonomy()
    texts = [example.text for example in labelled_examples(taxonomy)]
    return Refitter(KnownVectors(embedder, cache_dir, (*texts, *load_unclear())), taxonomy)


def _named(
    heads: Heads, examples: Sequence[LabelledExample], learned: Sequence[LabelledExample]
) -> Heads:
    """Heads that were taught name the set of examples, as the refit that adopted it does."""
    return heads._replace(version=f"{heads.version}+{set_stamp(examples)}") if learned else heads


class _Trainer:
    """Trains kernel heads for an embedder, or takes them from the cache folder."""

    def __init__(self, embedder: Embedder, cache_dir: Path | None) -> None:
        self._embedder, self._cache_dir = embedder, cache_dir
        self._keys: list[str] = []

    def category(
        self, taxonomy: Taxonomy, examples: Sequence[LabelledExample], precision: float
    ) -> CategoryHead:
        numbers = {category.id: number for number, category in enumerate(taxonomy.categories)}
        known = [(example.text, numbers[example.category]) for example in examples]
        unclear = [(text, len(numbers)) for text in load_unclear()]
        return self._head("category", [*known, *unclear], len(numbers), precision, SECOND)

    def risk(self, examples: Sequence[LabelledExample]) -> RiskHead:
        kinds = dangers()
        head = self._head("risk", risk_examples(examples), len(kinds) + 1)
        return RiskHead(head, kinds)

    def heads(self, category: CategoryHead, risk: RiskHead) -> Heads:
        stored = {name: load_linear_head(name) for name in NAMES}
        orders = load_order_head()
        version = stamp(*self._keys, *(head.version for head in stored.values()), orders.version)
        return Heads(category=category, risk=risk, orders=orders, version=version, **stored)

    def _head(
        self, name: str, pairs: Sequence[tuple[str, int]], categories: int, *precisions: float
    ) -> CategoryHead:
        examples = stamp(*(f"{text}\0{number}" for text, number in pairs))
        key = head_key(examples, self._embedder.info.fingerprint, *precisions)
        self._keys.append(key)

        def train() -> CategoryHead:
            texts, targets = zip(*pairs, strict=True)
            return train_category_head(
                embed_features(self._embedder, texts),
                np.array(targets, dtype=np.int64),
                categories,
                *precisions,
            )

        return cached_head(self._cache_dir, name, key, train)

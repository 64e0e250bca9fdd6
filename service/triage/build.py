"""Puts the triage engine together; the only module that names its concrete parts."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from retrieval.ports import Embedder
from service.domain.taxonomy import LabelledExample, Taxonomy
from service.ports.engines import Redactor, ThemeFinder
from service.triage.bank import load_bank
from service.triage.category_head import CategoryHead, train_category_head
from service.triage.engine import Heads, TriageEngine
from service.triage.features import embed_features
from service.triage.head_cache import cached_head, head_key
from service.triage.labels import Policy
from service.triage.linear_head import load_linear_head
from service.triage.redaction import RuleRedactor
from service.triage.signals import Scanner
from service.triage.taxonomy import DEFAULT_FILE, labelled_examples, load_taxonomy
from service.triage.themes import GraphThemes

PRECISION = 0.95
"""What given labels must reach on held-out examples; sets the abstention threshold."""

SECOND = 0.3
"""Confidence from which a second category is given beside the first."""


def build_redactor() -> Redactor:
    """The choke point for personal data."""
    return RuleRedactor()


def build_themes(embedder: Embedder) -> ThemeFinder:
    """The theme finder; the embedder places keywords of the two languages near each other."""
    taxonomy = load_taxonomy()
    definitions = [t for c in taxonomy.categories for t in (c.definition.zh, c.definition.en)]
    samples = [text for category in taxonomy.categories for text in category.examples[::6]]
    return GraphThemes(embedder, [*definitions, *samples])


def build_triage(
    embedder: Embedder,
    cache_dir: Path | None,
    *,
    taxonomy_file: Path = DEFAULT_FILE,
    precision: float = PRECISION,
) -> TriageEngine:
    """The engine, trained for this taxonomy and embedder, or loaded from the cache folder.

    Raises:
        TaxonomyError, BankError, HeadsInvalid: a data file cannot be used.
        EmbedderUnavailable: the examples cannot be embedded now.
    """
    taxonomy = load_taxonomy(taxonomy_file)
    examples = labelled_examples(taxonomy)
    key = head_key(taxonomy.version, embedder.info.fingerprint, precision)
    category = cached_head(cache_dir, key, lambda: _train(embedder, taxonomy, examples, precision))
    return TriageEngine(
        embedder=embedder,
        taxonomy=taxonomy,
        examples=examples,
        redactor=build_redactor(),
        scanner=Scanner(load_bank()),
        heads=_heads(category, key),
        policy=Policy(category.calibration.threshold, SECOND),
    )


def _train(
    embedder: Embedder, taxonomy: Taxonomy, examples: Sequence[LabelledExample], precision: float
) -> CategoryHead:
    numbers = {category.id: number for number, category in enumerate(taxonomy.categories)}
    targets = np.array([numbers[example.category] for example in examples], dtype=np.int64)
    features = embed_features(embedder, [example.text for example in examples])
    return train_category_head(features, targets, categories=len(numbers), precision=precision)


def _heads(category: CategoryHead, key: str) -> Heads:
    sentiment, toxicity, spam = map(load_linear_head, ("sentiment", "toxicity", "spam"))
    stamps = "|".join((key, sentiment.version, toxicity.version, spam.version))
    version = hashlib.sha256(stamps.encode()).hexdigest()[:12]
    return Heads(category, sentiment, toxicity, spam, version)

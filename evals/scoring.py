"""Small makers of scores, so that a scorer says only what it judges."""

from __future__ import annotations

from evals.cases import Sample
from evals.model import Score


def right(sample: Sample, metric: str, is_right: bool) -> Score:
    """1 when right, 0 when wrong."""
    return Score(sample_id=sample.id, metric=metric, value=float(is_right))


def share(sample: Sample, metric: str, part: int, whole: int) -> Score:
    """A share of `whole`, which must not be 0."""
    return Score(sample_id=sample.id, metric=metric, value=part / whole)


def unscored(sample: Sample, metric: str, reason: str) -> Score:
    """No value, with the reason."""
    return Score(sample_id=sample.id, metric=metric, unscored=reason)

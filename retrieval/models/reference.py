"""Vectors of the weights package's own engine, and how near a materialised model must come."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.errors import ModelUnverified
from retrieval.models.source import Floats

REFERENCE = Path(__file__).with_name("reference.npz")
TEXTS = Path(__file__).with_name("reference_texts.txt")

MIN_COSINE, MEAN_COSINE = 0.99, 0.997
"""Least agreement of one text and of all; int8 reached 0.9972 and 0.9988 when recorded."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Cosines between a model's vectors and the reference."""

    lowest: float
    mean: float


def reference_texts() -> list[str]:
    """Return the sentences, one a line of the text file."""
    return TEXTS.read_text("utf-8").splitlines()


def check(embed: Callable[[Sequence[str]], Floats]) -> Agreement:
    """Compare `embed` (prefixed texts -> unit rows) with the reference.

    Raises:
        ModelUnverified: a text or the mean is further away than the bounds allow.
    """
    with np.load(REFERENCE, allow_pickle=False) as stored:
        cosines = np.concatenate(
            [
                (embed([f"{role}: {text}" for text in reference_texts()]) * stored[role]).sum(1)
                for role in ("query", "passage")
            ]
        )
    agreement = Agreement(float(cosines.min()), float(cosines.mean()))
    if not (agreement.lowest >= MIN_COSINE and agreement.mean >= MEAN_COSINE):
        raise ModelUnverified(
            f"the model's vectors differ from the reference (cosine {agreement.lowest:.4f} lowest, "
            f"{agreement.mean:.4f} mean; {MIN_COSINE} and {MEAN_COSINE} required): this processor "
            "or onnxruntime version computes int8 wrongly; set the embedder to "
            "sentence_transformer, or install another onnxruntime"
        )
    return agreement

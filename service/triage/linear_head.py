"""Stored linear heads (sentiment, toxicity, spam, injection): small numeric files, valid for one
embedder.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from retrieval.types import FloatMatrix
from service.triage.errors import HeadsInvalid
from service.triage.features import Centre, Features, softmax

FOLDER = Path(__file__).with_name("models")
NAMES = ("sentiment", "toxicity", "spam", "injection")

LEXICAL = 0.5
"""Weight of the n-grams beside the vector."""


@dataclass(frozen=True)
class LinearHead:
    """Weights over [centred vector, 0.5 n-grams], and over n-grams alone for other embedders.

    Shapes: dense (dim, c), lexical and alone (buckets, c), bias and alone_bias (c,).
    """

    name: str
    version: str
    classes: tuple[str, ...]
    fingerprint: str
    temperature: float
    alone_temperature: float
    centre: Centre
    dense: FloatMatrix
    lexical: FloatMatrix
    bias: FloatMatrix
    alone: FloatMatrix
    alone_bias: FloatMatrix

    def probabilities(self, features: Features, fingerprint: str) -> FloatMatrix:
        """Calibrated probabilities, shape (n, classes).

        Vectors of another embedder than the one it was trained on mean nothing to it: then the
        n-grams alone decide.
        """
        if fingerprint != self.fingerprint:
            logits = LEXICAL * (features.grams @ self.alone) + self.alone_bias
            return softmax(np.asarray(logits / self.alone_temperature, dtype=np.float32))
        logits = self.centre.apply(features.vectors, features.langs) @ self.dense
        logits += LEXICAL * (features.grams @ self.lexical) + self.bias
        return softmax(np.asarray(logits / self.temperature, dtype=np.float32))


_ARRAYS = ("dense", "lexical", "bias", "alone", "alone_bias")


def load_linear_head(name: str, folder: Path = FOLDER) -> LinearHead:
    """Read a stored head.

    Raises:
        HeadsInvalid: the file is missing or damaged.
    """
    file = folder / f"{name}.npz"
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
            arrays = {key: data[key].astype(np.float32) for key in _ARRAYS}
            about = json.loads(str(data["about"]))
            centre = Centre(data["means"].astype(np.float32))
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        message = f"{file.name} cannot be read; run `python -m service.triage.train_heads`"
        raise HeadsInvalid(message, file=str(file)) from error
    classes = tuple(about.pop("classes"))
    return LinearHead(name=name, classes=classes, centre=centre, **about, **arrays)


def store_linear_head(head: LinearHead, folder: Path) -> Path:
    """Write a head as half-precision arrays; no text is stored."""
    about = {
        "version": head.version,
        "classes": list(head.classes),
        "fingerprint": head.fingerprint,
        "temperature": head.temperature,
        "alone_temperature": head.alone_temperature,
    }
    file = folder / f"{head.name}.npz"
    arrays = {key: getattr(head, key).astype(np.float16) for key in _ARRAYS}
    means = head.centre.means.astype(np.float16)
    folder.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(file, about=json.dumps(about), means=means, **arrays)
    return file

"""The stored head of injected orders: half-precision numbers, anchors in bytes, no text."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.types import FloatMatrix
from service.triage.calibration import Calibration
from service.triage.category_head import CategoryHead
from service.triage.confidence import Confidence
from service.triage.errors import HeadsInvalid
from service.triage.features import Centre
from service.triage.lexical import Weighing
from service.triage.linear_head import FOLDER
from service.triage.order_head import ORDER, OrderHead

NAME = "orders"
_PARTS = ("whole", "sentence")
_SIDED = ("dual", "lexical", "bias")
"""Arrays with a column for each of two classes, one the negative of the other."""


def store_order_head(head: OrderHead, folder: Path) -> Path:
    """Write the head; returns the file."""
    about = {
        "version": head.version,
        "fingerprint": head.fingerprint,
        **{part: _said(getattr(head, part)) for part in _PARTS},
    }
    arrays: dict[str, Any] = {
        f"{part}_{name}": array.astype(np.float16)
        for part in _PARTS
        for name, array in _arrays(getattr(head, part)).items()
    }
    for part in _PARTS:
        steps, scales = _in_bytes(getattr(head, part).anchors)
        arrays |= {f"{part}_anchors": steps, f"{part}_scales": scales}
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{NAME}.npz"
    np.savez_compressed(file, about=json.dumps(about), **arrays)
    return file


def load_order_head(folder: Path = FOLDER) -> OrderHead:
    """Read the stored head.

    Raises:
        HeadsInvalid: the file is missing or damaged.
    """
    file = folder / f"{NAME}.npz"
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
            about = json.loads(str(data["about"]))
            whole, sentence = (_head(data, part, about[part]) for part in _PARTS)
            return OrderHead(whole, sentence, about["fingerprint"], about["version"])
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        message = f"{file.name} cannot be read; run `python -m service.triage.train_orders`"
        raise HeadsInvalid(message, file=str(file)) from error


def _said(head: CategoryHead) -> dict[str, Any]:
    return {"calibration": asdict(head.calibration), "confidence": list(head.confidence)}


def _arrays(head: CategoryHead) -> dict[str, FloatMatrix]:
    sided = {name: getattr(head, name)[..., ORDER] for name in _SIDED}
    weighing = np.stack(head.weighing)
    kept = {"means": head.centre.means, "weighing": weighing}
    return {**kept, **sided, "shares": head.shares}


def _in_bytes(anchors: FloatMatrix) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """Each row in 127 steps of its largest number: half the size, and cosines to three places."""
    scales = np.maximum(np.abs(anchors).max(axis=1, keepdims=True), 1e-9) / 127
    return np.rint(anchors / scales).astype(np.int8), scales.astype(np.float32)


def _head(data: Mapping[str, NDArray[Any]], part: str, said: dict[str, Any]) -> CategoryHead:
    def read(name: str) -> FloatMatrix:
        return np.asarray(data[f"{part}_{name}"].astype(np.float32))

    sided = {name: np.stack([-read(name), read(name)], axis=-1) for name in _SIDED}
    weighing = read("weighing")
    return CategoryHead(
        centre=Centre(read("means")),
        weighing=Weighing(weighing[0], weighing[1]),
        anchors=read("anchors") * data[f"{part}_scales"],
        shares=read("shares"),
        scope=None,
        confidence=Confidence(*said["confidence"]),
        calibration=Calibration(**said["calibration"]),
        **sided,
    )

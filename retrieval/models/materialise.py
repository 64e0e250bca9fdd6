"""Turns the pinned weights into a model folder, once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from retrieval.models.folders import ensure
from retrieval.models.linear import CALIBRATION, Int8Linear, load_ranges
from retrieval.models.runner import MODEL_FILE, VOCABULARY_FILE, Runner
from retrieval.models.source import SOURCE_SHA256, Source, read_source, source_path
from retrieval.models.vocabulary import MAX_TOKENS, sentencepiece_model

MODEL_NAME = "multilingual-e5-small"
RECIPE = "int8-static-2"
"""Names everything between weights and vectors; a change here makes a new fingerprint."""

HF_FOLDER = "hf"

Progress = Callable[[str, float], None]


def fingerprint() -> str:
    """Identity of the vectors: weights, recipe and measured ranges; the same on every machine."""
    ranges = hashlib.sha256(CALIBRATION.read_bytes()).hexdigest()
    text = f"{MODEL_NAME}|{SOURCE_SHA256}|{RECIPE}|{ranges}|mean|query: |passage: |{MAX_TOKENS}"
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def model_folder(cache_dir: Path) -> Path:
    """Return where the model lives, whether or not it has been built."""
    return cache_dir / f"{MODEL_NAME}-{fingerprint()[:12]}"


def materialise(cache_dir: Path, progress: Progress | None = None) -> Path:
    """Return the model folder, building it on first use.

    `progress` receives the name of a stage and the finished share, 0..1.

    Raises:
        ModelUnverified: the weights differ from the pinned ones, or the built model does not
            reproduce the reference vectors.
        OSError: the cache folder cannot be written.
    """
    folder, report = model_folder(cache_dir), progress or _silent
    ensure(folder, lambda target: _build(target, report))
    return folder


def export_hf(cache_dir: Path) -> Path:
    """Return the same weights as a float32 sentence-transformers folder, written on first use.

    Raises:
        ModelUnverified: the weights differ from the pinned ones.
        OSError: the cache folder cannot be written.
    """
    from retrieval.models.huggingface import write_folder

    folder = materialise(cache_dir) / HF_FOLDER

    def build(target: Path) -> dict[str, Any]:
        write_folder(read_source(source_path()), target)
        return {"model": MODEL_NAME, "source_sha256": SOURCE_SHA256}

    ensure(folder, build)
    return folder


def _build(folder: Path, progress: Progress) -> dict[str, Any]:
    progress("read weights", 0.0)
    source = read_source(source_path())
    progress("write tokenizer", 0.1)
    (folder / VOCABULARY_FILE).write_bytes(sentencepiece_model(source.pieces))
    progress("quantise", 0.4)
    (folder / MODEL_FILE).write_bytes(_quantised(source))
    progress("verify", 0.6)
    agreement = _check(folder)
    progress("store", 1.0)
    return {
        "model": MODEL_NAME,
        "fingerprint": fingerprint(),
        "recipe": RECIPE,
        "source_sha256": SOURCE_SHA256,
        "versions": {name: version(name) for name in ("onnx", "onnxruntime", "sentencepiece")},
        "agreement": agreement,
    }


def _quantised(source: Source) -> bytes:
    from retrieval.models.graph import build_encoder

    model = build_encoder(source, Int8Linear(source, load_ranges()))
    return bytes(model.SerializeToString())


def _check(folder: Path) -> dict[str, float]:
    from retrieval.models.reference import check

    agreement = check(Runner(folder, threads=1, batch_tokens=512).embed)
    return {"lowest_cosine": agreement.lowest, "mean_cosine": agreement.mean}


def _silent(_stage: str, _share: float) -> None:
    """Report nothing."""

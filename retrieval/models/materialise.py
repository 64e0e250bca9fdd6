"""Builds the model folder once, atomically, and knows whether it is whole.

The folder is built under a temporary name, flushed to disk and renamed; the manifest inside it
lists every file with size and SHA-256. A file lock makes a second process wait and then find it.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from retrieval.errors import ModelUnverified
from retrieval.models.linear import CALIBRATION, Int8Linear, load_ranges
from retrieval.models.source import SOURCE_SHA256, Source, read_source, source_path
from retrieval.models.vocabulary import MAX_TOKENS, build_tokenizer

MODEL_NAME = "multilingual-e5-small"
RECIPE = "int8-static-1"
"""Names everything between weights and vectors; a change here makes a new fingerprint."""

MODEL_FILE, TOKENIZER_FILE, MANIFEST_FILE = "model.onnx", "tokenizer.json", "manifest.json"

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
    """
    from filelock import FileLock

    folder = model_folder(cache_dir)
    if _is_whole(folder):
        return folder
    cache_dir.mkdir(parents=True, exist_ok=True)
    with FileLock(folder.with_suffix(".lock")):
        if not _is_whole(folder):
            _build_into(folder, progress or (lambda _stage, _share: None))
    return folder


def verify(folder: Path) -> None:
    """Hash every file of a model folder and compare with its manifest.

    Raises:
        ModelUnverified: the manifest is missing or a file differs.
    """
    if not _is_whole(folder):
        raise ModelUnverified(f"{folder} is incomplete; delete it and start again")
    for name, expected in _manifest(folder)["files"].items():
        if _sha256(folder / name) != expected["sha256"]:
            raise ModelUnverified(f"{folder / name} is damaged; delete {folder} and start again")


def _build_into(folder: Path, progress: Progress) -> None:
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        _build(temporary, progress)
        publish(temporary, folder)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    progress("done", 1.0)


def _build(folder: Path, progress: Progress) -> None:
    progress("read weights", 0.0)
    source = read_source(source_path())
    progress("write tokenizer", 0.1)
    build_tokenizer(source.pieces).save(str(folder / TOKENIZER_FILE), pretty=False)
    progress("quantise", 0.4)
    (folder / MODEL_FILE).write_bytes(_quantised(source))
    del source
    progress("verify", 0.6)
    agreement = _check(folder)
    progress("write manifest", 0.9)
    _write_manifest(folder, agreement)


def _quantised(source: Source) -> bytes:
    from retrieval.models.graph import build_encoder

    model = build_encoder(source, Int8Linear(source, load_ranges()))
    return bytes(model.SerializeToString())


def _check(folder: Path) -> dict[str, float]:
    from retrieval.models.reference import check
    from retrieval.models.runner import Runner

    runner = Runner(folder / MODEL_FILE, folder / TOKENIZER_FILE, threads=1, batch_tokens=1024)
    agreement = check(runner.embed)
    return {"lowest_cosine": agreement.lowest, "mean_cosine": agreement.mean}


def _write_manifest(folder: Path, agreement: dict[str, float]) -> None:
    files = {
        path.name: {"bytes": path.stat().st_size, "sha256": _sha256(path)}
        for path in sorted(folder.iterdir())
    }
    content = {
        "model": MODEL_NAME,
        "fingerprint": fingerprint(),
        "recipe": RECIPE,
        "source_sha256": SOURCE_SHA256,
        "versions": {name: version(name) for name in ("onnx", "onnxruntime", "tokenizers")},
        "agreement": agreement,
        "files": files,
    }
    (folder / MANIFEST_FILE).write_text(json.dumps(content, indent=2), "utf-8")


def publish(temporary: Path, final: Path) -> None:
    """Flush a finished folder to disk and give it its name, replacing a broken one."""
    for path in temporary.rglob("*"):
        if path.is_file():
            _flush(path)
    _flush(temporary)
    if final.exists():
        shutil.rmtree(final)
    temporary.rename(final)
    _flush(final.parent)


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _is_whole(folder: Path) -> bool:
    try:
        files = _manifest(folder)["files"]
        return all((folder / name).stat().st_size == row["bytes"] for name, row in files.items())
    except (OSError, ValueError, KeyError):
        return False


def _manifest(folder: Path) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((folder / MANIFEST_FILE).read_text("utf-8"))
    return content


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()

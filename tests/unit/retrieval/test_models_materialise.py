"""The real model is built from the pinned weights, reports its progress and is checked."""

from __future__ import annotations

import json
import time
from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import ModelUnverified
from retrieval.models import export_hf, fingerprint, materialise, verify
from retrieval.models.reference import MIN_COSINE, REFERENCE, check, reference_texts

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[tuple[str, float]]]:
    stages: list[tuple[str, float]] = []
    folder = materialise(
        tmp_path_factory.mktemp("models"), lambda stage, share: stages.append((stage, share))
    )
    return folder, stages


def test_progress_rises_to_the_end(built: tuple[Path, list[tuple[str, float]]]) -> None:
    shares = [share for _, share in built[1]]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert len({stage for stage, _ in built[1]}) >= 4


def test_manifest_tells_what_was_built(built: tuple[Path, list[tuple[str, float]]]) -> None:
    manifest = json.loads((built[0] / "manifest.json").read_text())
    assert manifest["fingerprint"] == fingerprint()
    assert built[0].name == f"multilingual-e5-small-{fingerprint()[:12]}"
    assert manifest["agreement"]["lowest_cosine"] >= MIN_COSINE
    assert set(manifest["files"]) == {"model.onnx", "sentencepiece.model"}
    verify(built[0])


def test_a_second_call_only_looks(built: tuple[Path, list[tuple[str, float]]]) -> None:
    start = time.perf_counter()
    assert materialise(built[0].parent) == built[0]
    assert time.perf_counter() - start < 0.5


def test_the_exported_folder_is_whole(model_cache: Path) -> None:
    folder = export_hf(model_cache)
    verify(folder)
    assert json.loads((folder / "config.json").read_text())["hidden_size"] == 384


def test_wrong_vectors_are_refused() -> None:
    def noise(texts: list[str] | tuple[str, ...]) -> np.ndarray:
        rows = np.random.default_rng(0).normal(size=(len(texts), 384)).astype(np.float32)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    with pytest.raises(ModelUnverified, match="differ from the reference"):
        check(noise)  # type: ignore[arg-type]


def test_the_reference_covers_every_text() -> None:
    with np.load(REFERENCE) as stored:
        assert stored["query"].shape == stored["passage"].shape == (len(reference_texts()), 384)

"""The default embedder: what it loads, what it does not, and how near it is to the reference."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from retrieval.embedders.onnx_int8 import OnnxEmbedder
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.errors import EmbedderUnavailable
from retrieval.models.reference import reference_texts
from retrieval.types import Role

pytestmark = pytest.mark.slow


def test_identity_is_known_without_building_the_model(tmp_path: Path) -> None:
    info = OnnxEmbedder(tmp_path / "cache").info
    assert (info.name, info.dim, info.max_tokens) == ("multilingual-e5-small", 384, 512)
    assert not (tmp_path / "cache").exists()


def test_runs_without_torch_or_transformers(model_cache: Path) -> None:
    code = (
        "import sys; from pathlib import Path;"
        "from retrieval.embedders.onnx_int8 import OnnxEmbedder;"
        "from retrieval.types import Role;"
        f"OnnxEmbedder(Path({str(model_cache)!r})).embed(['你好'], role=Role.QUERY);"
        "heavy = {'torch', 'transformers', 'sentence_transformers', 'tokenizers', 'onnx'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_agrees_with_float32_torch(
    onnx_embedder: OnnxEmbedder, torch_embedder: SentenceTransformerEmbedder
) -> None:
    texts = [*reference_texts(), " 首尾 有空格  ", "café cafe\u0301 ＡＢＣ", "长" * 200]
    for role in Role:
        ours = onnx_embedder.embed(texts, role=role)
        cosines = (ours * torch_embedder.embed(texts, role=role)).sum(axis=1)
        assert cosines.min() > 0.99  # reached by one character two hundred times over
        assert cosines.mean() > 0.998


def test_only_the_first_512_tokens_count(onnx_embedder: OnnxEmbedder) -> None:
    head = "规则说明。" * 300
    vectors = onnx_embedder.embed([head, head + "完全不同的结尾"], role=Role.PASSAGE)
    np.testing.assert_allclose(vectors[0], vectors[1], atol=1e-5)


def test_many_lengths_keep_their_rows(onnx_embedder: OnnxEmbedder) -> None:
    texts = [f"第{number}条 " + "内容" * (number * 7 % 61) for number in range(120)]
    vectors = onnx_embedder.embed(texts, role=Role.PASSAGE)
    for number in (0, 17, 60, 119):
        alone = onnx_embedder.embed([texts[number]], role=Role.PASSAGE)[0]
        assert vectors[number] @ alone > 0.9999


def test_one_thread_gives_the_same_vectors(onnx_embedder: OnnxEmbedder, model_cache: Path) -> None:
    texts = reference_texts()
    single = OnnxEmbedder(model_cache, threads=1, batch_tokens=256)
    cosines = (
        single.embed(texts, role=Role.QUERY) * onnx_embedder.embed(texts, role=Role.QUERY)
    ).sum(1)
    assert cosines.min() > 0.9999


def test_an_unwritable_cache_says_what_to_do(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(EmbedderUnavailable, match="permissions and free space"):
        OnnxEmbedder(blocked).embed(["text"], role=Role.QUERY)

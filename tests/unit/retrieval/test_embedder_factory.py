"""Settings name the embedder; nothing is loaded before it is used."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.config import EmbedderConfig
from retrieval.embedders.factory import build_embedder
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.onnx_int8 import OnnxEmbedder
from retrieval.embedders.openai_compatible import OpenAIEmbedder
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.embedders.texts import clean, prefix
from retrieval.errors import EmbedderUnavailable
from retrieval.types import Role


@pytest.mark.parametrize(
    ("config", "kind"),
    [
        (EmbedderConfig(), OnnxEmbedder),
        (EmbedderConfig(kind="hashing", dim=32), HashingEmbedder),
        (EmbedderConfig(kind="sentence_transformer", model="./local"), SentenceTransformerEmbedder),
        (EmbedderConfig(kind="openai", base_url="http://127.0.0.1:9/v1"), OpenAIEmbedder),
    ],
)
def test_each_kind_is_built(config: EmbedderConfig, kind: type, tmp_path: Path) -> None:
    assert isinstance(build_embedder(config, tmp_path), kind)
    assert list(tmp_path.iterdir()) == []


def test_hashing_puts_like_texts_near() -> None:
    embedder = build_embedder(EmbedderConfig(kind="hashing"), Path())
    text, near, far = embedder.embed(
        ["我的订单怎么退款", "订单怎么申请退款", "sunny weather"], role=Role.QUERY
    )
    assert embedder.info.dim == 256
    assert text @ near > 0.4
    assert text @ far < 0.2
    assert not np.allclose(near, far)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("multilingual-e5-small", "query: "),
        ("intfloat/e5-base-v2", "query: "),
        ("/models/multilingual-e5-large", "query: "),
        ("BAAI/bge-m3", ""),
        ("gte-base5", ""),
    ],
)
def test_only_e5_models_get_a_prefix(model: str, expected: str) -> None:
    assert prefix(model, Role.QUERY) == prefix(model, Role.QUESTION) == expected


def test_cleaning_cuts_and_repairs() -> None:
    assert clean("abcdef", 3) == "abc"
    assert clean("a\ud800b", 10) == "a?b"
    assert clean("好\x00", 10) == "好\x00"


@pytest.mark.slow
def test_an_absent_folder_is_unavailable(tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    embedder = SentenceTransformerEmbedder(str(empty), tmp_path)
    with pytest.raises(EmbedderUnavailable, match="cannot be loaded"):
        embedder.embed(["x"], role=Role.QUERY)

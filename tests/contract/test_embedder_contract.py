"""What every embedder promises, whatever runs behind it."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import numpy as np
import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.embedders.onnx_int8 import OnnxEmbedder
from retrieval.embedders.openai_compatible import OpenAIEmbedder
from retrieval.embedders.sentence_transformer import SentenceTransformerEmbedder
from retrieval.ports import Embedder
from retrieval.types import Role

TEXTS = [
    "登录之后一直提示网络错误，怎么办？",
    "How do I export my posts as a CSV file?",
    "第五条 请勿在标题中使用夸张的符号。",
    "谢谢，问题解决了！",
    "The weather is lovely today, shall we go hiking near the lake this weekend?",
]
ODD_TEXTS = [
    "",
    "   \n\t ",
    "\u200b\u200d\ufeff",
    "\x00\x07\x1b[31m red",
    "混合 mixed ミックス смешанный مختلط 😀👨‍👩‍👧",
    "</s><pad><mask> query: passage:",
    "lone surrogate \ud800 here",
    "{{ template }} {0} %s $name",
]


def server(request: httpx2.Request) -> httpx2.Response:
    """An endpoint that answers with hashed vectors of length 3, in reverse order."""
    body = json.loads(request.content)
    assert body["encoding_format"] == "float"
    vectors = HashingEmbedder(64).embed(body["input"], role=Role.QUERY) * 3
    rows = [
        {"object": "embedding", "index": index, "embedding": vector.tolist()}
        for index, vector in enumerate(vectors)
    ]
    usage = {"prompt_tokens": 1, "total_tokens": 1}
    answer = {"object": "list", "data": rows[::-1], "model": body["model"], "usage": usage}
    return httpx2.Response(200, json=answer)


def make_openai() -> OpenAIEmbedder:
    client = httpx2.Client(transport=httpx2.MockTransport(server))
    return OpenAIEmbedder(base_url="http://embed.test/v1", model="e5-test", http_client=client)


@pytest.fixture(
    scope="session",
    params=[
        "hashing",
        "openai",
        pytest.param("onnx", marks=pytest.mark.slow),
        pytest.param("sentence_transformer", marks=pytest.mark.slow),
    ],
)
def make(request: pytest.FixtureRequest) -> Callable[[], Embedder]:
    """Build a fresh embedder of the kind under test."""
    if request.param == "hashing":
        return HashingEmbedder
    if request.param == "openai":
        return make_openai
    cache: Path = request.getfixturevalue("model_cache")
    if request.param == "onnx":
        return lambda: OnnxEmbedder(cache)
    return lambda: SentenceTransformerEmbedder(
        "multilingual-e5-small", cache, threads=1, device="cpu"
    )


@pytest.fixture(scope="session")
def embedder(make: Callable[[], Embedder], request: pytest.FixtureRequest) -> Embedder:
    """The instance most tests share; the heaviest kind is shared with other files too."""
    if isinstance(fresh := make(), SentenceTransformerEmbedder):
        shared: Embedder = request.getfixturevalue("torch_embedder")
        return shared
    return fresh


def test_rows_have_the_announced_shape_and_unit_length(embedder: Embedder) -> None:
    vectors = embedder.embed(TEXTS, role=Role.QUERY)
    assert vectors.shape == (len(TEXTS), embedder.info.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


def test_no_texts_give_no_rows(embedder: Embedder) -> None:
    vectors = embedder.embed([], role=Role.PASSAGE)
    assert vectors.shape == (0, embedder.info.dim)
    assert vectors.dtype == np.float32


def test_rows_come_in_the_order_given(embedder: Embedder) -> None:
    forward = embedder.embed(TEXTS, role=Role.QUERY)
    backward = embedder.embed(TEXTS[::-1], role=Role.QUERY)
    assert np.argmax(forward @ backward[::-1].T, axis=1).tolist() == list(range(len(TEXTS)))


def test_the_same_texts_give_the_same_vectors(embedder: Embedder) -> None:
    first = embedder.embed(TEXTS, role=Role.PASSAGE)
    again = embedder.embed(TEXTS, role=Role.PASSAGE)
    np.testing.assert_allclose(first, again, atol=1e-6)


def test_a_vector_hardly_depends_on_its_batch(embedder: Embedder) -> None:
    """Padding changes the order of additions; an int8 step may flip: cosine 0.999 is promised."""
    together = embedder.embed(TEXTS, role=Role.QUERY)
    alone = np.concatenate([embedder.embed([text], role=Role.QUERY) for text in TEXTS])
    assert (together * alone).sum(axis=1).min() > 0.999


def test_repeated_texts_get_the_same_row(embedder: Embedder) -> None:
    vectors = embedder.embed([TEXTS[0], TEXTS[1], TEXTS[0]], role=Role.QUERY)
    np.testing.assert_allclose(vectors[0], vectors[2], atol=1e-5)
    assert not np.allclose(vectors[0], vectors[1], atol=1e-2)


@pytest.mark.parametrize("text", ODD_TEXTS)
def test_any_text_has_a_finite_unit_vector(embedder: Embedder, text: str) -> None:
    vectors = embedder.embed([TEXTS[0], text], role=Role.QUERY)
    assert np.all(np.isfinite(vectors))
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-4)


@pytest.mark.parametrize("text", ["很长的投诉，" * 3334, "x" * 20_000, "word " * 4_000])
def test_a_very_long_text_is_accepted(embedder: Embedder, text: str) -> None:
    assert embedder.embed([text], role=Role.PASSAGE).shape == (1, embedder.info.dim)


def test_roles_differ_where_the_model_tells_them_apart(embedder: Embedder) -> None:
    query = embedder.embed(TEXTS, role=Role.QUERY)
    passage = embedder.embed(TEXTS, role=Role.PASSAGE)
    cosines = (query * passage).sum(axis=1)
    if isinstance(embedder, HashingEmbedder):
        np.testing.assert_allclose(cosines, 1, atol=1e-5)
    else:
        assert cosines.max() < 0.999
        assert cosines.min() > 0.2


def test_a_near_text_is_nearer_than_a_far_one(embedder: Embedder) -> None:
    near, text, far = embedder.embed(
        ["登录时一直提示网络错误，应该怎么办？", TEXTS[0], TEXTS[4]], role=Role.QUERY
    )
    assert near @ text > far @ text + 0.03


def test_threads_get_their_own_rows(embedder: Embedder) -> None:
    expected = embedder.embed(TEXTS, role=Role.QUERY)
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _: embedder.embed(TEXTS, role=Role.QUERY), range(8)))
    for vectors in results:
        assert (vectors * expected).sum(axis=1).min() > 0.999


def test_a_fresh_instance_has_the_same_identity(
    embedder: Embedder, make: Callable[[], Embedder]
) -> None:
    assert make().info == embedder.info
    assert embedder.info.fingerprint
    assert embedder.info.max_tokens > 0

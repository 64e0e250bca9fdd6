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
from retrieval.models import materialise
from retrieval.models.graph import OUTPUT
from retrieval.models.rarity import Rarity
from retrieval.models.reference import reference_texts
from retrieval.models.runner import MODEL_FILE, VOCABULARY_FILE
from retrieval.models.session import feed, open_session
from retrieval.models.vocabulary import Vocabulary
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
    for role in (Role.QUERY, Role.PASSAGE):
        ours = onnx_embedder.embed(texts, role=role)
        cosines = (ours * torch_embedder.embed(texts, role=role)).sum(axis=1)
        assert cosines.min() > 0.99  # reached by one character two hundred times over
        assert cosines.mean() > 0.998


def test_questions_and_clauses_have_an_identity_of_their_own(tmp_path: Path) -> None:
    info = OnnxEmbedder(tmp_path / "cache").info
    assert info.of(Role.QUERY) == info.of(Role.PASSAGE) == info
    assert info.of(Role.QUESTION) == info.of(Role.CLAUSE)
    assert info.of(Role.CLAUSE).fingerprint not in ("", info.fingerprint)


def test_shared_courtesies_bring_questions_less_near_than_queries(
    onnx_embedder: OnnxEmbedder,
) -> None:
    frames = [
        ("你好，我想请问一下大家，这个{}是怎么回事呢？", ("押金", "摄影比赛")),
        ("Hello there, can you please tell me how it is with the {}?", ("invoice", "password")),
    ]
    for frame, matters in frames:
        texts = [frame.format(matter) for matter in matters]
        query, question = (
            onnx_embedder.embed(texts, role=role) for role in (Role.QUERY, Role.QUESTION)
        )
        assert question[0] @ question[1] < query[0] @ query[1]


def test_clauses_are_embedded_alone_as_in_a_batch(onnx_embedder: OnnxEmbedder) -> None:
    texts = reference_texts()[:20]
    together = onnx_embedder.embed(texts, role=Role.CLAUSE)
    alone = np.concatenate([onnx_embedder.embed([text], role=Role.CLAUSE) for text in texts])
    assert (together * alone).sum(axis=1).min() > 0.999
    assert (together * onnx_embedder.embed(texts, role=Role.PASSAGE)).sum(axis=1).max() < 0.9999


def test_weights_change_the_mean_and_not_what_is_attended_to(model_cache: Path) -> None:
    folder = materialise(model_cache)
    session, vocabulary = (
        open_session(str(folder / MODEL_FILE)),
        Vocabulary(folder / VOCABULARY_FILE),
    )
    rows = vocabulary.encode(["query: 怎么退款", "query: how long does a refund take"])
    even = [np.full(len(row), 9000, np.int32) for row in rows]
    (plain,) = session.run([OUTPUT], feed(rows))
    (weighed,) = session.run([OUTPUT], feed(rows, even))
    np.testing.assert_allclose(weighed, plain, atol=1e-5)


def test_rare_tokens_weigh_more_and_the_prefix_nothing(model_cache: Path) -> None:
    vocabulary = Vocabulary(materialise(model_cache) / VOCABULARY_FILE)
    rows = vocabulary.encode(["query: 的退款", "passage: the refund"])
    for row, prefix in zip(rows, ("query: ", "passage: "), strict=True):
        (weights,) = Rarity(vocabulary).weights([row], prefix)
        lead = len(vocabulary.encode([prefix.rstrip()])[0]) - 1
        assert len(weights) == len(row)
        assert weights[:lead].tolist() == [1] * lead
        assert weights[-1] == 1
        assert 1 < weights[lead:-1].min() < weights[-2] <= 10_000


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

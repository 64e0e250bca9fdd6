"""Builds the model's tokenizer from the pieces of the weights file."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from retrieval.models.charsmap import compile_charsmap
from retrieval.models.source import Pieces

if TYPE_CHECKING:
    from tokenizers import Tokenizer

BEGIN, PAD, END, UNKNOWN, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
PAD_ID = 1
MAX_TOKENS = 512


def build_tokenizer(pieces: Pieces) -> Tokenizer:
    """Return the XLM-RoBERTa unigram tokenizer; its `save` writes a portable tokenizer.json."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    ids = {text: index for index, text in enumerate(pieces.texts)}
    tokenizer = Tokenizer(
        models.Unigram(list(zip(pieces.texts, pieces.scores, strict=True)), ids[UNKNOWN], False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),  # the map holds single code points, so accents compose first
            normalizers.Precompiled(compile_charsmap(pieces.normalisation)),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=f"{BEGIN} $A {END} {END} $B {END}",
        special_tokens=[(BEGIN, ids[BEGIN]), (END, ids[END])],
    )
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True) for text in (BEGIN, PAD, END, UNKNOWN, MASK)]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def load_tokenizer(path: Path) -> Tokenizer:
    """Load a saved tokenizer; like the one that was saved, it cuts after 512 tokens."""
    from tokenizers import Tokenizer

    return Tokenizer.from_file(str(path))

"""Builds the model's tokenizer from the pieces of the weights file, in two forms.

We run SentencePiece's form: beside the `tokenizers` one it takes 60 MB instead of 280, loads in
half the time and is five times as fast. The other one goes into the folder for transformers.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.models.charsmap import compile_charsmap
from retrieval.models.source import Pieces

if TYPE_CHECKING:
    from sentencepiece import SentencePieceProcessor
    from tokenizers import Tokenizer

BEGIN, PAD, END, UNKNOWN, MASK = "<s>", "<pad>", "</s>", "<unk>", "<mask>"
BEGIN_ID, PAD_ID, END_ID, UNKNOWN_ID = 0, 1, 2, 3
MAX_TOKENS = 512
MAX_CHARACTERS = 16 * MAX_TOKENS
"""A piece covers at most 16 characters, so what lies behind cannot be among the first tokens."""

_CONTROL = frozenset((BEGIN, PAD, END, MASK))


def sentencepiece_model(pieces: Pieces) -> bytes:
    """Return the serialised unigram model; control pieces never match text that spells them."""
    schema: Any = import_module("sentencepiece.sentencepiece_model_pb2")  # generated, untyped
    model = schema.ModelProto()
    kinds = schema.ModelProto.SentencePiece
    for text, score in zip(pieces.texts, pieces.scores, strict=True):
        kind = kinds.CONTROL if text in _CONTROL else kinds.NORMAL
        model.pieces.add(piece=text, score=score, type=kinds.UNKNOWN if text == UNKNOWN else kind)
    trainer, normaliser = model.trainer_spec, model.normalizer_spec
    trainer.model_type = schema.TrainerSpec.UNIGRAM
    trainer.vocab_size = len(pieces.texts)
    trainer.bos_id, trainer.pad_id = BEGIN_ID, PAD_ID
    trainer.eos_id, trainer.unk_id = END_ID, UNKNOWN_ID
    normaliser.precompiled_charsmap = compile_charsmap(pieces.normalisation)
    normaliser.add_dummy_prefix = True
    normaliser.remove_extra_whitespaces = True
    normaliser.escape_whitespaces = True
    return bytes(model.SerializeToString())


class Vocabulary:
    """Text to token ids. Safe to call from several threads."""

    def __init__(self, path: Path) -> None:
        from sentencepiece import SentencePieceProcessor

        self._processor: SentencePieceProcessor = SentencePieceProcessor(model_file=str(path))

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Return begin, pieces, end for every text, cut to 512 tokens.

        The texts must be encodable: lone surrogates are the caller's to replace.
        """
        # The map holds single code points, so accents must compose first.
        composed = [unicodedata.normalize("NFC", text[:MAX_CHARACTERS]) for text in texts]
        rows = self._processor.encode(composed, out_type=int)
        return [[BEGIN_ID, *row[: MAX_TOKENS - 2], END_ID] for row in rows]

    def scores(self, row: Sequence[int]) -> NDArray[np.float32]:
        """Return the log probability of each token; 0 for those that stand for no text."""
        return np.array(self._processor.get_score(list(row)), np.float32)


def build_tokenizer(pieces: Pieces) -> Tokenizer:
    """Return the same tokenizer for `tokenizers`; its `save` writes a portable tokenizer.json."""
    from tokenizers import (
        AddedToken,
        Regex,
        Tokenizer,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    vocabulary = list(zip(pieces.texts, pieces.scores, strict=True))
    tokenizer = Tokenizer(models.Unigram(vocabulary, UNKNOWN_ID, False))
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFC(),
            normalizers.Precompiled(compile_charsmap(pieces.normalisation)),
            normalizers.Strip(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{BEGIN} $A {END}",
        pair=f"{BEGIN} $A {END} {END} $B {END}",
        special_tokens=[(BEGIN, BEGIN_ID), (END, END_ID)],
    )
    tokenizer.add_special_tokens(
        [AddedToken(text, special=True) for text in (BEGIN, PAD, END, UNKNOWN, MASK)]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer

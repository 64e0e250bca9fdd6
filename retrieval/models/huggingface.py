"""Writes the float32 weights in the form transformers and sentence-transformers read."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.models.source import Floats, Source
from retrieval.models.vocabulary import (
    BEGIN,
    END,
    MASK,
    MAX_TOKENS,
    PAD,
    PAD_ID,
    UNKNOWN,
    build_tokenizer,
)

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}
_MODULES = ("Transformer", "Pooling", "Normalize")


def write_folder(source: Source, folder: Path) -> None:
    """Fill `folder` with config, weights, tokenizer and the sentence-transformers modules."""
    from safetensors.numpy import save_file

    save_file(_tensors(source), folder / "model.safetensors", {"format": "pt"})
    build_tokenizer(source.pieces).save(str(folder / "tokenizer.json"), pretty=False)
    for name, content in _settings(source).items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(json.dumps(content, indent=2), "utf-8")


def _tensors(source: Source) -> dict[str, Floats]:
    hidden = source.shape.hidden
    tensors = {
        "embeddings.word_embeddings.weight": source.matrices["emb.word"].dequantise(),
        "embeddings.position_embeddings.weight": source.vectors["emb.pos"].reshape(-1, hidden),
        "embeddings.token_type_embeddings.weight": source.vectors["emb.type"].reshape(-1, hidden),
        "embeddings.LayerNorm.weight": source.vectors["emb.ln.w"],
        "embeddings.LayerNorm.bias": source.vectors["emb.ln.b"],
    }
    # Nobody pools this way; the loader reports tensors it misses.
    tensors["pooler.dense.weight"] = np.zeros((hidden, hidden), np.float32)
    tensors["pooler.dense.bias"] = np.zeros(hidden, np.float32)
    for layer in range(source.shape.layers):
        for short, long in _LAYER_NAMES.items():
            ours, theirs = f"l{layer}.{short}", f"encoder.layer.{layer}.{long}"
            matrix = source.matrices.get(f"{ours}.w")
            weight = source.vectors[f"{ours}.w"] if matrix is None else matrix.dequantise()
            tensors[f"{theirs}.weight"] = weight
            tensors[f"{theirs}.bias"] = source.vectors[f"{ours}.b"]
    return tensors


def _settings(source: Source) -> dict[str, Any]:
    shape = source.shape
    config = {
        "architectures": ["BertModel"],
        "model_type": "bert",
        "hidden_size": shape.hidden,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "intermediate_size": shape.inner,
        "vocab_size": shape.vocabulary,
        "max_position_embeddings": shape.positions,
        "type_vocab_size": len(source.vectors["emb.type"]) // shape.hidden,
        "layer_norm_eps": 1e-12,
        "hidden_act": "gelu",
        "pad_token_id": PAD_ID,
        "dtype": "float32",
    }
    tokenizer = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "model_max_length": MAX_TOKENS,
        "bos_token": BEGIN,
        "cls_token": BEGIN,
        "eos_token": END,
        "sep_token": END,
        "pad_token": PAD,
        "unk_token": UNKNOWN,
        "mask_token": MASK,
    }
    return {
        "config.json": config,
        "tokenizer_config.json": tokenizer,
        "modules.json": [_module(index, kind) for index, kind in enumerate(_MODULES)],
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "1_Pooling/config.json": {
            "word_embedding_dimension": shape.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
    }


def _module(index: int, kind: str) -> dict[str, Any]:
    path = "" if index == 0 else f"{index}_{kind}"
    return {
        "idx": index,
        "name": str(index),
        "path": path,
        "type": f"sentence_transformers.models.{kind}",
    }

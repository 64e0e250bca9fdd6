"""One way to open an onnxruntime session and one way to feed it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.models.graph import ATTENTION_MASK, INPUT_IDS
from retrieval.models.vocabulary import PAD_ID

if TYPE_CHECKING:
    from onnxruntime import InferenceSession


def open_session(model: str | bytes) -> InferenceSession:
    """Open a model file or its bytes for calls from any number of threads, one core a call."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    # Higher levels would fuse addition and layer norm into the slower kernel.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def feed(
    rows: Sequence[Sequence[int]], weights: Sequence[NDArray[np.int32]] | None = None
) -> dict[str, NDArray[Any]]:
    """Pad token ids to the longest row; returns ids and mask, int32 of shape (rows, tokens).

    The mask is 0 where nothing stands, else what the token counts in the mean: 1, or its weight.
    """
    lengths = np.fromiter((len(row) for row in rows), np.int32, len(rows))
    mask = np.arange(int(lengths.max()), dtype=np.int32)[None, :] < lengths[:, None]
    ids = np.full(mask.shape, PAD_ID, np.int32)
    ids[mask] = np.concatenate([np.asarray(row, np.int32) for row in rows])
    counts = mask.astype(np.int32)
    if weights is not None:
        counts[mask] = np.concatenate(weights)
    return {INPUT_IDS: ids, ATTENTION_MASK: counts}

"""Writes the encoder as an ONNX graph, node by node.

One graph serves twice: with float matrices to calibrate and check, with int8 ones to run. Mean
pooling and L2 normalisation are inside, so that a session returns finished vectors. Operators were
chosen by their CPU kernels: addition and layer norm stay apart, because the fused kernel is scalar
and takes six times as long.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from retrieval.models.source import BLOCK, Blocks, Source

if TYPE_CHECKING:
    import onnx

INPUT_IDS, ATTENTION_MASK, OUTPUT = "input_ids", "attention_mask", "embedding"
CONTRIB = "com.microsoft"
_OPSET, _CONTRIB_OPSET, _IR_VERSION = 21, 1, 10

Linear = Callable[["GraphWriter", str, str, Sequence[str]], list[str]]
"""Multiplies one tensor by several matrices: (writer, tensor, site, matrix names) -> tensors.

A site names a place whose activations share one range, such as `l3.mid`.
"""


class GraphWriter:
    """Collects nodes and constants; every method returns the name of a tensor."""

    def __init__(self) -> None:
        self._nodes: list[onnx.NodeProto] = []
        self._constants: dict[str, onnx.TensorProto] = {}

    def constant(self, name: str, values: NDArray[Any]) -> str:
        from onnx import numpy_helper

        if name not in self._constants:
            self._constants[name] = numpy_helper.from_array(np.ascontiguousarray(values), name)
        return name

    def node(
        self,
        kind: str,
        inputs: Sequence[str],
        *,
        domain: str = "",
        output: str = "",
        **options: Any,
    ) -> str:
        from onnx import helper

        name = output or f"{kind}_{len(self._nodes)}"
        self._nodes.append(
            helper.make_node(kind, list(inputs), [name], name=name, domain=domain, **options)
        )
        return name

    def finish(self, dim: int, taps: Sequence[str]) -> onnx.ModelProto:
        """Close the graph; `taps` are inner tensors to return after the embedding."""
        from onnx import TensorProto, helper

        inputs = [
            helper.make_tensor_value_info(name, TensorProto.INT32, ["batch", "tokens"])
            for name in (INPUT_IDS, ATTENTION_MASK)
        ]
        outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, ["batch", dim])]
        outputs += [helper.make_tensor_value_info(tap, TensorProto.FLOAT, None) for tap in taps]
        graph = helper.make_graph(
            self._nodes, "encoder", inputs, outputs, list(self._constants.values())
        )
        opsets = [helper.make_opsetid("", _OPSET), helper.make_opsetid(CONTRIB, _CONTRIB_OPSET)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def build_encoder(
    source: Source, linear: Linear, *, taps: dict[str, str] | None = None
) -> onnx.ModelProto:
    """Return the model: int32 ids and mask (batch, tokens) -> unit vectors (batch, hidden).

    Attention asks the mask only what is above 0; the mean takes its values as weights.

    `taps`, when given, is filled with site -> tensor name, and those tensors become outputs.
    """
    writer, sites = GraphWriter(), {} if taps is None else taps
    hidden = _embeddings(writer, source)
    for layer in range(source.shape.layers):
        hidden = _layer(writer, source, linear, f"l{layer}", hidden, sites)
    _pool(writer, hidden)
    return writer.finish(source.shape.hidden, [] if taps is None else list(sites.values()))


def _embeddings(writer: GraphWriter, source: Source) -> str:
    words, shape = source.matrices["emb.word"], source.shape
    table = writer.constant("emb.word", _packed(words))
    scales = writer.constant("emb.word.scale", words.scales)
    word = writer.node(
        "GatherBlockQuantized",
        [table, INPUT_IDS, scales],
        domain=CONTRIB,
        bits=4,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    # Every text is of segment 0, so its row joins the positions.
    positions = source.vectors["emb.pos"].reshape(shape.positions, shape.hidden)
    places = writer.constant("emb.pos", positions + source.vectors["emb.type"][: shape.hidden])
    one = writer.constant("one", np.array([1], np.int64))
    tokens = writer.node("Gather", [writer.node("Shape", [INPUT_IDS]), one])
    start = writer.constant("zero", np.array([0], np.int64))
    summed = writer.node("Add", [word, writer.node("Slice", [places, start, tokens])])
    return _normalise(writer, source, "emb.ln", summed)


def _packed(blocks: Blocks) -> NDArray[np.uint8]:
    """Two neighbouring 4-bit values in a byte, the first one low; zero point 8 is implied."""
    return np.asarray(blocks.nibbles[:, 0::2] | (blocks.nibbles[:, 1::2] << 4), np.uint8)


def _layer(
    writer: GraphWriter,
    source: Source,
    linear: Linear,
    layer: str,
    hidden: str,
    sites: dict[str, str],
) -> str:
    def times(site: str, tensor: str, *names: str) -> list[str]:
        sites[f"{layer}.{site}"] = tensor
        return linear(writer, tensor, f"{layer}.{site}", [f"{layer}.{name}" for name in names])

    query, key, value = times("x", hidden, "q", "k", "v")
    context = writer.node(
        "MultiHeadAttention",
        [query, key, value, "", ATTENTION_MASK],
        domain=CONTRIB,
        num_heads=source.shape.heads,
    )
    (attended,) = times("ctx", context, "ao")
    hidden = _add_and_normalise(writer, source, f"{layer}.aln", hidden, attended)
    (inner,) = times("h", hidden, "fi")
    (outer,) = times("mid", writer.node("Gelu", [inner], domain=CONTRIB), "fo")
    return _add_and_normalise(writer, source, f"{layer}.oln", hidden, outer)


def _add_and_normalise(
    writer: GraphWriter, source: Source, name: str, hidden: str, change: str
) -> str:
    return _normalise(writer, source, name, writer.node("Add", [hidden, change]))


def _normalise(writer: GraphWriter, source: Source, name: str, tensor: str) -> str:
    gamma = writer.constant(f"{name}.w", source.vectors[f"{name}.w"])
    beta = writer.constant(f"{name}.b", source.vectors[f"{name}.b"])
    return writer.node(
        "LayerNormalization", [tensor, gamma, beta], axis=-1, epsilon=source.shape.epsilon
    )


def _pool(writer: GraphWriter, hidden: str) -> None:
    # The weighted sum points where the weighted mean does; the length is normalised away.
    from onnx import TensorProto

    axis = writer.constant("one", np.array([1], np.int64))
    mask = writer.node("Cast", [ATTENTION_MASK], to=TensorProto.FLOAT)
    rows = writer.node("Unsqueeze", [mask, axis])
    summed = writer.node("Squeeze", [writer.node("MatMul", [rows, hidden]), axis])
    writer.node("LpNormalization", [summed], axis=-1, p=2, output=OUTPUT)

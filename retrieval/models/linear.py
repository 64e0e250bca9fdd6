"""The two ways the graph multiplies: exactly in float32, or in int8 with fixed ranges.

The int8 way follows SmoothQuant (Xiao et al. 2023): before quantising, each activation channel is
divided by a factor that its weights are multiplied with, so that the few loud channels of this
model do not eat the range of the others. The ranges are constants measured once, which makes a
vector independent of the other texts in its batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.models.graph import CONTRIB, GraphWriter
from retrieval.models.source import Floats, Source

WEIGHT_LIMIT = 63
"""Weights keep 7 bits: AVX2 without VNNI adds two products in 16 bits, which 8 bits overflow."""

CALIBRATION = Path(__file__).with_name("calibration.npz")


@dataclass(frozen=True, slots=True)
class Range:
    """Quantisation of one site: `real = (byte - zero) * scale * divisor[channel]`."""

    scale: np.float32
    zero: np.uint8
    divisor: Floats | None


def load_ranges(path: Path = CALIBRATION) -> dict[str, Range]:
    """Read the measured ranges, site -> Range."""
    with np.load(path, allow_pickle=False) as stored:
        arrays = {name: stored[name] for name in stored.files}
    divisors = {
        name.removesuffix(".divisor"): values.astype(np.float32)
        for name, values in arrays.items()
        if name.endswith(".divisor")
    }
    rows = zip(arrays["sites"], arrays["scales"], arrays["zeros"], strict=True)
    return {
        str(site): Range(np.float32(scale), np.uint8(zero), divisors.get(str(site)))
        for site, scale, zero in rows
    }


class FloatLinear:
    """Exact float32 products."""

    def __init__(self, source: Source) -> None:
        self._source = source

    def __call__(
        self, writer: GraphWriter, tensor: str, _site: str, names: Sequence[str]
    ) -> list[str]:
        return [self._product(writer, tensor, name) for name in names]

    def _product(self, writer: GraphWriter, tensor: str, name: str) -> str:
        matrix = self._source.matrices[f"{name}.w"].dequantise().T
        product = writer.node("MatMul", [tensor, writer.constant(f"{name}.w", matrix)])
        bias = writer.constant(f"{name}.b", self._source.vectors[f"{name}.b"])
        return writer.node("Add", [product, bias])


class Int8Linear:
    """Unsigned 8-bit activations times signed 7-bit weights, one scale a column."""

    def __init__(self, source: Source, ranges: dict[str, Range]) -> None:
        self._source, self._ranges = source, ranges

    def __call__(
        self, writer: GraphWriter, tensor: str, site: str, names: Sequence[str]
    ) -> list[str]:
        chosen = self._ranges[site]
        if chosen.divisor is not None:
            factors = writer.constant(f"{site}.factor", np.float32(1) / chosen.divisor)
            tensor = writer.node("Mul", [tensor, factors])
        scale = writer.constant(f"{site}.scale", np.asarray(chosen.scale))
        zero = writer.constant(f"{site}.zero", np.asarray(chosen.zero))
        quantised = writer.node("QuantizeLinear", [tensor, scale, zero])
        return [
            self._product(writer, name, quantised, scale, zero, chosen.divisor) for name in names
        ]

    def _product(
        self,
        writer: GraphWriter,
        name: str,
        quantised: str,
        scale: str,
        zero: str,
        divisor: Floats | None,
    ) -> str:
        matrix = self._source.matrices[f"{name}.w"].dequantise().T
        if divisor is not None:
            matrix = matrix * divisor[:, None]
        values, scales = quantise_columns(matrix)
        weight = writer.constant(f"{name}.w", values)
        weight_scale = writer.constant(f"{name}.w.scale", scales)
        bias = writer.constant(f"{name}.b", self._source.vectors[f"{name}.b"])
        inputs = [quantised, weight, scale, weight_scale, zero, "", bias]
        return writer.node("MatMulIntegerToFloat", inputs, domain=CONTRIB)


def quantise_columns(matrix: Floats) -> tuple[NDArray[np.int8], Floats]:
    """Return int8 values (same shape) and one scale a column: `matrix ~ values * scales`."""
    scales = np.abs(matrix).max(axis=0) / WEIGHT_LIMIT
    scales[scales == 0] = 1
    values = np.clip(np.rint(matrix / scales), -WEIGHT_LIMIT, WEIGHT_LIMIT)
    return values.astype(np.int8), scales.astype(np.float32)

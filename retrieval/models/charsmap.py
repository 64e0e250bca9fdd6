"""Compiles a code point map into the binary form the `Precompiled` normaliser reads.

The form is SentencePiece's: the size of a double-array trie (uint32), the trie's units (uint32),
then the replacements as zero-terminated UTF-8. A trie node at position `p` with unit `u` has its
children at `p ^ offset(u) ^ byte`; a unit of label 0 below a node holds the leaf's value. The unit
layout is that of darts-clone.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass, field

_LEAF_FLAG = 1 << 8
_VALUE_FLAG = 1 << 31
_OFFSET_SHIFT = 10
_MAX_OFFSET = 1 << 21
_LOOK_BACK = 512


@dataclass(slots=True)
class _Node:
    children: dict[int, _Node] = field(default_factory=dict)
    value: int | None = None


def compile_charsmap(mapping: Mapping[str, str]) -> bytes:
    """Return the binary map that replaces each key (one or more characters) by its value."""
    blob, root = bytearray(), _Node()
    known: dict[str, int] = {}
    for key, replacement in sorted(mapping.items()):
        if replacement not in known:
            known[replacement] = len(blob)
            blob += replacement.encode() + b"\0"
        _insert(root, key.encode(), known[replacement])
    units = _DoubleArray().build(root)
    trie = struct.pack(f"<{len(units)}I", *units)
    return struct.pack("<I", len(trie)) + trie + bytes(blob)


def _insert(root: _Node, key: bytes, value: int) -> None:
    if b"\0" in key:
        raise ValueError("a key cannot hold a zero byte")
    node = root
    for byte in key:
        node = node.children.setdefault(byte, _Node())
    node.value = value


class _DoubleArray:
    def __init__(self) -> None:
        self._units: dict[int, int] = {0: 0}
        self._bases: set[int] = set()
        self._search_from = 1

    def build(self, root: _Node) -> list[int]:
        self._place(root, 0)
        # Readers follow an offset and a byte blindly, so the array covers any last byte.
        size = (max(self._units) | 0xFF) + 1
        return [self._units.get(position, 0) for position in range(size)]

    def _place(self, node: _Node, position: int) -> None:
        labels = sorted(node.children)
        base = self._free_base([0, *labels] if node.value is not None else labels)
        offset = position ^ base
        if offset >= _MAX_OFFSET:
            raise ValueError("too many keys for a short offset")
        self._units[position] |= offset << _OFFSET_SHIFT
        if node.value is not None:
            self._units[position] |= _LEAF_FLAG
            self._units[base] = node.value | _VALUE_FLAG
        for label in labels:
            self._units[base ^ label] = label
        for label in labels:
            self._place(node.children[label], base ^ label)

    def _free_base(self, labels: list[int]) -> int:
        # Two nodes never share a base: a foreign label under a shared base would look like a child.
        base = self._search_from
        while base in self._bases or any(base ^ label in self._units for label in labels):
            base += 1
        self._bases.add(base)
        self._search_from = max(self._search_from, base - _LOOK_BACK)
        return base

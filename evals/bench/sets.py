"""Public sets read from a folder; none of their sentences is kept anywhere."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from evals.bench.figures import NotMeasured

SPLIT_SEED = 13
VALIDATION = 0.25

Row = dict[str, Any]


class Split(NamedTuple):
    """Rows to learn from and rows to be scored on; `sealed` when the latter were held out."""

    train: tuple[Row, ...]
    test: tuple[Row, ...]
    sealed: bool


def rows(path: Path) -> tuple[Row, ...]:
    """Rows of a JSON-lines file.

    Raises:
        NotMeasured: the file is missing.
    """
    if not path.is_file():
        raise NotMeasured(f"{path.parent.parent.name}/{path.parent.name}/{path.name} is missing")
    with path.open(encoding="utf-8") as file:
        return tuple(json.loads(line) for line in file if line.strip())


def split(folder: Path) -> Split:
    """Learn on `dev`; score on `heldout` where it exists, else on a fixed quarter of `dev`
    (or on `dev/dev.jsonl` where training rows have a file of their own)."""
    own_train = folder / "dev" / "train.jsonl"
    dev = folder / "dev" / "dev.jsonl"
    sealed = folder / "heldout" / "test.jsonl"
    train = rows(own_train if own_train.is_file() else dev)
    if sealed.is_file():
        return Split(train, rows(sealed), True)
    if own_train.is_file() and dev.is_file():
        return Split(train, rows(dev), False)
    order = np.random.default_rng(SPLIT_SEED).permutation(len(train))
    cut = int(len(train) * VALIDATION)
    return Split(_take(train, order[cut:]), _take(train, order[:cut]), False)


def first_per_label(items: Iterable[Row], count: int) -> tuple[Row, ...]:
    """The first `count` rows of each label, in file order."""
    seen: defaultdict[str, int] = defaultdict(int)
    kept = []
    for row in items:
        seen[row["label"]] += 1
        if seen[row["label"]] <= count:
            kept.append(row)
    return tuple(kept)


def texts(items: Iterable[Row]) -> list[str]:
    """The texts of rows."""
    return [row["text"] for row in items]


def labels(items: Iterable[Row]) -> list[str]:
    """The labels of rows."""
    return [row["label"] for row in items]


def _take(items: Sequence[Row], order: Iterable[int]) -> tuple[Row, ...]:
    return tuple(items[place] for place in order)

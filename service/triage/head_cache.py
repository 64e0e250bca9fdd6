"""Keeps a trained kernel head on disk, named after everything it depends on."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from service.triage.calibration import Calibration
from service.triage.category_head import VERSION, CategoryHead
from service.triage.confidence import Confidence
from service.triage.features import BUCKETS, Centre
from service.triage.lexical import Weighing
from service.triage.ngrams import VERSION as NGRAMS
from service.triage.scope import COLUMNS, Scope

KEPT = 24
"""Heads of one name kept on disk."""

_ARRAYS = ("anchors", "dual", "lexical", "bias", "shares")


def head_key(examples: str, fingerprint: str, *precisions: float) -> str:
    """Names a head by its examples, embedder, wanted precisions and the code's version."""
    wanted = (f"{precision:.4f}" for precision in precisions)
    parts = (examples, fingerprint, VERSION, NGRAMS, str(BUCKETS), *wanted)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()[:16]


def cached_head(
    folder: Path | None, name: str, key: str, train: Callable[[], CategoryHead]
) -> CategoryHead:
    """The stored head, or a newly trained one, which is stored; a damaged file is replaced."""
    if folder is None:
        return train()
    file = folder / f"{name}-{key}.npz"
    head = _load(file)
    if head is None:
        head = train()
        _store(file, head)
        _prune(folder, name)
    else:
        with suppress(OSError):
            file.touch()
    return head


def _prune(folder: Path, name: str) -> None:
    """Every accepted example makes another head; those unused longest are forgotten."""
    files = []
    for file in folder.glob(f"{name}-*.npz"):
        with suppress(OSError):
            files.append((file.stat().st_mtime, file))
    for _, file in sorted(files, reverse=True)[KEPT:]:
        file.unlink(missing_ok=True)


def _load(file: Path) -> CategoryHead | None:
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as data:
            arrays = {name: data[name].astype(np.float32) for name in _ARRAYS}
            return CategoryHead(
                centre=Centre(data["means"]),
                weighing=Weighing(data["weighing"][0], data["weighing"][1]),
                scope=_scope(data["scope"]),
                confidence=Confidence(*map(float, data["confidence"])),
                calibration=Calibration(**json.loads(str(data["calibration"]))),
                **arrays,
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None


def _store(file: Path, head: CategoryHead) -> None:
    """Write beside the target and rename, so that a reader never sees half a file."""
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=file.parent, suffix=".npz")
    os.close(handle)
    try:
        np.savez_compressed(
            name,
            means=head.centre.means,
            weighing=np.stack(head.weighing),
            scope=_scope_array(head.scope),
            confidence=np.array(head.confidence),
            calibration=json.dumps(asdict(head.calibration)),
            **{key: getattr(head, key) for key in _ARRAYS},
        )
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _scope_array(scope: Scope | None) -> NDArray[np.float64]:
    """Mean, scale, weights and a row that starts with the bias; empty where there is none."""
    if scope is None:
        return np.empty((0, COLUMNS))
    last = np.zeros(COLUMNS)
    last[0] = scope.bias
    return np.stack([scope.mean, scope.scale, scope.weights, last])


def _scope(rows: NDArray[np.float64]) -> Scope | None:
    return Scope(rows[0], rows[1], rows[2], float(rows[3, 0])) if len(rows) else None

"""Golden cases as JSON lines; what is malformed is refused with its file and line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, cast

from pydantic import ValidationError

from evals.cases import Sample, TaskName
from evals.errors import DatasetInvalid

FOLDER = Path(__file__).parent
FILES: dict[TaskName, str] = {
    "triage": "triage.jsonl",
    "duplicates": "duplicates.jsonl",
    "themes": "themes.jsonl",
    "retrieval": "retrieval.jsonl",
    "draft": "drafts.jsonl",
    "posts": "posts.jsonl",
    "attacks": "attacks.jsonl",
    "severity": "severity.jsonl",
    "evasion": "evasion.jsonl",
    "pii": "pii.jsonl",
    "support": "support.jsonl",
    "conflicts": "conflicts.jsonl",
}

Row = dict[str, object]


class Dataset(NamedTuple):
    """Cases of one file; `hash` is the SHA-256 (hex) of its bytes; `foreign` are ids of cases left
    out because the rules searched do not hold a clause they name."""

    name: str
    hash: str
    samples: tuple[Sample, ...]
    foreign: tuple[str, ...] = ()


def load(task: TaskName, path: Path | None = None) -> Dataset:
    """Read the golden cases of a task.

    Raises:
        DatasetInvalid: the file is missing or empty, or a line is malformed, repeats an id or
            expects nothing.
    """
    path = path or FOLDER / FILES[task]
    if not path.is_file():
        raise DatasetInvalid(f"There are no golden cases for {task}: {path} is missing.")
    raw = path.read_bytes()
    samples = tuple(
        _sample(task, line, f"{path.name}, line {number}")
        for number, line in enumerate(raw.decode().splitlines(), start=1)
        if line.strip()
    )
    _check_unique(samples, path.name)
    return Dataset(path.name, hashlib.sha256(raw).hexdigest(), samples)


def _sample(task: TaskName, line: str, where: str) -> Sample:
    try:
        row = json.loads(line)
        if not isinstance(row, dict) or not isinstance(row.get("expect"), dict):
            raise DatasetInvalid(f"{where}: the case has no expectation.")
        shaped = _retrieval(row) if task == "retrieval" else _with_task(row, task, {})
        return Sample.model_validate(shaped)
    except (json.JSONDecodeError, ValidationError, KeyError) as error:
        raise DatasetInvalid(f"{where}: {_first_line(error)}") from error


def _retrieval(row: Row) -> Row:
    row = dict(row)
    if "query" in row:
        row["text"] = row.pop("query")
    return _with_task(row, "retrieval", {"none": "no_answer"})


def _with_task(row: Row, task: str, renamed: dict[str, str]) -> Row:
    expect = cast("Row", row["expect"])
    fields = {renamed.get(key, key): value for key, value in expect.items()}
    return {**row, "expect": {"task": task, **fields}}


def _first_line(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def _check_unique(samples: Sequence[Sample], name: str) -> None:
    if not samples:
        raise DatasetInvalid(f"{name} holds no cases.")
    seen: set[str] = set()
    for sample in samples:
        if sample.id in seen:
            raise DatasetInvalid(f"{name}: the id {sample.id} occurs twice.")
        seen.add(sample.id)

"""Public sets are split the same way every time, and a missing one says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.bench.figures import NotMeasured
from evals.bench.messages import made_messages
from evals.bench.sets import first_per_label, rows, split


def _write(path: Path, count: int, label: str = "a") -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = (json.dumps({"id": n, "text": f"t{n}", "label": label}) for n in range(count))
    path.write_text("\n".join(lines))


def test_a_single_dev_file_is_cut_once_and_for_all(tmp_path: Path) -> None:
    _write(tmp_path / "dev" / "dev.jsonl", 40)
    first, second = split(tmp_path), split(tmp_path)
    assert first == second
    assert (len(first.train), len(first.test), first.sealed) == (30, 10, False)
    ids = {row["id"] for row in first.train} | {row["id"] for row in first.test}
    assert len(ids) == 40, "no row is on both sides"


def test_training_rows_of_their_own_and_sealed_rows_come_first(tmp_path: Path) -> None:
    _write(tmp_path / "dev" / "train.jsonl", 8)
    _write(tmp_path / "dev" / "dev.jsonl", 5)
    assert [len(part) for part in split(tmp_path)[:2]] == [8, 5]
    _write(tmp_path / "heldout" / "test.jsonl", 3)
    sealed = split(tmp_path)
    assert (len(sealed.train), len(sealed.test), sealed.sealed) == (8, 3, True)


def test_few_shots_are_the_first_rows_of_each_label() -> None:
    given = [{"id": n, "label": "ab"[n % 2]} for n in range(10)]
    assert [row["id"] for row in first_per_label(given, 2)] == [0, 1, 2, 3]


def test_a_missing_set_is_not_measured(tmp_path: Path) -> None:
    with pytest.raises(NotMeasured, match=r"dev\.jsonl is missing"):
        rows(tmp_path / "dev" / "dev.jsonl")


def test_made_messages_differ_and_repeat_with_the_seed() -> None:
    made = made_messages(500)
    assert len(set(made)) == 500
    assert made == made_messages(500)
    assert all("{" not in text for text in made)

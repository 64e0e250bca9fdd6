"""The golden cases are whole, paired, unseen by the engines, and a broken line is refused."""

from __future__ import annotations

import json
import tomllib
from collections import Counter, defaultdict
from pathlib import Path
from typing import get_args

import pytest
from rapidfuzz import fuzz, process

import service.sample
import service.triage
from evals.cases import TaskName, TriageExpect
from evals.datasets import load
from evals.errors import DatasetInvalid

TAXONOMY = Path(service.triage.__file__).parent / "taxonomy.toml"
SAMPLE = Path(service.sample.__file__).parent / "messages.jsonl"
GRAVE = 3


def _triage() -> list[tuple[str, str, str, TriageExpect]]:
    samples = load("triage").samples
    return [(s.id, s.pair or "", s.text, s.expect) for s in samples]  # type: ignore[misc]


def _known_texts() -> list[str]:
    """What the engines learn from, and what the sample community says."""
    known = []
    for category in tomllib.loads(TAXONOMY.read_text())["category"]:
        for key in ("examples_zh", "examples_en", "counter_examples"):
            known += [text.split(" => ")[0] for text in category.get(key, [])]
    known += [json.loads(line)["text"] for line in SAMPLE.read_text().splitlines()]
    return [text.lower() for text in known]


@pytest.mark.parametrize("task", get_args(TaskName))
def test_every_line_loads_with_its_own_task(task: TaskName) -> None:
    samples = load(task).samples
    assert len(samples) >= 60
    assert {sample.task for sample in samples} == {task}


def test_triage_pairs_hold_both_languages_and_expect_the_same() -> None:
    pairs = defaultdict(list)
    for sample in load("triage").samples:
        pairs[sample.pair].append(sample)
    assert len(pairs) >= 170
    for name, (zh, en) in pairs.items():
        assert (zh.lang, en.lang) == ("zh", "en"), name
        assert zh.expect == en.expect, name


def test_triage_covers_every_category_and_the_grave_cases() -> None:
    ids = {c["id"] for c in tomllib.loads(TAXONOMY.read_text())["category"]}
    expects = [expect for *_, expect in _triage()]
    seen = Counter(name for expect in expects for name in expect.categories)
    assert set(seen) == ids
    assert min(seen.values()) >= 14
    assert sum(bool(e.abstain) for e in expects) >= 20
    assert sum(e.min_severity is not None and e.min_severity >= GRAVE for e in expects) >= 40


def test_no_triage_case_repeats_what_the_engines_learnt() -> None:
    known = _known_texts()
    for case_id, _, text, expect in _triage():
        if len(text) >= 8 and not expect.abstain:
            best = process.extractOne(text.lower(), known, scorer=fuzz.ratio)
            assert best[1] < 75, f"{case_id} is too near to {best[0]!r}"


def _write(path: Path, *rows: object) -> Path:
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


GOOD = {"id": "a", "lang": "zh", "text": "你好", "expect": {"categories": ["chat"]}}


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"id": "a", "lang": "zh", "text": "你好"}, "no expectation"),
        ({**GOOD, "expect": {"sentiment": "neutral"}}, "must expect a category"),
        ({**GOOD, "expect": {"categories": ["chat"], "abstain": True}}, "cannot expect"),
        ({**GOOD, "expect": {"categories": ["chat"], "mood": "x"}}, "mood"),
        ({**GOOD, "lang": "fr"}, "lang"),
    ],
)
def test_a_broken_case_is_refused_with_its_line(tmp_path: Path, row: object, reason: str) -> None:
    path = _write(tmp_path / "made.jsonl", {**GOOD, "id": "b"}, row)
    with pytest.raises(DatasetInvalid, match=f"line 2.*{reason}"):
        load("triage", path)


def test_a_repeated_id_an_empty_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="occurs twice"):
        load("triage", _write(tmp_path / "twice.jsonl", GOOD, GOOD))
    with pytest.raises(DatasetInvalid, match="no cases"):
        load("triage", _write(tmp_path / "empty.jsonl"))
    with pytest.raises(DatasetInvalid, match="missing"):
        load("triage", tmp_path / "none.jsonl")

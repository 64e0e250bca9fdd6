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
from evals.cases import DraftExpect, RetrievalExpect, TaskName, TriageExpect
from evals.datasets import load
from evals.errors import DatasetInvalid
from evals.sample_rules import sample_clauses
from service.domain.base import Lang
from service.drafting.kinds import load_kinds

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
    assert len(samples) >= 46
    assert {sample.task for sample in samples} == {task}


def test_triage_pairs_hold_both_languages_and_expect_the_same() -> None:
    pairs = defaultdict(list)
    for sample in load("triage").samples:
        pairs[sample.pair].append(sample)
    assert len(pairs) >= 320
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


def test_triage_tells_ordinary_talk_from_what_was_sought_for_difficulty() -> None:
    samples = load("triage").samples
    drawn = Counter(sample.drawn for sample in samples)
    assert set(drawn) == {"random", "hard"}
    assert drawn["random"] >= 150
    tags = Counter(tag for sample in samples for tag in sample.tags)
    assert min(tags[tag] for tag in ("hard_negative", "multi", "injected")) >= 16


def test_every_disguise_has_a_harmless_twin_of_its_own() -> None:
    samples = {sample.id: sample for sample in load("evasion").samples}
    disguised = [s for s in samples.values() if not {"plain", "benign"} & set(s.tags)]
    assert len(disguised) >= 200
    twins = [samples[str(sample.twin)] for sample in disguised]
    assert len({twin.id for twin in twins}) == len(twins)
    for sample, twin in zip(disguised, twins, strict=True):
        assert twin.tags == ("benign",), sample.id
        assert twin.lang is sample.lang, sample.id


def test_questions_over_the_rules_ask_about_clauses_that_exist() -> None:
    samples = load("retrieval").samples
    known = {clause.id for clause in sample_clauses()}
    expects = [s.expect for s in samples if isinstance(s.expect, RetrievalExpect)]
    assert len(samples) == len(expects) >= 260
    assert {clause for expect in expects for clause in expect.clauses} <= known
    assert sum(expect.no_answer for expect in expects) >= 40
    assert len({sample.text for sample in samples}) == len(samples)


@pytest.mark.parametrize("task", ["retrieval", "themes", "evasion"])
def test_no_other_case_repeats_the_sample_community(task: TaskName) -> None:
    known = [text for text in _known_texts() if len(text) >= 8]
    for sample in load(task).samples:
        if len(sample.text) >= 8:
            best = process.extractOne(
                sample.text.lower(), known, scorer=fuzz.ratio, score_cutoff=85
            )
            assert best is None, f"{sample.id} is too near to {best[0]!r}"


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


@pytest.mark.parametrize("task", get_args(TaskName))
def test_a_case_of_any_task_without_an_expectation_is_refused(
    tmp_path: Path, task: TaskName
) -> None:
    bare = {"id": "a", "lang": "zh", "text": "你好"}
    with pytest.raises(DatasetInvalid, match=r"line 1.*no expectation"):
        load(task, _write(tmp_path / "made.jsonl", bare))


@pytest.mark.parametrize(
    "task", ["triage", "duplicates", "themes", "retrieval", "draft", "severity", "pii", "support"]
)
def test_an_empty_expectation_is_refused(tmp_path: Path, task: TaskName) -> None:
    empty = {"id": "a", "lang": "zh", "text": "你好", "expect": {}}
    with pytest.raises(DatasetInvalid, match="line 1"):
        load(task, _write(tmp_path / "made.jsonl", empty))


def test_a_repeated_id_an_empty_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetInvalid, match="occurs twice"):
        load("triage", _write(tmp_path / "twice.jsonl", GOOD, GOOD))
    with pytest.raises(DatasetInvalid, match="no cases"):
        load("triage", _write(tmp_path / "empty.jsonl"))
    with pytest.raises(DatasetInvalid, match="missing"):
        load("triage", tmp_path / "none.jsonl")


WRITTEN: tuple[TaskName, ...] = ("draft", "posts", "attacks")


@pytest.mark.parametrize("task", WRITTEN)
def test_no_written_case_repeats_the_sample_or_the_taxonomy(task: TaskName) -> None:
    known = _known_texts()
    for case in load(task).samples:
        if len(case.text) >= 8:
            best = process.extractOne(case.text.lower(), known, scorer=fuzz.ratio)
            assert best[1] < 75, f"{case.id} is too near to {best[0]!r}"


@pytest.mark.parametrize(("task", "least"), [("draft", 260), ("posts", 84), ("attacks", 210)])
def test_written_cases_are_enough_and_balanced(task: TaskName, least: int) -> None:
    langs = Counter(sample.lang for sample in load(task).samples)
    assert langs.total() >= least
    assert min(langs.values()) >= 0.45 * langs.total()


def test_posts_cover_every_kind_in_both_languages() -> None:
    seen = Counter((s.post.kind, s.lang) for s in load("posts").samples if s.post)
    assert set(seen) == {(kind.id, lang) for kind in load_kinds() for lang in Lang}
    assert min(seen.values()) >= 2


def test_drafts_cite_clauses_that_exist_and_forbid_nothing_these_say() -> None:
    texts = {clause.id: clause.text.casefold() for clause in sample_clauses()}
    for case in load("draft").samples:
        assert isinstance(case.expect, DraftExpect)
        for clause in case.expect.cite:
            said = [word for word in case.expect.must_not_say if word.casefold() in texts[clause]]
            assert not said, case.id


def test_attacks_have_twins_in_the_other_language_and_harmless_ones() -> None:
    pairs = Counter(sample.pair for sample in load("attacks").samples)
    assert set(pairs.values()) == {2}
    benign = [s for s in load("attacks").samples if "benign" in s.tags]
    assert len(benign) >= 60

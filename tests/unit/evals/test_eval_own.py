"""A community's own cases run beside the golden ones and stay out of their figures."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from rich.console import Console

from evals import suite
from evals.candidate import Pair, judge
from evals.cases import (
    DraftAnswer,
    DraftExpect,
    RetrievalExpect,
    Sample,
    TaskName,
    TriageExpect,
)
from evals.compare import compare
from evals.datasets import Dataset, load
from evals.errors import DatasetInvalid, EvalError
from evals.model import OVERALL, OWN, EvalRun
from evals.own import beside, load_own, own_file
from evals.parity import gap_of
from evals.registry import Registry
from evals.report.page import render_page
from evals.report.terminal import print_runs
from evals.sample_rules import clauses_at
from evals.score import score_run
from evals.subject import Subject
from evals.thresholds import TaskBars, Thresholds
from evals.trial import own_of
from service.domain.base import Lang
from service.domain.draft import Origin, RefusalKind

GOOD = {
    "id": "smp_1", "lang": "en", "text": "Love it", "expect": {"categories": ["praise"]}
}  # fmt: skip
ASKED = {
    "id": "smp_2", "lang": "zh", "query": "能退吗", "expect": {"clauses": ["membership#3.1"]}
}  # fmt: skip


def write(folder: Path, name: str, *rows: dict[str, object]) -> Path:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def test_a_folder_gives_each_task_its_file(tmp_path: Path) -> None:
    file = write(tmp_path, "triage.jsonl", GOOD)
    tasks: tuple[TaskName, ...] = ("triage", "retrieval")
    assert own_file(tmp_path, "triage", tasks) == file
    assert own_file(tmp_path, "retrieval", tasks) is None
    assert own_file(file, "triage", ("triage",)) == file
    with pytest.raises(EvalError, match="--task"):
        own_file(file, "triage", tasks)
    with pytest.raises(EvalError, match=r"drafts\.jsonl"):
        own_file(tmp_path, "draft", ("draft",))
    with pytest.raises(EvalError, match="no own cases"):
        own_file(tmp_path / "none", "triage", ("triage",))


def test_a_case_that_expects_nothing_is_refused(tmp_path: Path) -> None:
    file = write(tmp_path, "triage.jsonl", GOOD | {"expect": {}})
    with pytest.raises(DatasetInvalid):
        load_own("triage", file, ())


def test_cases_of_other_rules_are_left_out_and_named(tmp_path: Path) -> None:
    none = ASKED | {"id": "smp_3", "expect": {"none": True}}
    named = ASKED | {"id": "smp_4", "expect": {"clauses": ["other#1"]}}
    file = write(tmp_path, "retrieval.jsonl", ASKED, none, named)
    found = load_own("retrieval", file, {"other#1"})
    assert [one.id for one in found.samples] == ["smp_4"]
    assert found.foreign == ("smp_2", "smp_3"), "what other rules leave open, these may answer"
    assert load_own("retrieval", file, {"membership#3.1", "other#1"}).foreign == ()


def test_both_sets_as_one(tmp_path: Path) -> None:
    golden = load("triage")
    own = load_own("triage", write(tmp_path, "triage.jsonl", GOOD), ())
    both = beside(golden, own)
    assert both.samples[:-1] == golden.samples
    assert both.samples[-1].own
    assert (both.hash, both.name) != (golden.hash, golden.name)
    clash = write(tmp_path, "triage.jsonl", GOOD | {"id": golden.samples[0].id})
    with pytest.raises(DatasetInvalid, match="golden"):
        beside(golden, load_own("triage", clash, ()))


@pytest.fixture
def mixed(helpers: SimpleNamespace) -> EvalRun:
    """Twenty golden cases, all right; four own ones, all wrong."""
    samples = [helpers.sample(number) for number in range(24)]
    samples[20:] = [one.model_copy(update={"own": True}) for one in samples[20:]]
    answers = [helpers.answer("praise")] * 20 + [helpers.answer("complaint")] * 4
    return cast("EvalRun", helpers.run(samples, answers))


def test_own_cases_are_a_slice_of_their_own(mixed: EvalRun, found: Registry) -> None:
    for metric in ("top1", "label_f1", "ece", "answered"):
        whole, own = mixed.figure(metric), mixed.figure(metric, OWN)
        assert whole is not None
        assert own is not None
        assert (whole.n, own.n) == (20, 4), metric
    without = mixed.model_copy(
        update={"samples": mixed.samples[:20], "outputs": mixed.outputs[:20]}
    )
    bare = score_run(without, found)
    golden = [figure for figure in mixed.figures if not figure.slice.startswith(OWN)]
    assert golden == list(bare.figures), "not a golden figure moved"
    for metric in ("top1", "label_f1"):
        assert gap_of(mixed, metric, found) == gap_of(bare, metric, found)


WORDED = DraftExpect(must_not_say=("保证",))
CITING = DraftExpect(cite=("r#1",))
REPLY = DraftAnswer(
    text="好的", cited=("r#2",), context=("r#2",), refusal=RefusalKind.NO_RULE,
    origin=Origin.MODEL, lang=Lang.ZH, member_pii=(), findings=(),
)  # fmt: skip


@pytest.mark.parametrize(
    ("expect", "answer", "metric", "golden", "own"),
    [
        (WORDED, REPLY, "cite_precision", 0, None),
        (WORDED, REPLY, "answered_when_due", 0, None),
        (WORDED, REPLY, "must_not_say", 1, 1),
        (CITING, REPLY, "answered_when_due", 0, 0),
        (CITING, REPLY, "cite_precision", 0, 0),
        (TriageExpect(categories=("praise",)), None, "calm", 0, None),
    ],
)
def test_a_case_of_people_s_says_only_what_they_said(
    helpers: SimpleNamespace,
    found: Registry,
    expect: DraftExpect,
    answer: DraftAnswer | None,
    metric: str,
    golden: float,
    own: float | None,
) -> None:
    given = answer or helpers.answer("praise", severity=4)
    for marked, wanted in ((False, golden), (True, own)):
        sample = Sample(id="c", lang=Lang.ZH, text="好的吧", expect=expect, own=marked)
        scores = helpers.run([sample], [given]).scores
        assert next(one.value for one in scores if one.metric == metric) == wanted


def test_an_own_case_that_got_worse_is_listed(mixed: EvalRun, found: Registry) -> None:
    right = mixed.outputs[0].answer
    outputs = tuple(one.model_copy(update={"answer": right}) for one in mixed.outputs)
    before = score_run(mixed.model_copy(update={"outputs": outputs}), found)
    comparison = compare(before, mixed, found)
    assert {one.sample_id for one in comparison.regressions} == {f"case-{n}" for n in range(20, 24)}
    moved = {delta.slice for delta in comparison.deltas if delta.difference < 0}
    assert OWN in moved
    assert OVERALL not in moved


BARS = Thresholds(tasks={"triage": TaskBars(regression=("top1",))})


@pytest.mark.parametrize(
    ("own", "worse", "better", "state"),
    [
        (4, 4, 0, "inconclusive"),
        (5, 5, 0, "fail"),
        (20, 1, 0, "pass"),
        (20, 3, 0, "inconclusive"),
        (20, 8, 6, "pass"),
        (20, 0, 9, "pass"),
    ],
)
def test_what_people_grew_must_not_be_lost(
    helpers: SimpleNamespace, found: Registry, own: int, worse: int, better: int, state: str
) -> None:
    samples = [helpers.sample(n).model_copy(update={"own": n >= 20}) for n in range(20 + own)]
    same, right, wrong = own - worse - better, helpers.answer("praise"), helpers.answer("chat")
    golden = [right] * 20
    before = helpers.run(samples, [*golden, *[right] * (worse + same), *[wrong] * better])
    after = helpers.run(samples, [*golden, *[wrong] * worse, *[right] * (same + better)])
    verdict = judge([Pair(before, after)], BARS, found)
    (check,) = (one for one in verdict.checks if one.name == "own cases")
    assert (check.state, verdict.state) == (state, state)
    assert f"{worse} of {own} went worse, {better} better" in check.detail
    assert check.detail.endswith(f": case-{20 + worse - 1}") == (worse == 1)


def test_own_cases_do_not_count_among_the_golden_slices(mixed: EvalRun, found: Registry) -> None:
    verdict = judge([Pair(mixed, mixed)], BARS, found)
    names = [one.name for one in verdict.checks if one.kind == "regression"]
    assert names == ["top1 (all)", "top1 (lang:en)", "top1 (lang:zh)", "own cases"]


def test_a_folder_without_cases_of_the_subject_is_as_good_as_none(tmp_path: Path) -> None:
    write(tmp_path, "retrieval.jsonl", ASKED)
    assert own_of(tmp_path, Subject.parse("bank")) is None
    assert own_of(tmp_path, Subject.parse("thresholds")) == tmp_path
    assert own_of(None, Subject.parse("bank")) is None


def test_reports_show_them_apart(mixed: EvalRun) -> None:
    manifest = mixed.manifest.model_copy(update={"foreign": ("smp_9",)})
    run = mixed.model_copy(update={"manifest": manifest})
    out = io.StringIO()
    print_runs([run], Console(file=out, width=160))
    assert "triage: 20 cases" in out.getvalue()
    assert "own 4 cases" in out.getvalue()
    assert "smp_9" in out.getvalue()
    assert "The community's own cases" in render_page([run], None)


def test_the_plan_runs_all_of_them_whatever_it_draws(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [ASKED | {"id": f"smp_{n}", "expect": {"none": True}} for n in range(5)]
    asked: list[Dataset] = []

    def keep(name: TaskName, dataset: Dataset, *_: object) -> EvalRun:
        asked.append(dataset)
        return cast("EvalRun", None)

    monkeypatch.setattr(suite, "run_cases", keep)
    plan = suite.Plan(
        tmp_path,
        cast("object", None),
        limit=3,
        own=write(tmp_path, "mine.jsonl", *rows),  # type: ignore[arg-type]
    )
    nothing = cast("tuple[None, None]", (None, None))
    suite.run_suite(["retrieval"], *nothing, plan, None)  # type: ignore[arg-type]
    (dataset,) = asked
    own = [one for one in dataset.samples if one.own]
    assert (len(own), len(dataset.samples)) == (5, 8)
    assert all(isinstance(one.expect, RetrievalExpect) for one in cast("list[Sample]", own))
    rules = tmp_path / "rules"
    rules.mkdir()
    (rules / "a.md").write_text("---\nslug: club\nkind: rules\nlang: en\n---\n# Club\n\nBe kind.\n")
    first = (clauses_at(folder)[0].id for folder in (None, rules))
    named = (ASKED | {"id": f"smp_{c}", "expect": {"clauses": [c]}} for c in first)
    both = replace(plan, own=write(tmp_path, "both.jsonl", *named), rules=(None, rules))
    suite.run_suite(["retrieval"], *nothing, both, None)  # type: ignore[arg-type]
    assert asked[-1].foreign == ()
    suite.run_suite(["retrieval"], *nothing, replace(both, rules=(rules,)), None)  # type: ignore[arg-type]
    assert asked[-1].foreign == (f"smp_{clauses_at(None)[0].id}",)

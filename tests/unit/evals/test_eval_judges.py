"""Stored answers judged by a model: kept, resumed, shown, and counted only where people agree."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from typer.testing import CliRunner

from evals import cli
from evals.answer_cache import AnswerCache
from evals.asking import Manner
from evals.cases import DraftAnswer, DraftExpect, Sample
from evals.cases_written import PostsAnswer, PostsExpect
from evals.compare import compare
from evals.errors import DatasetInvalid, EvalError, RunMismatch
from evals.gate import gate
from evals.judges.cli import judge_run, prefer
from evals.judges.golden import golden_texts
from evals.judges.trust import load_agreements
from evals.model import Check, EvalRun
from evals.registry import Registry
from evals.report.page import render_page
from evals.sample_rules import sample_clauses
from evals.store import load_run, save_run
from evals.suite import store_baseline
from evals.thresholds import TaskBars, Thresholds
from evals.wiring import Engines
from service.domain.base import Lang
from service.domain.draft import Origin
from service.domain.llm import ChatReply, ChatRequest
from service.domain.quality import Agreement, Estimate, Sides
from service.errors import NotFound, TransientProviderError
from service.ports.models import OnDelta
from service.quality.rubrics import load_rubrics
from service.triage.build import build_redactor

BARS = Thresholds(tasks={"draft": TaskBars(at_least={"answered": 1.0}, judged={"grounded": 0.6})})
Says = Callable[[str], dict[str, object] | Exception]


class Chat:
    """A judge by a function of what it is shown."""

    name = "made"

    def __init__(self, says: Says) -> None:
        self.says, self.seen = says, cast("list[str]", [])

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        self.seen.append(request.messages[-1].content)
        said = self.says(self.seen[-1])
        if isinstance(said, Exception):
            raise said
        return ChatReply(data=said, model=self.name, prompt_tokens=1, completion_tokens=1)


def strict(text: str) -> dict[str, object]:
    """Knows the golden texts; of the answers it lets all but the bad pass."""
    bad = [one.material.answer for one in golden_texts() if not one.passes]
    failing = "bad" in text or any(answer in text for answer in bad)
    return {"reason": "r", "value": 2 if failing else 1}


def engines(chat: Chat | None) -> Engines:
    parts = {
        "chat": chat,
        "settings": {"llm": "made"},
        "redactor": build_redactor(),
        "community": SimpleNamespace(id="acme"),
    }
    return cast("Engines", SimpleNamespace(**parts))


def draft_run(helpers: SimpleNamespace, texts: Sequence[str], run_id: str = "run") -> EvalRun:
    clause = sample_clauses()[0].id
    samples = [
        Sample(
            id=f"d{n}",
            lang=Lang.EN if n % 2 else Lang.ZH,
            text=f"Call 13812345678, number {n}!",
            expect=DraftExpect(cite=(clause,)),
        )
        for n in range(len(texts))
    ]
    answers = [
        DraftAnswer(
            text=text,
            cited=(clause,),
            context=(clause,),
            origin=Origin.TEMPLATE,
            lang=sample.lang,
            member_pii=(),
            findings=(),
        )
        for sample, text in zip(samples, texts, strict=True)
    ]
    run: EvalRun = helpers.run(samples, answers, run_id)
    return run


@pytest.fixture
def stored(helpers: SimpleNamespace, tmp_path: Path) -> Path:
    """Twenty replies, one of them bad."""
    folder = tmp_path / "run"
    save_run(draft_run(helpers, ["bad"] + ["fine"] * 19), folder / "run.json")
    return folder


def believed(run: EvalRun, low: float = 0.7, n: int = 60) -> tuple[Agreement, ...]:
    kappa = Estimate(value=0.8, low=low, high=0.9, n=n)
    return tuple(
        Agreement(
            rubric=words.rubric,
            lang=words.lang,
            sides=Sides.JUDGE,
            judge=words.judge,
            kappa=kappa,
            same=kappa,
            may_gate=True,
        )
        for words in run.judged
    )


def judge_states(checks: Sequence[Check]) -> dict[tuple[str, str], str]:
    return {(c.kind, c.name): c.state for c in checks if c.name.startswith("judge_")}


def test_verdicts_stand_beside_the_run_and_give_a_measure(stored: Path) -> None:
    chat = Chat(strict)
    done = judge_run(stored, "grounded", engines(chat), Manner())
    figures = [done.figure("judge_grounded", name) for name in ("all", "lang:zh", "lang:en")]
    assert [(f.value, f.n) for f in figures if f] == [(0.95, 20), (0.9, 10), (1, 10)]
    assert load_run(stored).judged == done.judged
    words = done.judged[0]
    rubric = next(one for one in load_rubrics() if one.id == "grounded")
    assert (words.rubric_version, words.rubric_hash, words.model) == (1, rubric.hash, "made")
    assert words.judge.startswith(f"grounded@1:{rubric.hash[:8]}/{words.prompt_hash[:8]}/made")
    assert sample_clauses()[0].text in chat.seen[0], "clauses are looked up"
    assert not any("13812345678" in text for text in chat.seen)
    assert sum("bad\n" in text for text in chat.seen) == 2, "a failing value is confirmed"


def test_a_post_is_judged_by_the_ground_it_had(helpers: SimpleNamespace, tmp_path: Path) -> None:
    sample = Sample(id="p", lang=Lang.ZH, text="周报", expect=PostsExpect(must_say=("12",)))
    answer = PostsAnswer(
        text="本周12人参加。",
        ground="报名人数 12\n联系电话 13812345678",
        cited=(),
        context=(),
        origin=Origin.TEMPLATE,
        max_chars=100,
        disclosure="",
        support=(),
        findings=(),
    )
    path, chat = tmp_path / "posts.json", Chat(strict)
    save_run(helpers.run([sample], [answer]), path)
    done = judge_run(path, "language", engines(chat), Manner())
    assert (chat.seen[0].count("报名人数 12"), chat.seen[0].count("13812345678")) == (1, 0)
    assert [one.lang for one in done.judged] == [Lang.ZH], "no case, no judge in English"
    assert load_run(path).judged == done.judged


def test_what_was_judged_is_not_asked_again_and_the_lost_are(
    stored: Path, helpers: SimpleNamespace, tmp_path: Path
) -> None:
    away = Chat(
        lambda text: TransientProviderError("away") if "number 3!" in text else strict(text)
    )
    done = judge_run(stored, "grounded", engines(away), Manner())
    lost = [one for one in done.scores if one.metric == "judge_grounded" and one.unscored]
    assert [(one.sample_id, one.unscored) for one in lost] == [
        ("d3", "judge away: TransientProviderError: away")
    ]
    again = Chat(strict)
    whole = judge_run(stored, "grounded", engines(again), Manner()).figure("judge_grounded")
    assert len(again.seen) == 1
    assert whole is not None
    assert whole.n == 20
    save_run(draft_run(helpers, ["new"] + ["fine"] * 19), stored / "run.json")
    judge_run(stored, "grounded", engines(again), Manner())
    assert len(again.seen) == 2, "a changed answer is asked about"


def test_the_cache_answers_another_run_and_confirms_nothing_by_itself(
    stored: Path, helpers: SimpleNamespace, tmp_path: Path
) -> None:
    how = Manner(cache=AnswerCache(tmp_path / "cache"))
    first, second = Chat(strict), Chat(strict)
    judge_run(stored, "grounded", engines(first), how)
    assert sum("bad\n" in text for text in first.seen) == 2
    other = tmp_path / "other" / "run.json"
    save_run(draft_run(helpers, ["bad"] + ["fine"] * 19), other)
    assert judge_run(other, "grounded", engines(second), how).judged == load_run(stored).judged
    assert second.seen == []


def test_a_value_outside_the_scale_is_unscored(stored: Path) -> None:
    done = judge_run(stored, "tone", engines(Chat(lambda _: {"value": 9})), Manner(), limit=2)
    scores = [one for one in done.scores if one.metric == "judge_tone"]
    assert {one.unscored for one in scores} == {"the judge gave no value"}
    assert len(scores) == 4, "two a language"


def test_only_a_trusted_judge_counts(stored: Path, found: Registry) -> None:
    run = judge_run(stored, "grounded", engines(Chat(strict)), Manner())
    for known in ((), believed(run, low=0.59), believed(run, n=49)):
        verdict = gate([run], {"draft": run}, BARS, found, known)
        assert not judge_states(verdict.checks)
        assert [
            words.judge in line for words, line in zip(run.judged, verdict.ignored, strict=True)
        ]
        assert "judge_grounded (lang:zh)" in verdict.ignored[0]
    verdict = gate([run], {"draft": run}, BARS, found, believed(run))
    assert verdict.ignored == ()
    assert set(judge_states(verdict.checks).values()) == {"pass"}
    assert len(judge_states(verdict.checks)) == 8, "golden texts, complete, bar, no loss; zh and en"


def test_a_trusted_judge_turns_the_gate_red(
    stored: Path, helpers: SimpleNamespace, found: Registry, tmp_path: Path
) -> None:
    before = judge_run(stored, "grounded", engines(Chat(strict)), Manner())
    worse = tmp_path / "worse" / "run.json"
    save_run(draft_run(helpers, ["bad"] * 20), worse)
    after = judge_run(worse, "grounded", engines(Chat(strict)), Manner())
    states = judge_states(gate([after], {"draft": before}, BARS, found, believed(after)).checks)
    for lang in Lang:
        assert states["bar", f"judge_grounded (lang:{lang})"] == "fail"
        assert states["regression", f"judge_grounded (lang:{lang})"] == "fail"
    deltas = {one.metric for one in compare(before, after, found).deltas}
    assert "judge_grounded" in deltas


def test_the_command_line_counts_a_judge_by_the_file_given(stored: Path, tmp_path: Path) -> None:
    run = judge_run(stored, "grounded", engines(Chat(strict)), Manner())
    bars, people, junit = (tmp_path / name for name in ("bars.toml", "people.json", "junit.xml"))
    bars.write_text("[tasks.draft.judged]\ngrounded = 0.99\n")
    items = [one.model_dump(mode="json") for one in believed(run)]
    people.write_text(json.dumps({"items": items}))
    store_baseline(run, tmp_path / "baselines")
    asked = ["gate", str(stored), "--thresholds", str(bars), "--junit", str(junit)]
    asked += ["--baselines", str(tmp_path / "baselines")]
    alone = CliRunner().invoke(cli.app, asked)
    assert alone.exit_code == 0, alone.output
    assert "ignored: draft judge_grounded (lang:zh)" in alone.output
    assert junit.read_text().count("<skipped") == 2
    counted = CliRunner().invoke(cli.app, [*asked, "--agreement", str(people)])
    assert counted.exit_code == 1, counted.output
    assert "ignored" not in counted.output
    pair = ["compare", str(stored), str(stored), "--thresholds", str(bars)]
    same = CliRunner().invoke(cli.app, [*pair, "--agreement", str(people)])
    assert same.exit_code == 0, "a bar that production misses as well holds nobody up"


def test_reports_name_judges_and_those_ignored(stored: Path, found: Registry) -> None:
    run = judge_run(stored, "grounded", engines(Chat(strict)), Manner())
    verdict = gate([run], {"draft": run}, BARS, found)
    page = render_page([run], verdict)
    assert f"judge_grounded (zh) is the word of the judge {run.judged[0].judge}." in page
    assert f"ignored: {verdict.ignored[0]}" in page


def test_two_judges_are_two_measures(stored: Path, found: Registry) -> None:
    one = judge_run(stored, "grounded", engines(Chat(strict)), Manner())
    chat = Chat(strict)
    chat.name = "another"
    other = judge_run(stored, "grounded", engines(chat), Manner())
    assert [words.model for words in other.judged] == ["another"] * 2
    assert "judge_grounded" not in {d.metric for d in compare(one, other, found).deltas}


def test_a_preference_holds_in_both_orders(
    stored: Path, helpers: SimpleNamespace, tmp_path: Path
) -> None:
    other = tmp_path / "other" / "run.json"
    save_run(draft_run(helpers, ["better"] * 10 + ["fine"] * 10, "second"), other)

    def better(text: str) -> dict[str, object]:
        if "number 2!" in text:
            return {"better": "first"}
        return {"better": "first" if "better\n</first" in text else "second"}

    chat = Chat(better)
    said = prefer(other, stored, "answers", engines(chat), Manner())
    whole = said.wins[0]
    assert (whole.won, whole.lost, whole.ties, whole.failed) == (9, 0, 11, 0)
    assert (whole.rate.value, whole.rate.n) == (1, 9)
    assert whole.rate.low is not None
    assert whole.rate.low < 0.75
    assert len(chat.seen) == 20, "the same answers are a tie without a question"
    kept = json.loads((other.parent / "judged" / "answers-against-run.json").read_text())
    assert kept["judges"].keys() == {"zh", "en"}
    assert sum(one["better"] == "run" for one in kept["found"]) == 9


def test_golden_texts_are_whole_and_paired() -> None:
    texts = golden_texts()
    for rubric in load_rubrics():
        for lang in Lang:
            mine = [one for one in texts if (one.rubric, one.lang) == (rubric.id, lang)]
            assert [one.passes for one in mine].count(True) == 3
            assert [one.passes for one in mine].count(False) == 3
    assert len({one.material.answer for one in texts}) == len(texts)


def test_what_cannot_be_judged_is_said(
    stored: Path, helpers: SimpleNamespace, tmp_path: Path
) -> None:
    with pytest.raises(EvalError, match="HUIYIN_LLM__BASE_URL"):
        judge_run(stored, "grounded", engines(None), Manner())
    with pytest.raises(NotFound):
        judge_run(stored, "beauty", engines(Chat(strict)), Manner())
    with pytest.raises(EvalError, match="judges triages"):
        judge_run(stored, "triage", engines(Chat(strict)), Manner())
    triage = tmp_path / "triage.json"
    save_run(helpers.run([helpers.sample(0)], [helpers.answer("praise")]), triage)
    with pytest.raises(EvalError, match="draft or posts"):
        judge_run(triage, "grounded", engines(Chat(strict)), Manner())
    run = load_run(stored)
    versions = run.manifest.versions | {"corpus": "other"}
    manifest = run.manifest.model_copy(update={"versions": versions})
    save_run(run.model_copy(update={"manifest": manifest}), stored / "run.json")
    with pytest.raises(RunMismatch, match="other rules"):
        judge_run(stored, "grounded", engines(Chat(strict)), Manner())


def test_an_export_of_agreement_is_read_and_nothing_else(stored: Path, tmp_path: Path) -> None:
    run = judge_run(stored, "grounded", engines(Chat(strict)), Manner(), limit=1)
    given = [one.model_dump(mode="json") for one in believed(run)]
    path = tmp_path / "agreement.json"
    for content in (given, {"items": given}):
        path.write_text(json.dumps(content))
        assert load_agreements(path) == believed(run)
    for content in ("{}", '{"items": [1]}', "nothing"):
        path.write_text(content)
        with pytest.raises(EvalError, match="no export of agreement"):
            load_agreements(path)
    path.write_text('{"id": "x"}\n')
    with pytest.raises(DatasetInvalid):
        golden_texts(path)

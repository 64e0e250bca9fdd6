"""Trusted judges are heard about a candidate; people get stored answers to label, blind."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest
from typer.testing import CliRunner

from evals import cli
from evals.asking import Manner
from evals.candidate import Pair, judge
from evals.cases import DraftAnswer, DraftExpect, Sample
from evals.errors import EvalError
from evals.judges.golden import golden_texts
from evals.judges.jury import NO_MODEL, NOBODY, Jury, heard
from evals.model import EvalRun
from evals.registry import Registry
from evals.sample_rules import sample_clauses
from evals.store import load_run, save_run
from evals.thresholds import TaskBars, Thresholds
from evals.wiring import Engines
from service.domain.base import Lang
from service.domain.draft import Origin
from service.domain.labelling import NewItem
from service.domain.llm import ChatReply, ChatRequest
from service.domain.quality import Agreement, Estimate, Sides
from service.errors import NotFound
from service.triage.build import build_redactor

BARS = Thresholds(tasks={"draft": TaskBars(judged={"grounded": 0.9})})


class Strict:
    """A judge that knows the golden texts and fails what says `bad`."""

    name = "made"

    def __init__(self) -> None:
        self.asked = 0

    async def complete(self, request: ChatRequest, *, on_delta: object = None) -> ChatReply:
        self.asked += 1
        text = request.messages[-1].content
        known = [one.material.answer for one in golden_texts() if not one.passes]
        value = 2 if "bad" in text or any(answer in text for answer in known) else 1
        data: dict[str, object] = {"reason": "r", "value": value}
        return ChatReply(data=data, model=self.name, prompt_tokens=1, completion_tokens=1)


def _engines(chat: Strict | None) -> Engines:
    parts = {
        "chat": chat,
        "settings": {"llm": "made"},
        "redactor": build_redactor(),
        "community": SimpleNamespace(id="acme"),
    }
    return cast("Engines", SimpleNamespace(**parts))


def _run(helpers: SimpleNamespace, texts: Sequence[str], run_id: str) -> EvalRun:
    clause = sample_clauses()[0].id
    samples, answers = [], []
    for number, text in enumerate(texts):
        expect = DraftExpect(cite=(clause,))
        asked = f"请打 13812345678，第{number}问"
        samples.append(Sample(id=f"d{number}", lang=Lang.ZH, text=asked, expect=expect))
        answers.append(
            DraftAnswer(
                text=text,
                cited=(clause,),
                context=(clause,),
                origin=Origin.MODEL,
                lang=Lang.ZH,
                member_pii=(),
                findings=(),
            )
        )
    run: EvalRun = helpers.run(samples, answers, run_id)
    return run


@pytest.fixture
def stored(helpers: SimpleNamespace, tmp_path: Path) -> tuple[Pair, tuple[Path, Path]]:
    """Production, and a candidate that got four of twenty texts wrong."""
    pair = Pair(
        _run(helpers, [f"好 {n}" for n in range(20)], "before"),
        _run(helpers, [f"bad {n}" if n < 4 else f"好 {n}" for n in range(20)], "after"),
    )
    paths = (tmp_path / "before", tmp_path / "after")
    for run, path in zip(pair, paths, strict=True):
        save_run(run, path / "run.json")
    return pair, paths


def _believed(judge_id: str, low: float = 0.7) -> tuple[Agreement, ...]:
    kappa = Estimate(value=0.8, low=low, high=0.9, n=60)
    given = {"rubric": "grounded", "lang": Lang.ZH, "sides": Sides.JUDGE, "judge": judge_id}
    return (Agreement(**given, kappa=kappa, same=kappa, may_gate=True),)  # type: ignore[arg-type]


@pytest.fixture
def judge_id(stored: tuple[Pair, tuple[Path, Path]], helpers: SimpleNamespace) -> str:
    """How the stand-in judge is named, learnt by asking it."""
    from evals.judges.cli import judge_run

    path = stored[1][0].parent / "probe"
    save_run(_run(helpers, ["好"], "probe"), path / "run.json")
    return judge_run(path, "grounded", _engines(Strict()), Manner()).judged[0].judge


def test_a_trusted_judge_turns_a_candidate_red(
    stored: tuple[Pair, tuple[Path, Path]], judge_id: str, found: Registry
) -> None:
    pair, paths = stored
    agreements = _believed(judge_id)
    chat = Strict()
    pairs, silent = heard([pair], [paths], Jury(agreements), _engines(chat), Manner())
    assert (silent, chat.asked > 40) == ((), True), "both, and the golden texts"
    assert judge([pair], BARS, found, agreements).state == "pass", "without its word"
    verdict = judge(pairs, BARS, found, agreements)
    failed = {(check.kind, check.name) for check in verdict.checks if check.state == "fail"}
    assert ("bar", "judge_grounded (lang:zh)") in failed
    assert load_run(paths[1]).judged, "kept beside the run"


def test_nobody_is_asked_who_is_not_trusted(
    stored: tuple[Pair, tuple[Path, Path]], judge_id: str
) -> None:
    pair, paths = stored
    chat = Strict()
    for agreements in ((), _believed(judge_id, low=0.5), _believed("grounded@1:other/model")):
        told = heard([pair], [paths], Jury(agreements), _engines(chat), Manner())
        assert told == ((pair,), (NOBODY,))
    away = heard([pair], [paths], Jury(_believed(judge_id)), _engines(None), Manner())
    assert (away.silent, chat.asked) == ((NO_MODEL,), 0)


def test_runs_over_other_rules_are_named_and_stay_unjudged(
    stored: tuple[Pair, tuple[Path, Path]], judge_id: str
) -> None:
    pair, paths = stored
    made = pair.candidate.manifest
    other = made.model_copy(update={"versions": made.versions | {"corpus": "other"}})
    save_run(pair.candidate.model_copy(update={"manifest": other}), paths[1] / "run.json")
    told = heard([pair], [paths], Jury(_believed(judge_id)), _engines(Strict()), Manner())
    assert told.pairs == (pair,)
    assert "other rules" in told.silent[0]


def _labels(*given: str) -> list[NewItem]:
    result = CliRunner().invoke(cli.app, ["labels", *given, "--json", "items.json"])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    content = json.loads(Path("items.json").read_text())
    assert content["rubric"] == "grounded"
    return [NewItem.model_validate(one) for one in content["items"]]


def test_stored_answers_become_texts_to_label_that_tell_nothing_of_their_writer(
    stored: tuple[Pair, tuple[Path, Path]], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, paths = stored
    monkeypatch.chdir(paths[0].parent)
    items = _labels(str(paths[0]), str(paths[1]), "--rubric", "grounded")
    assert len(items) == 24, "a text that both runs gave is there once"
    assert len({item.ref for item in items}) == 24
    told = Path("items.json").read_text()
    for hidden in ("13812345678", "before", "after", "model", "template"):
        assert hidden not in told
    first = next(item for item in items if item.material.answer == "bad 0")
    assert first.material.sources == (sample_clauses()[0].text,)
    numbers = [item.ref for item in items]
    assert numbers != sorted(numbers), "not in the order of the runs"
    assert items == _labels(str(paths[1]), str(paths[0]), "--rubric", "grounded")
    assert len(_labels(str(paths[0]), "--rubric", "grounded", "--limit", "5")) == 5


def test_what_cannot_be_labelled_is_refused(
    good_run: EvalRun, stored: tuple[Pair, tuple[Path, Path]], tmp_path: Path
) -> None:
    save_run(good_run, tmp_path / "triage" / "run.json")
    with pytest.raises(EvalError, match="draft or posts"):
        _labels(str(tmp_path / "triage"), "--rubric", "grounded")
    with pytest.raises(NotFound):
        _labels(str(stored[1][0]), "--rubric", "none")

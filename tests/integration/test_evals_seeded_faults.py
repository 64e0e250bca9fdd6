"""Faults seeded into the production engines turn the gate red, and for the right reason.

Each is asked beside the sound engines about the same cases, as a candidate beside production.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from evals.answer_cache import AnswerCache
from evals.asking import Manner
from evals.candidate import Pair, judge
from evals.cases import DraftExpect, RetrievalExpect, Sample, SupportExpect, TaskName
from evals.judges.cli import judge_run
from evals.model import EvalRun, Verdict
from evals.production import ProductionEngines
from evals.registry import registry
from evals.run import Progress
from evals.score import score_run
from evals.state import State
from evals.state_files import with_taxonomy, with_thresholds
from evals.store import save_run
from evals.suite import Plan, run_suite
from evals.thresholds import load_thresholds
from prompts.loader import load_prompts, template_from_text
from service.domain.base import Lang
from service.domain.draft import Composition, DraftContext
from service.domain.labelling import Judged, Rater
from service.domain.llm import ChatReply, ChatRequest
from service.domain.quality import Agreement, Estimate, Sides
from service.drafting.engine import DraftEngine
from service.ports.engines import ContextInput
from service.ports.models import ChatModel, OnDelta
from service.quality.agreement import agreements
from service.quality.rubrics import load_rubrics
from service.settings import Settings
from service.triage.taxonomy import DEFAULT_FILE

pytestmark = pytest.mark.slow

AT = datetime(2026, 1, 5, tzinfo=UTC)
REPLIES = ("reply/grounded.zh", "reply/grounded.en")

Keep = Callable[[Sample], bool]
Run = Callable[..., EvalRun]
Reasons = set[tuple[str, str]]


class Writer:
    """A model that quotes the first clause it is shown, as a good prompt has it; it knows of
    clauses, language and message only what the prompt says."""

    name = "writer"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        asked = request.messages[-1].content
        zh = "管理员" in asked
        clauses = re.search(r"<passages \w+>\n(.*)\n</passages", asked, re.DOTALL)
        found = re.match(
            r"\[(\S+)\].*?\n(.*?)(?:\n\n|\Z)", clauses[1] if clauses else "", re.DOTALL
        )
        return ChatReply(
            data=self.write(zh, found[1] if found else "", found[2] if found else ""),
            model=self.name,
            prompt_tokens=1,
            completion_tokens=1,
        )

    def write(self, zh: bool, clause: str, text: str) -> dict[str, object]:
        if not clause:
            said = "谢谢你告诉我们，请等一下管理员。" if zh else "Thank you. Please wait for us."
        elif zh:
            said = f"谢谢你告诉我们。按规定，“{text}”"
        else:
            said = f"Thank you. The rules say “{text}”"
        return {
            "text": said,
            "citations": [clause] if clause else [],
            "refusal": None if clause else "no_rule",
            "refusal_reason": "" if clause else "-",
        }


class English(Writer):
    """Answers in English whatever it is asked."""

    def write(self, zh: bool, clause: str, text: str) -> dict[str, object]:
        said = "Thank you for writing to us. Please wait until one of our people has had a look."
        return {**super().write(False, clause, text), "text": said}


class DropsCitations(DraftEngine):
    """A drafter that loses what a text cites."""

    async def compose(
        self, context: DraftContext, chat: ChatModel | None, *, on_delta: OnDelta | None = None
    ) -> Composition:
        done = await super().compose(context, chat, on_delta=on_delta)
        return done.model_copy(update={"citations": ()})


class OnlyEnglish(DraftEngine):
    """A drafter that takes every member for an English speaker."""

    def reply_context(self, given: ContextInput) -> DraftContext:
        judgement = given.judgement.model_copy(update={"lang": Lang.EN})
        return super().reply_context(given._replace(judgement=judgement))


class Flatterer:
    """A judge that lets every text pass."""

    name = "flatterer"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        return ChatReply(
            data={"reason": "Good.", "value": 1},
            model=self.name,
            prompt_tokens=1,
            completion_tokens=1,
        )


@contextmanager
def _silent(task: TaskName, total: int) -> Iterator[Progress]:
    yield [].append


@pytest.fixture(scope="module")
def sound(model_cache: Path) -> ProductionEngines:
    """The production engines; heads are cached beside the model, as the product does."""
    return ProductionEngines(Settings(cache_dir=model_cache, data_dir=model_cache))


@pytest.fixture(scope="module")
def written(sound: ProductionEngines, model_cache: Path) -> ProductionEngines:
    """The same, and a model writes."""
    settings = Settings(cache_dir=model_cache, data_dir=model_cache)
    return _like(sound, ProductionEngines(settings, chat=Writer()))


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Asks engines about a draw of the golden cases."""
    numbers = iter(range(100))

    def ask(
        engines: ProductionEngines,
        task: TaskName,
        limit: int | None = 24,
        keep: Keep | None = None,
        **plan: object,
    ) -> EvalRun:
        asked = Plan(tmp_path / str(next(numbers)), AT, limit=limit, keep=keep)
        (made,) = run_suite([task], engines, registry(), replace(asked, **plan), _silent)
        return made

    return ask


def _like(sound: ProductionEngines, other: ProductionEngines) -> ProductionEngines:
    """Other engines with the sound ones' loaded parts."""
    for part in ("embedder", "redactor", "triager", "rules"):
        other.__dict__[part] = getattr(sound, part)
    return other


def _faulty_drafter(sound: ProductionEngines, faulty: type[DraftEngine]) -> ProductionEngines:
    other = sound.with_state(sound.state)
    drafter = object.__new__(faulty)
    drafter.__dict__.update(vars(sound.drafter))
    other.__dict__["drafter"] = drafter
    return other


def _gate(baseline: EvalRun, candidate: EvalRun) -> Verdict:
    return judge([Pair(baseline, candidate)], load_thresholds(), registry())


def _failed(baseline: EvalRun, candidate: EvalRun) -> Reasons:
    """Kind and name of what failed; beside itself the baseline fails in nothing."""
    assert _gate(baseline, baseline).state != "fail"
    verdict = _gate(baseline, candidate)
    assert verdict.state == "fail"
    return {(check.kind, check.name) for check in verdict.checks if check.state == "fail"}


def _cites(sample: Sample) -> bool:
    return isinstance(sample.expect, DraftExpect) and bool(sample.expect.cite)


def _without_clauses() -> State:
    """Prompts whose texts lost the clauses: past the contract that refuses them."""
    lost = ("passages: {type: text, fenced: true}", "$passages")
    shipped = load_prompts()
    given = {}
    for name in REPLIES:
        lines = shipped.get(name).text.splitlines(keepends=True)
        text = "".join(line for line in lines if line.strip() not in lost)
        given[name] = template_from_text(name, text, shipped.partials)
    return State(prompts=given)


def test_a_prompt_that_lost_its_clauses(written: ProductionEngines, run: Run) -> None:
    before = run(written, "draft", keep=_cites)
    after = run(written.with_state(_without_clauses()), "draft", keep=_cites)
    assert before.asked == after.asked > 0
    failed = _failed(before, after)
    assert ("regression", "cite_recall (all)") in failed
    assert ("regression", "answered_when_due (all)") in failed
    assert ("bar", "reply_language") not in failed


def test_a_shuffled_taxonomy(sound: ProductionEngines, run: Run, tmp_path: Path) -> None:
    path = tmp_path / "taxonomy.toml"
    path.write_text(_shuffled(tomllib.loads(DEFAULT_FILE.read_text())["category"]))
    shuffled = sound.with_state(with_taxonomy(State(), path))
    before, after = (run(one, "triage", limit=60) for one in (sound, shuffled))
    failed = _failed(before, after)
    assert {("regression", "top1 (all)"), ("regression", "label_f1 (all)")} <= failed
    assert ("bar", "answered") not in failed


def _shuffled(categories: Sequence[dict[str, object]]) -> str:
    """Every category with the examples of the one before it."""
    taught = ("examples_zh", "examples_en")
    lines = []
    for number, category in enumerate(categories):
        given = {**category, **{key: categories[number - 1][key] for key in taught}}
        given.pop("counter_examples", None)
        lines.append("[[category]]")
        lines += [f"{key} = {_toml(value)}" for key, value in given.items()]
    return "\n".join(lines)


def _toml(value: object) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key} = {_toml(one)}" for key, one in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    ("limit", "task", "measure"),
    [
        ("rule_confidence", "retrieval", "none_recall"),
        ("supported", "support", "blocked"),
    ],
)
def test_a_lowered_threshold(
    sound: ProductionEngines, run: Run, tmp_path: Path, limit: str, task: TaskName, measure: str
) -> None:
    path = tmp_path / "limits.json"
    path.write_text(json.dumps({limit: 0.0}))
    lowered = sound.with_state(with_thresholds(State(), path))
    before, after = (run(one, task, limit=40, keep=_guarded) for one in (sound, lowered))
    assert ("regression", f"{measure} (all)") in _failed(before, after)


def _guarded(sample: Sample) -> bool:
    """Cases a threshold guards, and every third of the others."""
    expect = sample.expect
    guarded = isinstance(expect, RetrievalExpect) and expect.no_answer
    guarded |= isinstance(expect, SupportExpect) and expect.state == "unsupported"
    return guarded or sum(sample.id.encode()) % 3 == 0


def test_a_drafter_that_drops_citations(sound: ProductionEngines, run: Run) -> None:
    before = run(sound, "draft", keep=_cites)
    after = run(_faulty_drafter(sound, DropsCitations), "draft", keep=_cites)
    failed = _failed(before, after)
    assert ("regression", "cite_recall (all)") in failed
    assert ("bar", "reply_language") not in failed


def test_a_drafter_that_answers_in_english_only(sound: ProductionEngines, run: Run) -> None:
    before = run(sound, "draft", limit=36)
    after = run(_faulty_drafter(sound, OnlyEnglish), "draft", limit=36)
    failed = _failed(before, after)
    assert {("bar", "reply_language"), ("regression", "reply_language (lang:zh)")} <= failed
    assert ("regression", "reply_language (lang:en)") not in failed


def test_a_model_that_writes_english_only(
    sound: ProductionEngines, written: ProductionEngines, run: Run, model_cache: Path
) -> None:
    """The product discards its Chinese replies for templates, which read well; that is seen."""
    settings = Settings(cache_dir=model_cache, data_dir=model_cache)
    english = _like(sound, ProductionEngines(settings, chat=English()))
    before, after = (run(one, "draft", keep=_cites) for one in (written, english))
    failed = _failed(before, after)
    assert ("regression", "model_kept (lang:zh)") in failed
    assert ("regression", "model_kept (lang:en)") not in failed
    assert ("bar", "reply_language") not in failed


def test_a_judge_that_flatters(sound: ProductionEngines, run: Run, tmp_path: Path) -> None:
    """Its word cannot turn red green; put in as trusted by mistake, golden texts give it away."""
    chat = ProductionEngines(Settings(data_dir=tmp_path), chat=Flatterer())
    before = run(sound, "draft", limit=24, keep=_cites)
    sound_path, red_path = (tmp_path / name / "run.json" for name in ("sound", "red"))
    save_run(before, sound_path)
    save_run(_uncited(before), red_path)
    green, red = (judge_run(one, "grounded", chat, Manner()) for one in (sound_path, red_path))
    figure = red.figure("judge_grounded")
    assert figure is not None
    assert (figure.value, figure.n) == (1, 24)
    judges = {words.lang: words.judge for words in red.judged}
    measured = agreements(_flattered(judges[Lang.ZH]), load_rubrics())

    def verdict(of: EvalRun, known: Sequence[Agreement]) -> Verdict:
        return judge([Pair(green, of)], load_thresholds(), registry(), known)

    said = verdict(red, measured)
    assert said.state == "fail"
    assert all(judges[lang] in line for lang, line in zip(judges, said.ignored, strict=True))
    assert "kappa with people 0.00" in said.ignored[list(judges).index(Lang.ZH)]
    assert not any("judge" in check.kind or "judge" in check.name for check in said.checks)
    assert verdict(green, measured).state != "fail"
    wrongly = tuple(_believed(judge, lang) for lang, judge in judges.items())
    failed = {check for check in verdict(green, wrongly).checks if check.state == "fail"}
    assert {(check.kind, check.name) for check in failed} == {
        ("judge", f"judge_grounded (lang:{lang})") for lang in judges
    }
    assert all("flatterer: 0 of 3 golden texts that fail" in check.detail for check in failed)


def _uncited(run: EvalRun) -> EvalRun:
    """The run with answers that cite nothing."""
    bare = (
        one.model_copy(update={"answer": one.answer.model_copy(update={"cited": ()})})
        for one in run.outputs
        if one.answer
    )
    return score_run(run.model_copy(update={"outputs": tuple(bare)}), registry())


def _flattered(judge: str) -> Iterator[Judged]:
    """Sixty Chinese texts, half of them bad, as a person and the judge see them."""
    for number in range(60):
        for rater, by, value in (
            (Rater.PERSON, "anna", 1 + number % 2),
            (Rater.JUDGE, judge, 1),
        ):
            yield Judged(
                item_id=f"item{number}",
                ref=f"r{number}",
                rubric="grounded",
                rubric_version=1,
                lang=Lang.ZH,
                golden=None,
                rater=rater,
                by=by,
                value=value,
                note="",
                at=AT,
            )


def _believed(judge: str, lang: Lang) -> Agreement:
    sure = Estimate(value=0.9, low=0.8, high=1, n=60)
    return Agreement(
        rubric="grounded",
        lang=lang,
        sides=Sides.JUDGE,
        judge=judge,
        kappa=sure,
        same=sure,
        may_gate=True,
    )


def test_a_second_run_asks_nothing_and_repeats_tell_how_stable_it_is(
    written: ProductionEngines, run: Run, tmp_path: Path
) -> None:
    manner = Manner(cache=AnswerCache(tmp_path / "cache"))
    first, second = (run(written, "draft", limit=12, manner=manner, repeats=2) for _ in range(2))
    assert first.kept == 0
    assert second.kept == second.asked == first.asked > 0
    assert second.outputs[0].answer == first.outputs[0].answer
    stable = first.figure("stability")
    assert stable is not None
    assert (stable.value, stable.n) == (1, 12)

"""Asking a model: so many at once, nothing twice, failures again, and whether it stays the same."""

from __future__ import annotations

import asyncio
from pathlib import Path
from types import SimpleNamespace

import pytest

from evals.answer_cache import AnswerCache, cache_key
from evals.asking import AskedChat, Manner, manner
from evals.gate import gate
from evals.model import EvalRun, Failure, FailureKind, Output
from evals.registry import Registry
from evals.score import score_run
from evals.stability import STABILITY
from evals.thresholds import TaskBars, Thresholds
from evals.usage import metered
from service.domain.llm import ChatMessage, ChatReply, ChatRequest
from service.errors import ConfigurationError, TransientProviderError
from service.llm.scripted import ScriptedChat

AWAY = TransientProviderError("away", reason="timeout")


def _request(text: str = "你好", **changes: object) -> ChatRequest:
    request = ChatRequest(
        feature="draft_reply",
        community="c",
        messages=(ChatMessage(role="user", content=text),),
        json_schema={"type": "object"},
        schema_name="reply",
    )
    return request.model_copy(update=changes)


class Slow:
    """A model that notes how many ask it at once."""

    name = "slow"

    def __init__(self) -> None:
        self.now = self.most = 0

    async def complete(self, request: ChatRequest, *, on_delta: object = None) -> ChatReply:
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(0.001)
        self.now -= 1
        return ChatReply(data={}, model=self.name, prompt_tokens=1, completion_tokens=1)


async def test_no_more_calls_are_in_flight_than_allowed() -> None:
    slow = Slow()
    chat = AskedChat(slow, "slow", Manner(concurrency=3), repeat=0)
    await asyncio.gather(*(chat.complete(_request(str(n))) for n in range(12)))
    assert slow.most == 3
    assert (chat.asked, chat.kept) == (12, 0)


async def test_the_same_question_is_asked_once(tmp_path: Path) -> None:
    model, kept = ScriptedChat([{"text": "一"}]), Manner(cache=AnswerCache(tmp_path))
    first = await AskedChat(model, "m", kept, 0).complete(_request())
    heard: list[str] = []

    async def on_delta(piece: str) -> None:
        heard.append(piece)

    later = AskedChat(model, "m", kept, 0)
    assert await later.complete(_request(community="other"), on_delta=on_delta) == first
    assert heard == ['{"text": "一"}'], "who streams hears it as well"
    assert later.kept == 1
    model.assert_used_up()


async def test_what_is_answered_to_a_member_s_own_words_is_not_kept(tmp_path: Path) -> None:
    model, kept = (
        ScriptedChat([{"text": "一"}, {"text": "二"}]),
        Manner(cache=AnswerCache(tmp_path)),
    )
    chat = AskedChat(model, "m", kept, 0)
    for _ in range(2):
        with metered(private=True) as meter:
            await chat.complete(_request())
        used = meter.usage()
        assert used is not None
        assert (used.calls, used.kept) == (1, 0)
    model.assert_used_up()
    assert _kept_in(tmp_path) == []


async def test_a_failure_is_never_kept(tmp_path: Path) -> None:
    model, kept = ScriptedChat([AWAY, {"text": "二"}]), Manner(cache=AnswerCache(tmp_path))
    chat = AskedChat(model, "m", kept, 0)
    with pytest.raises(TransientProviderError):
        await chat.complete(_request())
    assert (await chat.complete(_request())).data == {"text": "二"}


def _kept_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def _break_the_file_of(folder: Path) -> None:
    (path,) = folder.glob("*/*.json")
    path.write_text('{"data": {"te')


async def test_a_broken_file_is_asked_again(tmp_path: Path) -> None:
    model, cache = ScriptedChat([{"text": "一"}, {"text": "二"}]), AnswerCache(tmp_path)
    chat = AskedChat(model, "m", Manner(cache=cache), 0)
    await chat.complete(_request())
    _break_the_file_of(tmp_path)
    assert (await chat.complete(_request())).data == {"text": "二"}


def test_whatever_decides_the_answer_is_in_the_key() -> None:
    keys = {
        cache_key(_request(), "m", 0),
        cache_key(_request("再见"), "m", 0),
        cache_key(_request(temperature=0.9), "m", 0),
        cache_key(_request(max_tokens=64), "m", 0),
        cache_key(_request(json_schema={"type": "array"}), "m", 0),
        cache_key(_request(), "other", 0),
        cache_key(_request(), "m", 1),
    }
    assert len(keys) == 7
    assert cache_key(_request(community="x", feature="y"), "m", 0) in keys


def test_the_limit_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HUIYIN_EVALS__CONCURRENCY", "9")
    assert manner().concurrency == 9
    assert manner(cached=False).cache is None
    monkeypatch.setenv("HUIYIN_EVALS__CONCURRENCY", "0")
    with pytest.raises(ConfigurationError, match="HUIYIN_EVALS__CONCURRENCY"):
        manner()


@pytest.fixture
def repeated(good_run: EvalRun, helpers: SimpleNamespace) -> EvalRun:
    """Four repeats; case 0 is answered otherwise in one of them."""
    other = Output(sample_id="case-0", answer=helpers.answer("complaint"))
    again = (other, *good_run.outputs[1:])
    manifest = good_run.manifest.model_copy(update={"repeats": 4})
    update = {"manifest": manifest, "repeats": (good_run.outputs, again, good_run.outputs)}
    return good_run.model_copy(update=update)


def test_a_case_that_changes_is_less_stable(repeated: EvalRun, found: Registry) -> None:
    scored = score_run(repeated, found)
    stable = {s.sample_id: s.value for s in scored.scores if s.metric == STABILITY}
    assert stable.pop("case-0") == 0.75
    assert set(stable.values()) == {1}
    figure = scored.figure(STABILITY)
    assert figure is not None
    assert figure.value == pytest.approx(39.75 / 40)


def test_stability_has_a_bar_where_cases_were_repeated(
    good_run: EvalRun, repeated: EvalRun, found: Registry
) -> None:
    bars = Thresholds(tasks={"triage": TaskBars(stability=0.999)})

    def states(run: EvalRun) -> dict[str, str]:
        checks = gate([score_run(run, found)], {"triage": good_run}, bars, found).checks
        return {check.name: check.state for check in checks}

    assert states(repeated)[STABILITY] == "fail"
    assert STABILITY not in states(good_run)


def test_a_repeat_the_harness_lost_leaves_the_case_unscored(
    repeated: EvalRun, found: Registry
) -> None:
    lost = Output(
        sample_id="case-1", failure=Failure(kind=FailureKind.HARNESS, message="bug in the task")
    )
    outputs = (repeated.outputs[0], lost, *repeated.outputs[2:])
    scored = score_run(repeated.model_copy(update={"repeats": (outputs,)}), found)
    (score,) = [s for s in scored.scores if (s.sample_id, s.metric) == ("case-1", STABILITY)]
    assert score.value is None

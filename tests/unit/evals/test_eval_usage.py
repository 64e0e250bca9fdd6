"""Tokens, money and seconds: what answers took of a model, kept with them and shown."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace

import pytest
from rich.console import Console

from evals.answer_cache import AnswerCache
from evals.asking import AskedChat, Manner
from evals.cases import Answer, Sample
from evals.errors import EngineFailure
from evals.model import EvalRun
from evals.registry import registry
from evals.report.page import render_page
from evals.report.spent import spent
from evals.report.summary import write_summary
from evals.report.terminal import print_runs
from evals.run import run_task
from evals.score import score_run
from evals.store import RunFolder, load_run, save_run
from evals.tariff import Tariff, tariff_of
from evals.usage import Usage, together
from service.domain.llm import ChatMessage, ChatReply, ChatRequest
from service.errors import TransientProviderError
from service.settings import LLMSettings, ProviderSettings

PRICED = ProviderSettings(name="paid", base_url="http://m/v1", model="m", price_in=2, price_out=8)
FREE = PRICED.model_copy(update={"name": "free", "price_in": 0.0, "price_out": 0.0})


class Counted:
    """A model that reads a thousand tokens a question and writes a hundred; `broken` fails."""

    name = "counted"

    async def complete(self, request: ChatRequest, *, on_delta: object = None) -> ChatReply:
        if request.messages[0].content == "broken":
            raise TransientProviderError("away", reason="timeout")
        return ChatReply(
            data={}, model=self.name, prompt_tokens=1000, completion_tokens=100, provider="paid"
        )


@dataclass
class Asks:
    """A task that asks the model twice a case."""

    chat: AskedChat
    answer_: Answer
    chunk = 1
    concurrency = 8

    def versions(self) -> dict[str, str]:
        return {}

    async def answer(self, samples: Sequence[Sample]) -> tuple[Answer, ...]:
        for turn in ("first", samples[0].text):
            message = ChatMessage(role="user", content=turn)
            request = ChatRequest(
                feature="f",
                community="c",
                messages=(message, ChatMessage(role="user", content=samples[0].id)),
                json_schema={},
                schema_name="s",
            )
            try:
                await self.chat.complete(request)
            except TransientProviderError as error:
                raise EngineFailure(str(error)) from error
        return (self.answer_,)


@dataclass
class Desk:
    """Runs cases through a model, again and again over one cache."""

    helpers: SimpleNamespace
    folder: Path

    async def run(self, name: str, *texts: str, tariff: Tariff | None = None) -> EvalRun:
        samples = [self.helpers.sample(n, text=text) for n, text in enumerate(texts)]
        manner = Manner(cache=AnswerCache(self.folder / "cache"))
        task = Asks(AskedChat(Counted(), "m", manner, 0, tariff), self.helpers.answer("praise"))
        folder = RunFolder(self.folder / name)
        made = self.helpers.manifest(samples)
        run = await run_task(task, samples, made, folder, lambda _: None)
        return score_run(run, registry())


@pytest.fixture
def desk(helpers: SimpleNamespace, tmp_path: Path) -> Desk:
    return Desk(helpers, tmp_path)


async def test_each_answer_keeps_what_it_took(desk: Desk) -> None:
    run = await desk.run("a", "一", "二", tariff=tariff_of(LLMSettings(providers=(PRICED,))))
    for output in run.outputs:
        assert output.usage is not None
        assert (output.usage.calls, output.usage.prompt_tokens) == (2, 2000)
        assert output.usage.cost == pytest.approx(2 * (1000 * 2 + 100 * 8) / 1e6)
    assert run.usage is not None
    assert (run.usage.calls, run.usage.tokens, run.usage.currency) == (4, 4400, "CNY")


async def test_kept_answers_count_as_when_they_were_asked_first(desk: Desk) -> None:
    first, again = await desk.run("a", "一"), await desk.run("b", "一")
    assert first.usage is not None
    assert again.usage == first.usage.model_copy(update={"kept": 2})
    assert again.usage.seconds is not None


async def test_a_run_that_goes_on_counts_what_it_had(desk: Desk) -> None:
    await desk.run("a", "一", "二")
    again = await desk.run("a", "一", "二")
    assert again.usage is not None
    assert (again.usage.calls, again.usage.kept) == (4, 0), "nothing was asked, all was paid"


async def test_failed_calls_are_counted_and_money_is_unknown_then(desk: Desk) -> None:
    run = await desk.run("a", "broken", tariff=tariff_of(LLMSettings(providers=(PRICED,))))
    assert run.outputs[0].failure is not None
    assert run.usage is not None
    assert (run.usage.calls, run.usage.failed, run.usage.tokens) == (2, 1, 1100)
    assert run.usage.cost is None


def test_a_provider_without_a_price_has_no_cost_and_makes_the_sum_unknown() -> None:
    tariff = tariff_of(LLMSettings(providers=(PRICED, FREE)))
    reply = ChatReply(data={}, model="m", prompt_tokens=500, completion_tokens=0, provider="paid")
    assert tariff.cost(reply) == pytest.approx(0.001)
    assert tariff.cost(reply.model_copy(update={"provider": "free"})) is None
    known, unknown = Usage(calls=1, cost=0.5, currency="CNY"), Usage(calls=1)
    assert together([known, None, known]) == Usage(calls=2, cost=1.0, currency="CNY")
    assert together([known, unknown, None]) == Usage(calls=2, currency="CNY")
    assert together([None, Usage()]) is None


async def test_answers_kept_before_times_were_noted_still_serve(desk: Desk) -> None:
    await desk.run("a", "一")
    for path in (desk.folder / "cache").glob("*/*.json"):
        content = json.loads(path.read_text())
        del content["seconds"]
        path.write_text(json.dumps(content))
    again = await desk.run("b", "一")
    assert again.usage is not None
    assert (again.usage.kept, again.usage.seconds) == (2, None)
    assert spent([again])[0].waits is None, "unknown, not fast"


async def test_reports_show_tokens_and_a_dash_for_money(desk: Desk, good_run: EvalRun) -> None:
    run = await desk.run("a", "一", "二")
    console = Console(record=True, width=200)
    print_runs([run, good_run], console)
    told = console.export_text()
    page = render_page([run, good_run], None)
    for text in ("4,000 + 400", "4"):
        assert text in told
        assert f">{text}<" in page
    assert "0.0000" not in told
    assert "0.0000" not in page
    assert 'aria-label="cost and latency, triage"' in page
    content = json.loads(write_summary([run], None, desk.folder / "s.json").read_text())
    assert content["spent"]["triage"]["usage"]["prompt_tokens"] == 4000
    assert content["spent"]["triage"]["usage"]["cost"] is None
    assert content["spent"]["triage"]["seconds"]["n"] == 2


async def test_reports_show_money_where_there_is_a_price(desk: Desk) -> None:
    run = await desk.run("a", "一", tariff=tariff_of(LLMSettings(providers=(PRICED,))))
    assert "0.0056 CNY" in render_page([run], None)
    assert "cost in CNY" in render_page([run], None)


def test_runs_of_before_load_and_ask_nothing_of_a_model(good_run: EvalRun, tmp_path: Path) -> None:
    path = save_run(good_run, tmp_path / "run.json")
    content = json.loads(path.read_text())
    assert all("usage" not in output for output in content["outputs"]), "a stored run stays small"
    assert load_run(path).usage is None
    (row,) = spent([load_run(path)])
    assert (row.usage, row.waits, row.per_answer) == (None, None, None)

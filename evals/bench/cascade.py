"""How often a model is asked by triage, and what that costs or gains beside asking about all.

The share counts calls for each message of the sample community, joined into cases as ingest joins
them, and for each golden case. Accuracy is that of the leading category on the golden cases that
expect one or expect silence, with an oracle that is right as often as it is told to be, and with
the configured model on a drawn sample.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from evals.bench.figures import NotMeasured
from evals.cases import Sample, TriageExpect
from evals.datasets import load
from evals.production import NOW, ProductionEngines
from service.domain.case import Case
from service.domain.llm import ChatReply, ChatRequest
from service.domain.message import NewMessage
from service.domain.triage import Judgement
from service.errors import ProviderError
from service.ports.models import ChatModel, OnDelta
from service.sample import community, messages
from service.triage.build import build_labeller
from service.triage.cascade import NONE, ModelLabeller

SHARE = ("triage.llm_share", "triage.llm_share_sample", "triage.llm_share_golden")
ORACLE = (
    "cascade.heads", "cascade.break_even", "cascade.asked_85", "cascade.all_85",
    "cascade.asked_100", "cascade.all_100",
)  # fmt: skip
MODEL = ("cascade.asked_model", "cascade.all_model", "cascade.heads_same")
SEED, DRAWN = 7, 80


class Judged(NamedTuple):
    """A golden case and what the heads say of it."""

    sample: Sample
    expect: TriageExpect
    judgement: Judgement


class Oracle:
    """Implements `ChatModel`: answers rightly with the stated probability, else with another
    category of the set; its quote is the text itself."""

    name = "oracle"

    def __init__(self, truth: Mapping[str, tuple[str, ...]], others: Sequence[str], right: float):
        self._truth, self._others, self._right = truth, list(others), right
        self._draw = random.Random(SEED)  # noqa: S311 not secret
        self.text = ""

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Answer about `text`, which the caller sets before."""
        del request, on_delta
        wanted = self._truth[self.text]
        wrong = [one for one in self._others if one not in wanted]
        said = wanted[:1] if self._draw.random() < self._right else (self._draw.choice(wrong),)
        data: dict[str, object] = {"quote": self.text[:300], "categories": list(said)}
        return ChatReply(data=data, model=self.name, prompt_tokens=0, completion_tokens=0)


def share(engines: ProductionEngines) -> dict[str, float]:
    """Calls for each message, on both sets together and on each."""
    labeller = build_labeller(engines.triager.taxonomy)
    items = messages(NOW)
    texts = list(dict.fromkeys(_joined_texts(items)))  # a copy is not asked about again
    sample = sum(labeller.due(one) for one in _judged(engines, texts))
    golden = [labeller.due(one.judgement) for one in _golden(engines)]
    asked, whole = sample + sum(golden), len(items) + len(golden)
    return {
        "triage.llm_share": asked / whole,
        "triage.llm_share_sample": sample / len(items),
        "triage.llm_share_golden": sum(golden) / len(golden),
    }


def against_oracle(engines: ProductionEngines) -> dict[str, float]:
    """Accuracy of heads alone, of the cascade and of asking about all, by how good the oracle is.

    `break_even` is the accuracy of the heads on what is not asked about: a model that is right less
    often does worse when it is asked about everything.
    """
    labeller = ModelLabeller(engines.triager.taxonomy)
    cases = _scored(engines)
    kept = [one for one in cases if not labeller.due(one.judgement)]
    found = {"cascade.heads": _share_right(cases, [one.judgement for one in cases])}
    found["cascade.break_even"] = _share_right(kept, [one.judgement for one in kept])
    for percent in (85, 100):
        for name, ask_all in (("asked", False), ("all", True)):
            oracle = _oracle(engines, cases, percent / 100)
            said = asyncio.run(_with_model(labeller, cases, oracle, ask_all=ask_all))
            found[f"cascade.{name}_{percent}"] = _share_right(cases, said)
    return found


def against_model(engines: ProductionEngines) -> dict[str, float]:
    """The same with the configured model, on golden cases drawn with a fixed seed.

    Raises:
        NotMeasured: no model is configured, or it is away.
    """
    if engines.chat is None:
        raise NotMeasured("needs a chat model: set HUIYIN_LLM__BASE_URL and HUIYIN_LLM__MODEL")
    labeller = ModelLabeller(engines.triager.taxonomy)
    cases = random.Random(SEED).sample(_scored(engines), DRAWN)  # noqa: S311 not secret
    try:
        everything = asyncio.run(_with_model(labeller, cases, engines.chat, ask_all=True))
    except ProviderError as error:
        raise NotMeasured(f"the model did not answer: {error.code}") from error
    pairs = zip(cases, everything, strict=True)
    cascade = [said if labeller.due(one.judgement) else one.judgement for one, said in pairs]
    return {
        "cascade.asked_model": _share_right(cases, cascade),
        "cascade.all_model": _share_right(cases, everything),
        "cascade.heads_same": _share_right(cases, [one.judgement for one in cases]),
    }


async def _with_model(
    labeller: ModelLabeller, cases: Sequence[Judged], chat: ChatModel, *, ask_all: bool
) -> list[Judgement]:
    """What stands in the end; where the model cannot say, an abstention."""
    said = []
    for one in cases:
        if not ask_all and not labeller.due(one.judgement):
            said.append(one.judgement)
            continue
        if isinstance(chat, Oracle):
            chat.text = one.judgement.redacted.text
        found = await labeller.label(one.judgement, community=community(), at=NOW, chat=chat)
        said.append(found or one.judgement.model_copy(update={"labels": (), "abstained": True}))
    return said


def _oracle(engines: ProductionEngines, cases: Sequence[Judged], right: float) -> Oracle:
    truth = {one.judgement.redacted.text: one.expect.categories or (NONE,) for one in cases}
    return Oracle(truth, [category.id for category in engines.triager.taxonomy.categories], right)


def _share_right(cases: Sequence[Judged], said: Sequence[Judgement]) -> float:
    right = [
        judgement.abstained if one.expect.abstain else judgement.primary in one.expect.categories
        for one, judgement in zip(cases, said, strict=True)
    ]
    return sum(right) / len(right)


def _scored(engines: ProductionEngines) -> list[Judged]:
    return [one for one in _golden(engines) if one.expect.categories or one.expect.abstain]


def _golden(engines: ProductionEngines) -> list[Judged]:
    samples = load("triage").samples
    judged = _judged(engines, [sample.text for sample in samples])
    return [
        Judged(sample, sample.expect, judgement)
        for sample, judgement in zip(samples, judged, strict=True)
        if isinstance(sample.expect, TriageExpect)
    ]


def _judged(engines: ProductionEngines, texts: Sequence[str]) -> list[Judgement]:
    return [one.judgement for one in engines.triager.judge(texts, [NOW] * len(texts))]


def _joined_texts(items: Sequence[Mapping[str, object]]) -> list[str]:
    """One text a case of a member, its messages joined as ingest joins them; staff is left out."""
    newest: dict[tuple[object, ...], int] = {}
    cases: list[tuple[Case, str]] = []
    for item in items:
        message = NewMessage.model_validate(item)
        if message.author in community().staff or message.sent_at is None:
            continue
        place = (message.author, message.source, message.channel, message.thread)
        row = newest.get(place)
        if row is not None and cases[row][0].joins(message, message.sent_at):
            case, text = cases[row]
            cases[row] = _grown(case, message.sent_at), f"{text}\n{message.text}"
            continue
        newest[place] = len(cases)
        cases.append((_opened(message, message.sent_at), message.text))
    return [text for _, text in cases]


def _opened(message: NewMessage, at: datetime) -> Case:
    given = message.model_dump(include={"author", "source", "channel", "thread"})
    return Case(id="case", community="bench", opened_at=at, last_at=at, size=1, **given)


def _grown(case: Case, at: datetime) -> Case:
    return case.model_copy(update={"last_at": max(case.last_at, at), "size": case.size + 1})

"""What drafting adds to the model's own time.

The configured chat model is asked where there is one; else a stand-in that waits `MODEL_S`, stated
here because the figure depends on it: real models take longer for such a text. Cases are drafted
one after the other over the sample community's rules.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

import numpy as np

from evals.bench.figures import NotMeasured
from evals.bench.own_service import COMMUNITY, items, own_service
from evals.production import ProductionEngines
from service import sample
from service.domain.llm import ChatReply, ChatRequest
from service.flows.rules import Upload
from service.ports.models import ChatModel, OnDelta
from service.settings import Settings

if TYPE_CHECKING:
    from service.bootstrap import Application

KEYS = ("draft.overhead", "draft.own_ms", "draft.model_ms", "draft.asked")
MODEL_S = 2.0
DRAFTS = 20
WARM_UP = 2


class StandIn:
    """Implements `ChatModel`: after `MODEL_S` it quotes the first clause it was shown."""

    name = "stand-in"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """Wait, then answer in the form asked for."""
        del on_delta
        await asyncio.sleep(MODEL_S)
        text = "按规则办理：请在设置里查看。 Please see the rule cited here."
        return ChatReply(
            data={"text": text, "citations": _ids(dict(request.json_schema))[:1], "refusal": None,
                  "refusal_reason": ""},
            model=self.name, prompt_tokens=800, completion_tokens=60,
        )  # fmt: skip


def _ids(schema: object) -> list[object]:
    """The clause ids an answer may cite."""
    match schema:
        case {"properties": {"citations": {"items": {"enum": [*ids]}}}}:
            return ids
    return []


class _Timed:
    """Implements `ChatModel` around another one; adds up the time its answers took."""

    def __init__(self, inner: ChatModel) -> None:
        self._inner, self.name, self.seconds = inner, inner.name, 0.0

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        started = time.perf_counter()
        try:
            return await self._inner.complete(request, on_delta=on_delta)
        finally:
            self.seconds += time.perf_counter() - started


def overhead(settings: Settings) -> dict[str, float]:
    """p95 of drafting's own time by the model's time, over drafts a model was asked for."""
    own, model = asyncio.run(_drafts(settings))
    if not own:
        raise NotMeasured("no case came to a model: none is due a reply with a rule")
    return {
        "draft.overhead": float(np.percentile(np.divide(own, model), 95)),
        "draft.own_ms": float(np.median(own)) * 1e3,
        "draft.model_ms": float(np.median(model)) * 1e3,
        "draft.asked": float(len(own)),
    }


async def _drafts(settings: Settings) -> tuple[list[float], list[float]]:
    """Seconds of drafting itself and of the model, for each draft the model was asked for."""
    timed = _Timed(ProductionEngines(settings).chat or StandIn())
    own, model = list[float](), list[float]()
    async with own_service(settings, chat=timed) as application:
        for case_id in await _due(application):
            timed.seconds, started = 0.0, time.perf_counter()
            await application.draft.draft_due(case_id)
            whole = time.perf_counter() - started
            if timed.seconds:
                own.append(whole - timed.seconds)
                model.append(timed.seconds)
            if len(own) == WARM_UP + DRAFTS:
                break
    return own[WARM_UP:], model[WARM_UP:]


async def _due(application: Application) -> list[str]:
    """Cases of the sample's messages, triaged over the sample's rules; drafting passes over those
    that need no reply."""
    for filename, data in sample.documents():
        upload = Upload(filename=filename, data=data, shipped=True)
        await application.rules.upload(COMMUNITY, upload, by="bench")
    texts = [str(item["text"]) for item in sample.messages(application.clock.now())]
    results = await application.ingest.ingest(COMMUNITY, items(texts))
    case_ids = [result.case_id for result in results if result.case_id]
    await application.triage.run(COMMUNITY, case_ids)
    return case_ids

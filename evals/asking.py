"""The chat model as evaluations ask it: so many calls at once, and each question once."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import dataclass
from datetime import datetime

from evals.answer_cache import AnswerCache, Kept, cache_key
from evals.record import Record
from evals.settings import load_eval_settings
from evals.tariff import Tariff
from evals.usage import Usage, note, private
from evals.wiring import Engines, Rules
from service.domain.community import Community
from service.domain.llm import ChatReply, ChatRequest
from service.ports.engines import Drafter, Redactor, ThemeFinder, Triager
from service.ports.models import ChatModel, OnDelta


@dataclass(frozen=True, slots=True)
class Manner:
    """How a model is asked: calls in flight at once, and where answers are kept (None: nowhere)."""

    concurrency: int = 4
    cache: AnswerCache | None = None


def manner(*, cached: bool = True) -> Manner:
    """As the environment says.

    Raises:
        ConfigurationError: a variable is wrong.
    """
    settings = load_eval_settings()
    return Manner(settings.concurrency, AnswerCache(settings.cache_dir) if cached else None)


class AskedChat:
    """Implements `ChatModel` around another, for one repeat of a run.

    `model` names it with its settings; `asked` counts questions, `kept` those answered from the
    cache. What each took goes to the open meter.
    """

    def __init__(
        self,
        inner: ChatModel,
        model: str,
        manner: Manner,
        repeat: int,
        tariff: Tariff | None = None,
    ) -> None:
        self._inner, self._model, self._repeat = inner, model, repeat
        self._cache, self._limit = manner.cache, asyncio.Semaphore(manner.concurrency)
        self._tariff = tariff or Tariff()
        self.asked = self.kept = 0

    @property
    def name(self) -> str:
        """The other's."""
        return self._inner.name

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """The kept answer, or the model's; see the port."""
        key = cache_key(request, self._model, self._repeat)
        cache = None if private() else self._cache
        self.asked += 1
        if cache is not None and (known := cache.get(key)) is not None:
            self.kept += 1
            note(self._usage(known, kept=1))
            if on_delta:
                await on_delta(json.dumps(known.reply.data, ensure_ascii=False))
            return known.reply
        given = await self._asked(request, on_delta)
        note(self._usage(given))
        if cache is not None:
            cache.put(key, given)
        return given.reply

    async def _asked(self, request: ChatRequest, on_delta: OnDelta | None) -> Kept:
        async with self._limit:
            started = time.perf_counter()
            try:
                reply = await self._inner.complete(request, on_delta=on_delta)
            except Exception:
                note(Usage(calls=1, failed=1))
                raise
            return Kept(reply, time.perf_counter() - started)

    def _usage(self, given: Kept, *, kept: int = 0) -> Usage:
        reply, cost = given.reply, self._tariff.cost(given.reply)
        return Usage(
            calls=1,
            kept=kept,
            prompt_tokens=reply.prompt_tokens,
            completion_tokens=reply.completion_tokens,
            cached_tokens=reply.cached_tokens,
            estimated=reply.tokens_estimated,
            cost=cost,
            currency=self._tariff.currency if cost is not None else "",
            seconds=given.seconds,
        )


class AskingEngines:
    """Implements `evals.wiring.Engines` over others, with a chat model of its own."""

    def __init__(self, inner: Engines, manner: Manner, repeat: int = 0) -> None:
        self._inner, model = inner, inner.chat
        known_as = f"{model.name}; {inner.settings['llm']}" if model else ""
        self.asked = AskedChat(model, known_as, manner, repeat, inner.tariff) if model else None

    @property
    def chat(self) -> ChatModel | None:
        """The model, asked in this manner."""
        return self.asked

    @property
    def triager(self) -> Triager:
        """The inner one's."""
        return self._inner.triager

    @property
    def themes(self) -> ThemeFinder:
        """The inner one's."""
        return self._inner.themes

    @property
    def redactor(self) -> Redactor:
        """The inner one's."""
        return self._inner.redactor

    @property
    def rules(self) -> Rules:
        """The inner one's."""
        return self._inner.rules

    @property
    def drafter(self) -> Drafter:
        """The inner one's."""
        return self._inner.drafter

    @property
    def community(self) -> Community:
        """The inner one's."""
        return self._inner.community

    @property
    def settings(self) -> dict[str, str]:
        """The inner one's."""
        return self._inner.settings

    @property
    def tariff(self) -> Tariff:
        """The inner one's."""
        return self._inner.tariff

    def record(self) -> Record:
        """The inner one's."""
        return self._inner.record()

    def now(self) -> datetime:
        """The inner one's."""
        return self._inner.now()

"""A prompt is tried on stored replies: on the contexts frozen for them, with the other text."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from service.domain.draft import (
    Composition,
    Draft,
    DraftContext,
    Severity,
    TemplateRef,
)
from service.domain.evaluation import Trial
from service.domain.llm import ChatReply, ChatRequest
from service.domain.preview import PromptTrial, Reply, Spend
from service.drafting.compose import NO_MODEL
from service.flows.preview.cases import Twice
from service.flows.preview.prices import FEATURE, Prices
from service.flows.preview.replies import reply_of
from service.ports.engines import Drafter
from service.ports.models import ChatModel, OnDelta
from service.ports.store import UowFactory

BUDGET = "budget"
AWAY = "model_away"
PATIENCE = 3
"""Pairs without an answer, one after the other, before the model counts as away."""

LOOKED = 5
"""Stored replies looked at for each one tried: those that ask no model cost nothing."""


class Tried(NamedTuple):
    """A case with the reply of either prompt."""

    case: Twice
    before: Reply
    after: Reply


class _Pair(NamedTuple):
    case: Twice
    draft: Draft
    context: DraftContext


class PromptReplay:
    """Asks a model for each of a few cases, spread over the days."""

    def __init__(
        self, *, uow: UowFactory, drafter: Drafter, chat: ChatModel, trial: Trial, prices: Prices
    ) -> None:
        self._uow, self._drafter, self._trial, self._prices = uow, drafter, trial, prices
        self._before, self._after = _Meter(chat), _Meter(chat)
        self._reused = self._unanswered = self._silent = 0
        self._stopped = ""

    async def run(
        self, cases: Sequence[Twice], most: int, done: Callable[[int], None]
    ) -> tuple[list[Tried], PromptTrial]:
        """Try at most `most` of these cases.

        Args:
            done: told how many were tried.
        """
        await self._drafter.ready()
        fitting = [one for one in cases if one.after.route.reply_due]
        tried: list[Tried] = []
        for one in list(_spread(fitting, most))[: most * LOOKED]:
            if self._stopped or len(tried) >= most:
                break
            pair = await self._pair(one)
            found = await self._try(pair) if pair else None
            if found is not None:
                tried.append(found)
                done(len(tried))
        return tried, self._report(len(fitting), len(tried), most)

    async def _pair(self, case: Twice) -> _Pair | None:
        """The stored reply of a case, where this prompt wrote it and a model would be asked."""
        async with self._uow() as uow:
            newest = await uow.drafts.latest_for_case(case.stored.case.case.id)
        if newest is None or newest[1].template.id != self._trial.subject.name:
            return None
        draft, context = newest
        probe = await self._drafter.compose(context, None)
        return _Pair(case, draft, context) if probe.degraded_because == NO_MODEL else None

    async def _try(self, pair: _Pair) -> Tried | None:
        trial = self._trial
        before = await self._old(pair)
        after = None
        if before is not None:
            after = await self._ask(pair.context, trial.candidate_hash, self._after)
        if before is None or after is None:
            self._unanswered += 1
            self._silent += 1
            if self._silent >= PATIENCE and not self._stopped:
                self._stopped = AWAY
            return None
        self._silent = 0
        return Tried(pair.case, before, after)

    async def _old(self, pair: _Pair) -> Reply | None:
        """What production's prompt gave, or gives now."""
        same = pair.context.template.hash == self._trial.baseline_hash
        if same and pair.draft.composition.model is not None:
            self._reused += 1
            return await self._reply(pair.context, pair.draft.composition)
        return await self._ask(pair.context, self._trial.baseline_hash, self._before)

    async def _ask(self, context: DraftContext, digest: str, meter: _Meter) -> Reply | None:
        """None where the model gave nothing that can be used."""
        named = TemplateRef(id=context.template.id, version=context.template.version, hash=digest)
        context = context.model_copy(update={"template": named})
        composition = await self._drafter.compose(context, meter)
        if composition.degraded_because == BUDGET:
            self._stopped = BUDGET
        return None if composition.model is None else await self._reply(context, composition)

    async def _reply(self, context: DraftContext, composition: Composition) -> Reply:
        support = await self._drafter.support(context, composition, None)
        found = self._drafter.check(context, composition, support)
        failed = {one.check for one in found if one.severity is not Severity.INFO}
        return reply_of(context, composition, tuple(failed))

    def _report(self, fitting: int, cases: int, most: int) -> PromptTrial:
        before, after = self._before, self._after
        tokens = before.tokens + after.tokens
        old = before.mean or self._prices.tokens_a_reply
        return PromptTrial(
            fitting=fitting,
            cases=cases,
            reused=self._reused,
            unanswered=self._unanswered,
            stopped=self._stopped,
            expected=self._prices.expected(2 * min(most, fitting)),
            spent=Spend(
                calls=before.calls + after.calls, tokens=tokens, cost=self._prices.of(tokens)
            ),
            before=old,
            after=after.mean,
        )


class _Meter:
    """Counts what passes to a model; its calls have a name of their own in the ledger."""

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner
        self.calls = self.answers = self.tokens = 0

    @property
    def name(self) -> str:
        """The inner model's name."""
        return self._inner.name

    @property
    def mean(self) -> float | None:
        """Tokens an answer took; None without one."""
        return round(self.tokens / self.answers, 1) if self.answers else None

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        """As the inner model."""
        self.calls += 1
        named = request.model_copy(update={"feature": FEATURE})
        reply = await self._inner.complete(named, on_delta=on_delta)
        self.answers += 1
        self.tokens += reply.prompt_tokens + reply.completion_tokens
        return reply


def _spread(cases: Sequence[Twice], wanted: int) -> Iterator[Twice]:
    """All of them, in passes over the whole time, so that the first ones are spread evenly."""
    step = max(1, len(cases) // max(1, wanted))
    for start in range(step):
        yield from cases[start::step]

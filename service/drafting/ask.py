"""Ask the model; where its answer cannot be used, ask whoever comes after it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

from service.domain.draft import Composition
from service.domain.llm import ChatReply, ChatRequest, PassedOver
from service.errors import ProviderError
from service.ports.models import RESTART, ChatModel, OnDelta

NOBODY_LEFT = "no_provider"


class Unanswered(NamedTuple):
    """Nobody gave a text that can be used; `because` is a code."""

    because: str
    passed_over: tuple[PassedOver, ...] = ()


async def ask(
    request: ChatRequest,
    chat: ChatModel,
    on_delta: OnDelta | None,
    *,
    read: Callable[[ChatReply], Composition],
    fault: Callable[[Composition], str | None],
) -> Composition | Unanswered:
    """A composition without a fault, or why there is none. Each provider is asked once at most;
    a model that stands alone is not asked again.

    Args:
        read: makes a composition of an answer.
        fault: why a composition cannot be used, None if it can.
    """
    faults: dict[str, str] = {}
    while True:
        asked = request.model_copy(update={"avoid": tuple(faults)})
        try:
            reply = await chat.complete(asked, on_delta=on_delta)
        except ProviderError as error:
            return _unanswered(error, faults)
        composition, passed = read(reply), _named(reply.passed_over, faults)
        if (because := fault(composition)) is None:
            who = {"provider": reply.provider, "passed_over": passed}
            return composition.model_copy(update=who)
        if not reply.provider or reply.provider in faults:
            return Unanswered(because, passed)
        faults[reply.provider] = because
        if on_delta is not None:
            await on_delta(RESTART)


def _unanswered(error: ProviderError, faults: Mapping[str, str]) -> Unanswered:
    reason = str(error.details.get("reason", error.code))
    if faults and reason == NOBODY_LEFT:
        reason = list(faults.values())[-1]
    told = error.details.get("passed_over")
    passed = map(PassedOver.model_validate, told if isinstance(told, list) else ())
    return Unanswered(reason, _named(tuple(passed), faults))


def _named(passed: tuple[PassedOver, ...], faults: Mapping[str, str]) -> tuple[PassedOver, ...]:
    """With what was wrong with the answers of those that were avoided."""
    return tuple(
        one.model_copy(update={"reason": faults[one.provider]}) if one.provider in faults else one
        for one in passed
    )

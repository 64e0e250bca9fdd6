"""Settings become a chat model; the only place that names a concrete one."""

from __future__ import annotations

import asyncio
import random

from service.llm.breaker import BreakerChat
from service.llm.chain import ChainChat, Link
from service.llm.gguf import GgufChat
from service.llm.keys import key_of
from service.llm.openai_compatible import OpenAICompatibleChat
from service.llm.recording import Prices, Record, RecordingChat, Reserve
from service.llm.retrying import RetryingChat
from service.ports.clock import Clock, Ids
from service.ports.models import ChatModel
from service.settings import LLMSettings, ProviderSettings


def build_chat(
    settings: LLMSettings,
    record: Record,
    clock: Clock,
    ids: Ids,
    *,
    reserve: Reserve | None = None,
) -> ChainChat | None:
    """The chat model, or None when none is configured. Cheap: nothing is imported or connected.

    From the outside in: fallback chain, and for each provider circuit breaker, retries, budget
    and audit, endpoint.

    Args:
        record: stores one audit row; awaited before the answer is handed on.
        reserve: sets the cost of a call aside before it is sent; None: there is no budget.

    Raises:
        ConfigurationError: a provider's key, model file or runtime is not there.
    """
    if not settings.configured:
        return None

    def link(provider: ProviderSettings) -> Link:
        local = GgufChat(provider) if provider.gguf is not None else None
        endpoint: ChatModel = local or OpenAICompatibleChat(provider, key_of(provider))
        audited = RecordingChat(
            endpoint,
            record=record,
            reserve=reserve,
            prices=Prices(provider.price_in, provider.price_out, provider.price_cached),
            clock=clock,
            ids=ids,
            provider=provider.name,
            max_tokens=provider.max_tokens,
        )
        guarded = _guarded(audited, settings, clock)
        close = local.close if local else None
        return Link(provider.name, guarded, provider.capabilities, close)

    return ChainChat([link(provider) for provider in settings.chain])


def _guarded(chat: ChatModel, settings: LLMSettings, clock: Clock) -> ChatModel:
    retrying = RetryingChat(
        chat,
        retries=settings.max_retries,
        sleep=asyncio.sleep,
        jitter=random.SystemRandom().random,
    )
    return BreakerChat(
        retrying, failures=settings.breaker_failures, open_s=settings.breaker_s, clock=clock
    )

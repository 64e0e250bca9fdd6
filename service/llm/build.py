"""Settings become a chat model; the only place that names a concrete one."""

from __future__ import annotations

import asyncio
import random

from service.llm.breaker import BreakerChat
from service.llm.openai_compatible import OpenAICompatibleChat
from service.llm.recording import Prices, Record, RecordingChat
from service.llm.retrying import RetryingChat
from service.ports.clock import Clock, Ids
from service.ports.models import ChatModel
from service.settings import LLMSettings


def build_chat(settings: LLMSettings, record: Record, clock: Clock, ids: Ids) -> ChatModel | None:
    """The chat model, or None when none is configured. Cheap: nothing is imported or connected.

    From the outside in: circuit breaker, retries, audit, endpoint.

    Args:
        record: stores one audit row; awaited before the answer is handed on.
    """
    if not settings.configured:
        return None
    prices = Prices(settings.price_in, settings.price_out)
    audited = RecordingChat(
        OpenAICompatibleChat(settings), record=record, prices=prices, clock=clock, ids=ids
    )
    retrying = RetryingChat(
        audited,
        retries=settings.max_retries,
        sleep=asyncio.sleep,
        jitter=random.SystemRandom().random,
    )
    return BreakerChat(
        retrying, failures=settings.breaker_failures, open_s=settings.breaker_s, clock=clock
    )

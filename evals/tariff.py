"""What a model's answer costs, by the product's own price settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.domain.llm import ChatReply
from service.llm.answer import Tokens
from service.llm.recording import Prices
from service.settings import LLMSettings


@dataclass(frozen=True, slots=True)
class Tariff:
    """Prices by the name of the provider, in one currency; those without a price are left out."""

    currency: str = ""
    prices: Mapping[str, Prices] = field(default_factory=dict)

    def cost(self, reply: ChatReply) -> float | None:
        """Of one answer; None where its provider has no price."""
        prices = self.prices.get(reply.provider)
        if prices is None:
            return None
        counted = (reply.prompt_tokens, reply.completion_tokens, reply.tokens_estimated)
        return prices.of(Tokens(*counted, reply.cached_tokens))


def tariff_of(settings: LLMSettings) -> Tariff:
    """As configured. A price of nothing is no price: whether a call is free is not known then."""
    prices = {
        one.name: Prices(one.price_in, one.price_out, one.price_cached)
        for one in settings.chain
        if one.price_in or one.price_out
    }
    return Tariff(settings.currency, prices)

"""What a call of a model costs, reckoned from the ledger."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from service.domain.preview import Load, PreviewFindings, PromptTrial, Spend
from service.ports.queries import Queries
from service.ports.spending import UsageFilter, UsageGroup

FEATURE = "preview"
"""Name of a replay's calls in the ledger."""

REPLY = "draft.reply"
LOOK_BACK = timedelta(days=30)


class Prices(NamedTuple):
    """Of the last month's good and bad calls; None where there were none."""

    tokens_a_reply: float | None
    cost_a_token: float | None

    def of(self, tokens: float) -> float | None:
        """Cost of so many tokens, in the operator's currency."""
        return None if self.cost_a_token is None else round(tokens * self.cost_a_token, 6)

    def expected(self, calls: int) -> Spend:
        """What so many replies would use."""
        tokens = round(calls * (self.tokens_a_reply or 0.0))
        known = self.tokens_a_reply is not None
        return Spend(calls=calls, tokens=tokens, cost=self.of(tokens) if known else None)


async def prices_of(queries: Queries, community: str, now: datetime) -> Prices:
    """Of this community's calls."""
    where = UsageFilter(UsageGroup.FEATURE, now - LOOK_BACK, now + timedelta(days=1), community)
    rows = (await queries.usage(where, limit=200)).items
    tokens = sum(one.prompt_tokens + one.completion_tokens for one in rows)
    replies = [one for one in rows if one.key == REPLY]
    answered = sum(one.calls - one.failed for one in replies)
    used = sum(one.prompt_tokens + one.completion_tokens for one in replies)
    return Prices(
        tokens_a_reply=round(used / answered, 1) if answered else None,
        cost_a_token=sum(one.cost for one in rows) / tokens if tokens else None,
    )


async def paid_since(queries: Queries, community: str, since: datetime, now: datetime) -> float:
    """Cost of replays' calls since then, in the operator's currency."""
    where = UsageFilter(UsageGroup.FEATURE, since, now + timedelta(days=1), community)
    rows = (await queries.usage(where, limit=200)).items
    return round(sum(one.cost for one in rows if one.key == FEATURE), 6)


def with_day(found: PreviewFindings, prices: Prices) -> PreviewFindings:
    """The findings with what a day of replies would use more or less with a prompt."""
    prompt = found.prompt
    if prompt is None or prompt.before is None or prompt.after is None:
        return found
    return found.model_copy(update={"prompt": _with_day(prompt, found, found.after, prices)})


def _with_day(
    prompt: PromptTrial, found: PreviewFindings, load: Load, prices: Prices
) -> PromptTrial:
    replies = found.per_day(load.replies)
    more = replies * ((prompt.after or 0.0) - (prompt.before or 0.0))
    spend = Spend(calls=round(replies), tokens=round(more), cost=prices.of(more))
    return prompt.model_copy(update={"per_day": spend})

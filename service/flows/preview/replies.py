"""What becomes of replies, as far as no model is needed to tell."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

from retrieval.types import Retrieval
from service.domain.community import Community
from service.domain.draft import Composition, DraftContext
from service.domain.preview import ANSWERED, NOT_DUE, Reply
from service.domain.triage import Judgement
from service.flows.preview.cases import Stored, Twice
from service.ports.engines import ContextInput
from service.ports.previews import Side, Sides

Replies = tuple[Reply | None, Reply | None]
"""Of both sides; None where the change cannot touch the reply."""

_UNTOUCHED: Replies = (None, None)


class ReplyReplay:
    """Answers as without a model: from the rules, or with a typed refusal. Who refuses, refuses
    with a model too."""

    def __init__(self, sides: Sides, community: Community, now: datetime) -> None:
        self._sides, self._community, self._now = sides, community, now

    async def of(self, cases: Sequence[Twice]) -> list[Replies]:
        """Both replies of each case.

        Raises:
            EmbedderUnavailable: no vectors now.
        """
        looked = [place for place, one in enumerate(cases) if self._concerns(one)]
        texts = [cases[place].after.redacted.text for place in looked]
        before = await asyncio.to_thread(self._sides.before.rules.search, texts)
        after = before
        if self._sides.after.rules is not self._sides.before.rules:
            after = await asyncio.to_thread(self._sides.after.rules.search, texts)
        found = [_UNTOUCHED] * len(cases)
        for place, old, new in zip(looked, before, after, strict=True):
            found[place] = await self._both(cases[place], old, new)
        return found

    def _concerns(self, one: Twice) -> bool:
        if not (one.before.route.reply_due or one.after.route.reply_due):
            return False
        rules_differ = self._sides.before.rules is not self._sides.after.rules
        return rules_differ or _ground(one.before) != _ground(one.after)

    async def _both(self, one: Twice, before: Retrieval, after: Retrieval) -> Replies:
        if _ground(one.before) == _ground(one.after) and _same(before, after):
            return _UNTOUCHED
        sides = self._sides
        return (
            await self._reply(sides.before, one.stored, one.before, before),
            await self._reply(sides.after, one.stored, one.after, after),
        )

    async def _reply(
        self, side: Side, stored: Stored, judgement: Judgement, retrieval: Retrieval
    ) -> Reply:
        if not judgement.route.reply_due:
            return Reply(outcome=NOT_DUE)
        given = ContextInput(
            context_id="preview",
            community=self._community,
            case=stored.case,
            judgement=judgement,
            retrieval=retrieval,
            titles=side.rules.titles,
            instruction="",
            created_at=self._now,
        )
        context = await asyncio.to_thread(side.drafter.reply_context, given)
        return reply_of(context, await side.drafter.compose(context, None))


def reply_of(context: DraftContext, composition: Composition, checks: Sequence[str] = ()) -> Reply:
    """A composition without its text."""
    cited = tuple(one.clause_id for one in composition.citations)
    leading = context.passages[0].clause_id if context.passages else None
    return Reply(
        outcome=composition.refusal.value if composition.refusal else ANSWERED,
        rule_found=context.rule_found,
        clause=leading,
        cited=cited,
        checks=tuple(sorted(checks)),
    )


def _ground(judgement: Judgement) -> tuple[object, ...]:
    """What a reply rests on beside the clauses."""
    route = judgement.route
    return (
        judgement.labels[:1],
        judgement.candidates[:1],
        judgement.severity,
        route.department,
        route.reply_due,
    )


def _same(before: Retrieval, after: Retrieval) -> bool:
    """Whether a reply rests on the same clauses with the same texts."""
    if before.found != after.found:
        return False
    old, new = before.passages, after.passages
    return not before.found or [one.clause.content_hash for one in old] == [
        one.clause.content_hash for one in new
    ]

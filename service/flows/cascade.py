"""What the heads left open is asked of a model, after triage and beside everything else."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import structlog

from service.domain.case import CaseText
from service.domain.community import Community
from service.domain.llm import CLASSIFY
from service.domain.triage import Judgement, Triage
from service.flows.reach import refresh_priorities
from service.flows.routes import routes_of
from service.ports.clock import Clock, Ids
from service.ports.engines import Labeller
from service.ports.models import ChatModel
from service.ports.store import UnitOfWork, UowFactory

DAY = timedelta(days=1)

log = structlog.get_logger()


class _Ground(NamedTuple):
    community: Community
    case: CaseText
    triage: Triage


class CascadeFlow:
    """Appends a triage with the model's labels, unless a person or a newer message came first.

    The case has its triage from the heads all the while; nothing waits for this.
    """

    def __init__(
        self,
        *,
        uow: UowFactory,
        labeller: Labeller,
        chat: ChatModel,
        per_day: int,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._labeller, self._chat = uow, labeller, chat
        self._per_day, self._clock, self._ids = per_day, clock, ids

    async def label(self, case_id: str) -> Triage | None:
        """Ask about one case; None where there is nothing to ask or the model cannot say.

        Raises:
            TransientProviderError: the model is away; the job is tried again later.
        """
        async with self._uow() as uow:
            ground = await self._ground(uow, case_id)
            spent = ground is not None and await self._spent(uow, ground.community.id)
        if ground is None or spent:
            return None
        judgement = await self._labeller.label(
            ground.triage.judgement,
            community=ground.community,
            at=ground.case.case.last_at,
            chat=self._chat,
        )
        return await self._append(ground, judgement) if judgement else None

    async def _ground(self, uow: UnitOfWork, case_id: str) -> _Ground | None:
        """The case as it stands, if it is still to be asked about."""
        case = (await uow.cases.texts([case_id])).get(case_id)
        triage = (await uow.triages.latest([case_id])).get(case_id)
        community = await uow.communities.get(case.case.community) if case else None
        if case is None or triage is None or community is None or not community.ask_model:
            return None
        if triage.case_size < case.case.size or triage.standing is not None:
            return None
        return _Ground(community, case, triage) if self._labeller.due(triage.judgement) else None

    async def _spent(self, uow: UnitOfWork, community: str) -> bool:
        calls = await uow.llm_calls.count(community, CLASSIFY, self._clock.now() - DAY)
        if calls >= self._per_day:
            log.warning("classify_budget_spent", community=community, calls=calls)
        return calls >= self._per_day

    async def _append(self, ground: _Ground, judgement: Judgement) -> Triage | None:
        """Store it if the case stands as it stood when the model was asked."""
        case_id = ground.triage.case_id
        async with self._uow() as uow:
            await uow.overrides.lock([case_id])
            now = (await uow.triages.latest([case_id])).get(case_id)
            if now is None or now.id != ground.triage.id:
                return None
            changes = {
                "id": self._ids.new("tri"),
                "judgement": await _routed(uow, ground, judgement),
                "created_at": self._clock.now(),
            }
            triage = ground.triage.model_copy(update=changes)
            await uow.triages.add([triage])
            await refresh_priorities(uow, [case_id])
            await uow.commit()
        return triage


async def _routed(uow: UnitOfWork, ground: _Ground, judgement: Judgement) -> Judgement:
    """Routed by the rules in force; even so no reply is withdrawn and none falls due later."""
    case, kept = ground.case.case, judgement.route
    routes = await routes_of(uow, case.community, [case.id])
    if routes is None:
        return judgement
    routed = routes.routed(judgement, case, None)
    route = routed.route.model_copy(
        update={"due_at": min(routed.route.due_at, kept.due_at), "reply_due": kept.reply_due}
    )
    return routed.model_copy(update={"route": route})

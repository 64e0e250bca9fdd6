"""Model calls are paid from a budget before they are sent."""

from __future__ import annotations

from typing import NamedTuple

from service.domain.llm import LLMCall
from service.domain.spend import Gauge, Limit, Limits, Reservation, exceeded, gauges
from service.errors import BudgetExceeded, InvalidInput
from service.ports.clock import Clock
from service.ports.store import UnitOfWork, UowFactory

BUDGET = "budget"
"""`reason` in the details of the error."""


class Budget(NamedTuple):
    """What a community may still use: its own wishes, what is in force, and all communities
    together."""

    own: Limits
    in_force: Limits
    community: tuple[Gauge, ...]
    everywhere: tuple[Gauge, ...]


class SpendingFlow:
    """Sets estimates aside, settles them, and knows the limits.

    A call is sent only when its estimate fits into every limit together with all that is settled
    or under way, in whatever process; the check and the reservation are one transaction under one
    lock. `everywhere` holds for all communities together, `each` for every one of them; what a
    community sets for itself can only be tighter.
    """

    def __init__(self, *, uow: UowFactory, everywhere: Limits, each: Limits, clock: Clock) -> None:
        self._uow, self._clock = uow, clock
        self._everywhere, self._each = everywhere, each

    async def reserve(self, wanted: Reservation) -> None:
        """Set the estimate of one call aside.

        Raises:
            BudgetExceeded: it does not fit; `limit` and `scope` are in the details.
        """
        async with self._uow() as uow:
            own = await uow.spending.own_limits(wanted.community)
            limits = self._each.tightest(own)
            if not limits.given and not self._everywhere.given:
                return
            await uow.spending.lock()
            await self._check(uow, wanted, self._everywhere, None)
            await self._check(uow, wanted, limits, wanted.community)
            await uow.spending.reserve(wanted)
            await uow.commit()

    async def settle(self, call: LLMCall) -> None:
        """Store what the call really used; its estimate is free again."""
        async with self._uow() as uow:
            await uow.llm_calls.add(call)
            await uow.commit()

    async def budget(self, community: str) -> Budget:
        """Limits and what is used of them in the present day and month."""
        now = self._clock.now()
        async with self._uow() as uow:
            own = await uow.spending.own_limits(community) or Limits()
            in_force = self._each.tightest(own)
            return Budget(
                own,
                in_force,
                gauges(in_force, await uow.spending.spent(community, now)),
                gauges(self._everywhere, await uow.spending.spent(None, now)),
            )

    async def set_own(self, community: str, limits: Limits, *, by: str) -> Budget:
        """Set what the community allows itself; only what is tighter than the settings counts.

        Raises:
            InvalidInput: a limit below zero, or not a number.
        """
        if any(not 0 <= value <= MOST for value in limits.given.values()):
            raise InvalidInput("A limit is a number from 0 to 1e12.")
        async with self._uow() as uow:
            await uow.spending.lock()
            await uow.spending.set_own_limits(community, limits, by=by, at=self._clock.now())
            await uow.commit()
        return await self.budget(community)

    async def _check(
        self, uow: UnitOfWork, wanted: Reservation, limits: Limits, community: str | None
    ) -> None:
        if not limits.given:
            return
        spent = await uow.spending.spent(community, self._clock.now())
        if (broken := exceeded(limits, spent, wanted)) is not None:
            raise _refused(broken, community or "everywhere")


MOST = 1e12
"""Largest limit."""


def _refused(limit: Limit, scope: str) -> BudgetExceeded:
    return BudgetExceeded(
        "A limit on what language models may use is reached; raise it or wait for the next period.",
        reason=BUDGET,
        limit=limit.value,
        scope=scope,
    )

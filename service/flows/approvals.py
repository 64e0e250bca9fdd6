"""The approval policy of a community: read, changed with a reason, and asked about a draft."""

from __future__ import annotations

from service.domain.approval import ApprovalPolicy, PolicyVersion
from service.domain.taxonomy import Taxonomy
from service.errors import Conflict, InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.store import UnitOfWork, UowFactory

SHIPPED = "shipped"
"""Names the policy of a community that never set one."""

MAX_REASON = 500
"""Characters."""


class ApprovalsFlow:
    """Keeps the policies; every change is a new version that says who and why."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        shipped: ApprovalPolicy,
        taxonomy: Taxonomy,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._shipped, self._taxonomy = uow, shipped, taxonomy
        self._clock, self._ids = clock, ids

    async def current(self, community: str) -> tuple[ApprovalPolicy, str]:
        """The policy in force and the id of its version (`shipped` where none was ever set)."""
        async with self._uow() as uow:
            return _in_force(await uow.approvals.newest(community), self._shipped)

    async def history(self, community: str, limit: int = 50) -> tuple[PolicyVersion, ...]:
        """Newest first."""
        async with self._uow() as uow:
            return await uow.approvals.history(community, limit)

    async def put(
        self, community: str, policy: ApprovalPolicy, *, by: str, reason: str, seen: str
    ) -> PolicyVersion:
        """Let another policy decide from now on; the same again changes nothing.

        Args:
            seen: id of the version the change was made from.

        Raises:
            NotFound: no such community.
            InvalidInput: no reason, or a rule names an unknown category.
            Conflict: somebody else changed the policy meanwhile.
        """
        why = reason.strip()[:MAX_REASON]
        if not why:
            raise InvalidInput("Say why the policy changes; the reason is kept.")
        self._check(policy)
        async with self._uow() as uow:
            newest = await self._newest(uow, community)
            if newest is not None and newest.policy == policy:
                return newest
            if _in_force(newest, self._shipped)[1] != seen:
                raise Conflict("The policy was changed meanwhile; look at it and change it again.")
            version = PolicyVersion(
                id=self._ids.new("apv"),
                community=community,
                policy=policy,
                by=by,
                reason=why,
                at=self._clock.now(),
            )
            await uow.approvals.add(version)
            await uow.commit()
        return version

    async def _newest(self, uow: UnitOfWork, community: str) -> PolicyVersion | None:
        if await uow.communities.get(community) is None:
            raise NotFound("There is no such community.")
        return await uow.approvals.newest(community, lock=True)

    def _check(self, policy: ApprovalPolicy) -> None:
        known = {category.id for category in self._taxonomy.categories}
        wanted = {one for rule in policy.rules for one in rule.when.categories}
        if unknown := sorted(wanted - known):
            raise InvalidInput("A rule asks for an unknown category.", categories=unknown)


def _in_force(newest: PolicyVersion | None, shipped: ApprovalPolicy) -> tuple[ApprovalPolicy, str]:
    return (newest.policy, newest.id) if newest else (shipped, SHIPPED)

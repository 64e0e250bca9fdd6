"""Routing rules: stored under version, rehearsed, then activated by what the rehearsal showed."""

from __future__ import annotations

from datetime import timedelta

from service.domain.report import LONGEST_DAYS, Report, ReportKind, ReportStatus
from service.domain.routing import Activation, RoutingRules, RoutingSet
from service.domain.taxonomy import Taxonomy
from service.errors import Conflict, InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.store import UowFactory

FRESH = timedelta(days=1)
"""A rehearsal older than this says too little of what an activation would do now."""


class RoutingFlow:
    """Keeps the sets of rules of each community."""

    def __init__(self, *, uow: UowFactory, taxonomy: Taxonomy, clock: Clock, ids: Ids) -> None:
        self._uow, self._taxonomy, self._clock, self._ids = uow, taxonomy, clock, ids

    async def put(self, community: str, rules: RoutingRules, *, by: str) -> RoutingSet:
        """Store a whole set as a new version; the newest set again changes nothing.

        Raises:
            NotFound: no such community.
            InvalidInput: a rule asks for a category that does not exist.
        """
        self._check(rules)
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound("There is no such community.")
            await uow.routing.lock(community)
            newest = await uow.routing.newest(community)
            if newest is not None and newest.content_hash == rules.content_hash:
                return newest
            given = RoutingSet(
                id=self._ids.new("rts"),
                community=community,
                version=newest.version + 1 if newest else 1,
                rules=rules.rules,
                default_queue=rules.default_queue,
                content_hash=rules.content_hash,
                created_by=by,
                created_at=self._clock.now(),
            )
            await uow.routing.add(given)
            await uow.commit()
        return given

    async def activate(self, community: str, version: int, digest: str, *, by: str) -> Activation:
        """Let a version decide from now on; cases triaged before stay as they are.

        Args:
            digest: hash of the rehearsal whose flips a person has seen.

        Raises:
            NotFound: no such version.
            Conflict: no finished rehearsal of it has this hash, or it is older than a day.
        """
        async with self._uow() as uow:
            await uow.routing.lock(community)
            given = await uow.routing.version(community, version)
            if given is None:
                raise NotFound("There is no such version of the routing rules.")
            report = await uow.reports.by_hash(community, digest)
            self._require_seen(report, given)
            assert report is not None  # noqa: S101
            active = await uow.routing.activation(community)
            if active is not None and active.report_id == report.id:
                return active
            activation = Activation(
                id=self._ids.new("act"),
                community=community,
                set_id=given.id,
                report_id=report.id,
                by=by,
                at=self._clock.now(),
            )
            await uow.routing.activate(activation)
            await uow.commit()
        return activation

    def _require_seen(self, report: Report | None, given: RoutingSet) -> None:
        if report is None or report.kind is not ReportKind.ROUTING:
            raise Conflict("Rehearse this version first, then activate it with the report's hash.")
        if report.subject.set_id != given.id or report.status is not ReportStatus.DONE:
            raise Conflict("This hash belongs to the rehearsal of another version.")
        if report.created_at < self._clock.now() - FRESH:
            raise Conflict("This rehearsal is older than a day; rehearse again.")

    def _check(self, rules: RoutingRules) -> None:
        known = {category.id for category in self._taxonomy.categories}
        wanted = {category for rule in rules.rules for category in rule.when.categories}
        if unknown := sorted(wanted - known):
            raise InvalidInput("A rule asks for an unknown category.", categories=unknown)


def require_days(days: int) -> int:
    """The days of a rehearsal.

    Raises:
        InvalidInput: none, or too many.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise InvalidInput(f"A rehearsal goes over 1 to {LONGEST_DAYS} days.")
    return days

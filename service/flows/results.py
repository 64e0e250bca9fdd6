"""What became of posts is written down, and read beside new briefs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from service.domain.result import Measured, PostResult
from service.errors import InvalidInput, NotFound
from service.ports.clock import Clock, Ids
from service.ports.store import UowFactory

AHEAD = timedelta(minutes=5)
"""Clocks differ by less; a later count is a mistake."""

EARLIEST = 1971
"""Year before which nothing was counted."""


class ResultsFlow:
    """Results of posts."""

    def __init__(self, *, uow: UowFactory, clock: Clock, ids: Ids) -> None:
        self._uow, self._clock, self._ids = uow, clock, ids

    async def record(self, request_id: str, given: Sequence[Measured], by: str) -> int:
        """Append counts of a stored post; how many were new.

        Raises:
            InvalidInput: one of them is of the future.
        """
        now = self._clock.now()
        if any(problem_of(one, now) for one in given):
            raise InvalidInput(_FUTURE)
        async with self._uow() as uow:
            added = await uow.results.add([self._made(request_id, one, by, now) for one in given])
            await uow.commit()
        return added

    async def import_rows(
        self, community: str, rows: Mapping[int, tuple[str, Measured]], by: str
    ) -> tuple[int, dict[int, str]]:
        """Append what fits of (post id, count) by line number; how many were new, and by line
        what is wrong with the others.

        Raises:
            NotFound: no such community.
        """
        now, refused = self._clock.now(), {}
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound("There is no such community.")
            known = await uow.results.posts_in(community, {post for post, _ in rows.values()})
            fit = []
            for line, (post, one) in rows.items():
                problem = problem_of(one, now) if post in known else "There is no such post."
                if problem:
                    refused[line] = problem
                else:
                    fit.append(self._made(post, one, by, now))
            added = await uow.results.add(fit)
            await uow.commit()
        return added, refused

    def _made(self, request_id: str, one: Measured, by: str, now: datetime) -> PostResult:
        return PostResult(
            id=self._ids.new("res"),
            post_request_id=request_id,
            by=by,
            created_at=now,
            metric=one.metric,
            value=one.value,
            as_of=one.as_of,
            source=one.source,
        )


_FUTURE = "`as_of` lies in the future, or long before any post."


def problem_of(one: Measured, now: datetime) -> str | None:
    """What is wrong with a count that can be read."""
    return None if one.as_of.year >= EARLIEST and one.as_of <= now + AHEAD else _FUTURE

"""What became of posts: figures a platform or a person reports after they left."""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum
from statistics import median
from typing import Annotated

from pydantic import Field, StringConstraints

from service.domain.base import Frozen, Instant

LEAST_POSTS = 3
"""Posts a median is told from; fewer are too few to say."""


class Metric(StrEnum):
    """What is counted of a post that left."""

    READS = "reads"
    LIKES = "likes"
    REPLIES = "replies"
    JOINS = "joins"
    CLICKS = "clicks"
    SHARES = "shares"


class Measured(Frozen):
    """A count as it stood at a moment."""

    metric: Metric
    value: int = Field(ge=0, le=1_000_000_000)
    as_of: Instant = Field(description="When it stood so.", examples=["2026-04-12T09:00:00+08:00"])
    source: Annotated[str, StringConstraints(strip_whitespace=True)] = Field(
        min_length=1, max_length=60, description="Who counted.", examples=["wecom"]
    )


class PostResult(Measured):
    """A stored count; never changed. Of one post and metric the newest `as_of` counts, and of the
    same moment the one stored last."""

    id: str
    post_request_id: str
    by: str
    created_at: Instant


class PostOutcome(Frozen):
    """A post with the newest count of each metric. `at` is when it first left, or was asked for
    where it left by other means."""

    post_request_id: str
    title: str
    kind: str
    channels: tuple[str, ...]
    at: Instant
    results: tuple[PostResult, ...] = ()

    def value(self, metric: Metric) -> int | None:
        """The count; None where nobody told."""
        return next((one.value for one in self.results if one.metric is metric), None)


class Usual(Frozen):
    """What earlier posts reached: the median over the posts that told this metric; None while
    they are fewer than `LEAST_POSTS`."""

    metric: Metric
    posts: int
    median: float | None


def usual(outcomes: Sequence[PostOutcome]) -> tuple[Usual, ...]:
    """One for each metric that at least one post told."""
    told = {metric: [one.value(metric) for one in outcomes] for metric in Metric}
    known = {metric: [n for n in values if n is not None] for metric, values in told.items()}
    return tuple(
        Usual(
            metric=metric,
            posts=len(values),
            median=float(median(values)) if len(values) >= LEAST_POSTS else None,
        )
        for metric, values in known.items()
        if values
    )

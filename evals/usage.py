"""What answers took of a model: calls, tokens, money, seconds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from pydantic import Field

from service.domain.base import Frozen


class Usage(Frozen):
    """Of one answer, or of many together. An answer from the cache counts as when it was first
    asked for: `kept` says how many calls were not paid again.

    `cost` is None where a call's provider has no price, `seconds` (the model's own time) where a
    call was not timed: neither is zero. A failed call is counted, its tokens are not known.
    """

    calls: int = Field(0, ge=0)
    kept: int = Field(0, ge=0, description="Calls answered from the cache.")
    failed: int = Field(0, ge=0, description="Calls without an answer.")
    prompt_tokens: int = Field(0, ge=0)
    completion_tokens: int = Field(0, ge=0)
    cached_tokens: int = Field(0, ge=0, description="Prompt tokens the server had kept.")
    estimated: bool = Field(False, description="Some tokens are reckoned from characters.")
    cost: float | None = Field(None, ge=0)
    currency: str = ""
    seconds: float | None = Field(None, ge=0)

    @property
    def tokens(self) -> int:
        """Read and written."""
        return self.prompt_tokens + self.completion_tokens


class Meter:
    """Adds up the calls made while it is open. Answers to a community's own case are `private`:
    they hold what a member said and are not kept beyond the run."""

    def __init__(self, *, private: bool = False) -> None:
        self.private = private
        self._found: list[Usage] = []

    def add(self, usage: Usage) -> None:
        """Count a call."""
        self._found.append(usage)

    def usage(self) -> Usage | None:
        """All of them; None where no model was asked."""
        return together(self._found)


_OPEN: ContextVar[Meter | None] = ContextVar("evals_meter", default=None)
# A drafter stands between a case and its calls, and the chat port names no case: what is open in
# the task that asks (and in those it starts) is the case's.


@contextmanager
def metered(*, private: bool = False) -> Iterator[Meter]:
    """A meter for the calls made inside, by this task and those it starts."""
    meter = Meter(private=private)
    token = _OPEN.set(meter)
    try:
        yield meter
    finally:
        _OPEN.reset(token)


def note(usage: Usage) -> None:
    """Count a call on the open meter, if there is one."""
    meter = _OPEN.get()
    if meter is not None:
        meter.add(usage)


def private() -> bool:
    """Whether the open meter says so."""
    meter = _OPEN.get()
    return meter is not None and meter.private


def together(found: Iterable[Usage | None]) -> Usage | None:
    """The sum; None where nothing asked a model. One unknown cost or time makes the sum unknown."""
    given = [one for one in found if one is not None and one.calls]
    if not given:
        return None
    return Usage(
        calls=sum(one.calls for one in given),
        kept=sum(one.kept for one in given),
        failed=sum(one.failed for one in given),
        prompt_tokens=sum(one.prompt_tokens for one in given),
        completion_tokens=sum(one.completion_tokens for one in given),
        cached_tokens=sum(one.cached_tokens for one in given),
        estimated=any(one.estimated for one in given),
        cost=_sum(one.cost for one in given),
        currency=next((one.currency for one in given if one.currency), ""),
        seconds=_sum(one.seconds for one in given),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)

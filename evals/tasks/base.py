"""What a task is, and the line between a failing engine and a failing harness."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from evals.cases import Answer, Sample
from evals.errors import EngineFailure


class Task(Protocol):
    """Asks a production engine about golden cases."""

    @property
    def chunk(self) -> int:
        """Cases asked about at once."""
        ...

    @property
    def concurrency(self) -> int:
        """Chunks in flight at once."""
        ...

    def versions(self) -> dict[str, str]:
        """Versions of everything the answers depend on."""
        ...

    async def answer(self, samples: Sequence[Sample]) -> tuple[Answer, ...]:
        """One answer per case, in order.

        Raises:
            EngineFailure: the engine raised; anything else that escapes is the harness's fault.
        """
        ...


@contextmanager
def engine_call() -> Iterator[None]:
    """Mark what happens inside as the engine's doing."""
    try:
        yield
    except EngineFailure:
        raise
    except Exception as error:
        raise EngineFailure(f"{type(error).__name__}: {error}") from error

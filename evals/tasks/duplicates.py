"""Ask the production triage engine how two golden messages stand to each other."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from evals.cases import DuplicatesAnswer, DuplicatesExpect, PairKind, Sample
from evals.registry import task
from evals.tasks.base import engine_call
from evals.wiring import Engines
from service.domain.duplicates import Likeness
from service.ports.engines import Judged, Side

KINDS: dict[str, PairKind] = {"exact": "exact", "near": "near", "semantic": "semantic"}


@task("duplicates")
class DuplicatesTask:
    """Judge both texts, then compare them, as the flows do."""

    chunk = 64
    concurrency = 1

    def __init__(self, engines: Engines) -> None:
        self._engines = engines

    def versions(self) -> dict[str, str]:
        """What the engine says of itself."""
        judged = self._engines.triager.judge(["版本"], [self._engines.now()])
        return judged[0].judgement.versions.model_dump(exclude_none=True)

    async def answer(self, samples: Sequence[Sample]) -> tuple[DuplicatesAnswer, ...]:
        """Compare in a thread: the engine blocks."""
        return await asyncio.to_thread(self._compare_all, samples)

    def _compare_all(self, samples: Sequence[Sample]) -> tuple[DuplicatesAnswer, ...]:
        others = [_other(sample) for sample in samples]
        texts = [*(sample.text for sample in samples), *others]
        with engine_call():
            judged = self._engines.triager.judge(texts, [self._engines.now()] * len(texts))
            pairs = zip(judged[: len(samples)], judged[len(samples) :], strict=True)
            return tuple(self._compare(one, other) for one, other in pairs)

    def _compare(self, one: Judged, other: Judged) -> DuplicatesAnswer:
        left = Side("one", one.judgement, one.vector)
        right = Side("other", other.judgement, other.vector)
        (found,) = self._engines.triager.likeness(left, [right])
        return _answer(found)


def _other(sample: Sample) -> str:
    if not isinstance(sample.expect, DuplicatesExpect):
        raise TypeError(f"{sample.id} is no case of duplicates")
    return sample.expect.other


def _answer(found: Likeness | None) -> DuplicatesAnswer:
    if found is None:
        return DuplicatesAnswer(kind="different", similarity=0.0)
    return DuplicatesAnswer(
        kind=KINDS[found.kind.value],
        similarity=found.similarity,
        reasons=(*(reason.value for reason in found.reasons), *found.words),
    )

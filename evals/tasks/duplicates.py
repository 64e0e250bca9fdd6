"""Ask the production triage engine how two golden messages stand to each other."""

from __future__ import annotations

from collections.abc import Sequence

from evals.cases import DuplicatesAnswer, DuplicatesExpect, PairKind, Sample
from evals.registry import task
from evals.tasks.base import engine_call
from evals.tasks.judging import Judging
from service.domain.duplicates import Likeness
from service.ports.engines import Judged, Side

KINDS: dict[str, PairKind] = {"exact": "exact", "near": "near", "semantic": "semantic"}


@task("duplicates")
class DuplicatesTask(Judging):
    """Judge both texts, then compare them, as the flows do."""

    async def answer(self, samples: Sequence[Sample]) -> tuple[DuplicatesAnswer, ...]:
        """One answer a pair, in order."""
        count = len(samples)
        texts = [*(sample.text for sample in samples), *map(_other, samples)]
        judged = await self.judged(texts)
        with engine_call():
            pairs = zip(judged[:count], judged[count:], strict=True)
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

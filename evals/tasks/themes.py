"""Cluster all golden messages with the production theme finder, and again in two overlapping
parts, as two weekly runs would."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence

import numpy as np

from evals.cases import Sample, ThemesAnswer
from evals.registry import task
from evals.tasks.base import engine_call
from evals.tasks.judging import Judging
from evals.theme_weeks import carried
from retrieval.types import FloatMatrix
from service.ports.engines import Clustering

_SEED = 29
_WEEK = 0.75
"""Share of the messages one run sees: two runs have half of all in common."""


@task("themes")
class ThemesTask(Judging):
    """Judge each message for its vector, as the product has it, then cluster."""

    chunk = 100_000
    """All at once: themes are of a whole community."""

    async def answer(self, samples: Sequence[Sample]) -> tuple[ThemesAnswer, ...]:
        """One answer a message, in order."""
        judged = await self.judged([sample.text for sample in samples])
        vectors = np.stack([one.vector for one in judged])
        with engine_call():
            return await asyncio.to_thread(self._placed, samples, vectors)

    def _placed(self, samples: Sequence[Sample], vectors: FloatMatrix) -> tuple[ThemesAnswer, ...]:
        everything = self._cluster(samples, vectors, range(len(samples)))
        themes = {
            row: number
            for number, cluster in enumerate(everything.clusters)
            for row in cluster.members
        }
        first, then = self._weeks(samples, vectors)
        return tuple(
            ThemesAnswer(theme=themes.get(row), weeks=(first.get(one.id), then.get(one.id)))
            for row, one in enumerate(samples)
        )

    def _weeks(
        self, samples: Sequence[Sample], vectors: FloatMatrix
    ) -> tuple[Mapping[str, str], Mapping[str, str]]:
        """Case id to theme id after each of two runs."""
        order = np.random.default_rng(_SEED).permutation(len(samples))
        part = int(_WEEK * len(order))
        first = self._run(samples, vectors, order[:part].tolist(), {}, 0)
        return first, self._run(samples, vectors, order[-part:].tolist(), first, 1)

    def _run(
        self,
        samples: Sequence[Sample],
        vectors: FloatMatrix,
        rows: Sequence[int],
        earlier: Mapping[str, str],
        week: int,
    ) -> dict[str, str]:
        found = self._cluster(samples, vectors, rows)
        members = [[samples[rows[at]].id for at in one.members] for one in found.clusters]
        return carried(earlier, members, found.frame.centres, week)[0]

    def _cluster(
        self, samples: Sequence[Sample], vectors: FloatMatrix, rows: Sequence[int]
    ) -> Clustering:
        texts = [samples[row].text for row in rows]
        return self._engines.themes.cluster(texts, vectors[list(rows)])

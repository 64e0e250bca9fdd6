"""Whether a case asked again comes out the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from evals.model import HARNESS, Score

STABILITY = "stability"
"""Share of a case's repeats with the set of scores most of them have; 1 when all agree."""

Outcome = tuple[tuple[str, float | None], ...]


def stability(repeats: Sequence[Iterable[Score]]) -> tuple[Score, ...]:
    """One score a case. A case the harness lost in a repeat is unscored."""
    outcomes: dict[str, list[Outcome]] = defaultdict(list)
    lost: dict[str, str] = {}
    for scores in repeats:
        grouped: dict[str, list[tuple[str, float | None]]] = defaultdict(list)
        for score in scores:
            grouped[score.sample_id].append((score.metric, score.value))
            if score.unscored and score.unscored.startswith(HARNESS):
                lost[score.sample_id] = score.unscored
        for sample_id, pairs in grouped.items():
            outcomes[sample_id].append(tuple(sorted(pairs, key=lambda pair: pair[0])))
    return tuple(_stable(sample_id, found, lost) for sample_id, found in outcomes.items())


def _stable(sample_id: str, found: Sequence[Outcome], lost: dict[str, str]) -> Score:
    if sample_id in lost:
        return Score(sample_id=sample_id, metric=STABILITY, unscored=lost[sample_id])
    ((_, most),) = Counter(found).most_common(1)
    return Score(sample_id=sample_id, metric=STABILITY, value=most / len(found))

"""F1 of the category labels, over all of them and for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from evals.cases import TriageAnswer, TriageExpect
from evals.model import Figure
from evals.registry import Answered, total_scorer
from evals.scoring import unpack
from evals.slices import by_draw, by_language, by_owner


@total_scorer("triage", "label_f1")
def label_f1(cases: Sequence[Answered]) -> Iterator[Figure]:
    """Macro F1 (every expected category weighs the same) by language and by how cases were drawn,
    and F1 per category.

    Both categories of a two-label case are expected. Cases that expect neither a category nor an
    abstention say nothing about labels and are left out.
    """
    judged = [case for case in cases if _expects_labels(case)]
    for slice_name, members in (*by_language(judged), *by_draw(judged), *by_owner(judged)):
        counts = _counts(members)
        values = [_f1(*count) for count in counts.values()]
        yield _figure("label_f1", slice_name, values, len(members))
    golden = [case for case in judged if not case.sample.own]
    for category, count in sorted(_counts(golden).items()):
        support = count[0] + count[2]
        yield _figure("label_f1", f"category:{category}", [_f1(*count)], support)


def _expects_labels(case: Answered) -> bool:
    _, expect, _ = unpack(case, TriageExpect, TriageAnswer)
    return bool(expect.categories) or bool(expect.abstain)


def _counts(cases: Sequence[Answered]) -> dict[str, tuple[int, int, int]]:
    """True positives, false positives and false negatives of every expected category."""
    hit: Counter[str] = Counter()
    extra: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for case in cases:
        _, expect, answer = unpack(case, TriageExpect, TriageAnswer)
        wanted = set(expect.categories)
        given = {label.category for label in answer.labels}
        hit.update(wanted & given)
        extra.update(given - wanted)
        missed.update(wanted - given)
    return {name: (hit[name], extra[name], missed[name]) for name in hit.keys() | missed.keys()}


def _f1(hit: int, extra: int, missed: int) -> float:
    return 2 * hit / (2 * hit + extra + missed)


def _figure(metric: str, slice_name: str, values: list[float], n: int) -> Figure:
    value = sum(values) / len(values) if values else None
    return Figure(metric=metric, slice=slice_name, value=value, n=n)

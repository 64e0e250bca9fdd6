"""Which leading category was wanted and which was given, in a triage run."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

from evals.cases import TriageAnswer, TriageExpect
from evals.model import EvalRun
from evals.score import answered

ABSTAINED = "(abstained)"
MAX_CONFUSED = 10


class Guessed(NamedTuple):
    """The leading category of a case: wanted and given."""

    sample_id: str
    wanted: str
    given: str


class Confused(NamedTuple):
    """How often one leading category was given where another was wanted."""

    wanted: str
    given: str
    n: int


class Confusion(NamedTuple):
    """Counts of expected (row) against given (column) leading category."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[int, ...]], ...]

    def row(self, wanted: str) -> int:
        """Where the row of a category stands."""
        return [name for name, _ in self.rows].index(wanted)


def confusion(run: EvalRun) -> Confusion | None:
    """Leading category expected against given, for a triage run."""
    counts = Counter((one.wanted, one.given) for one in guessed(run))
    if not counts:
        return None
    columns = tuple(sorted({given for _, given in counts}))
    names = sorted({wanted for wanted, _ in counts})
    lines = ((name, tuple(counts[name, column] for column in columns)) for name in names)
    return Confusion(columns, tuple(lines))


def most_confused(run: EvalRun) -> tuple[Confused, ...]:
    """The most frequent mistakes of a triage run, at most `MAX_CONFUSED`; an abstention where a
    category was wanted counts as one."""
    wrong = (one for one in guessed(run) if one.wanted != one.given)
    counts = Counter((one.wanted, one.given) for one in wrong)
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Confused(wanted, given, n) for (wanted, given), n in ranked[:MAX_CONFUSED])


def guessed(run: EvalRun) -> Iterator[Guessed]:
    """Every golden case of a triage run that says what is wanted."""
    for sample, answer in answered(run):
        if sample.own:
            continue
        if isinstance(sample.expect, TriageExpect) and isinstance(answer, TriageAnswer):
            wanted, given = sample.expect.categories, answer.labels
            name = given[0].category if given else ABSTAINED
            if wanted or sample.expect.abstain:
                expected = name if name in wanted else (wanted[0] if wanted else ABSTAINED)
                yield Guessed(sample.id, expected, name)

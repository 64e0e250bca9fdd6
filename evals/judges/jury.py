"""Trusted judges asked about a candidate and production, as the gate hears them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from evals.asking import Manner
from evals.candidate import Pair
from evals.errors import RunMismatch
from evals.judges.ask import judge_of
from evals.judges.cli import asking_for, judge_run
from evals.judges.material import JUDGED
from evals.wiring import Engines
from service.domain.base import Lang
from service.domain.labelling import About
from service.domain.quality import Agreement
from service.quality.agreement import may_gate
from service.quality.rubrics import load_rubrics

NOBODY = "no judge was asked: none of the agreement file is the configured model's and trusted"
NO_MODEL = "no judge was asked: no chat model is configured"


class Jury(NamedTuple):
    """Judges' agreement with people, and how many cases of each language they read (None: all)."""

    agreements: tuple[Agreement, ...]
    limit: int | None = None


class Heard(NamedTuple):
    """The pairs with the judges' words, and why judges were not asked, if so."""

    pairs: tuple[Pair, ...]
    silent: tuple[str, ...] = ()


def heard(
    pairs: Sequence[Pair],
    places: Sequence[tuple[Path, Path]],
    jury: Jury,
    engines: Engines,
    how: Manner,
) -> Heard:
    """Have every trusted rubric's judge read both runs of each pair that has texts for people.

    Args:
        places: where the runs of each pair are stored; the words are kept beside them.
    """
    if engines.chat is None:
        return Heard(tuple(pairs), (NO_MODEL,))
    rubrics = tuple(_trusted(jury, engines, how))
    if not rubrics:
        return Heard(tuple(pairs), (NOBODY,))
    found, silent = [], []
    for pair, paths in zip(pairs, places, strict=True):
        if pair.candidate.manifest.task in JUDGED:
            try:
                pair = _read(pair, paths, rubrics, jury, engines, how)
            except RunMismatch as error:
                silent.append(f"no judge read {pair.candidate.manifest.task}: {error.message}")
        found.append(pair)
    return Heard(tuple(found), tuple(silent))


def _read(
    pair: Pair,
    paths: tuple[Path, Path],
    rubrics: Sequence[str],
    jury: Jury,
    engines: Engines,
    how: Manner,
) -> Pair:
    for rubric in rubrics:
        pair = Pair(*(judge_run(path, rubric, engines, how, jury.limit) for path in paths))
    return pair


def _trusted(jury: Jury, engines: Engines, how: Manner) -> Iterator[str]:
    """Rubrics by which the configured model is borne out in some language; the gate ignores its
    word in the others."""
    known = {(one.rubric, one.judge, one.lang) for one in jury.agreements if may_gate(one.kappa)}
    for rubric in (one for one in load_rubrics() if one.about is About.REPLY):
        asking = asking_for(rubric.id, engines, how)
        judges = ((rubric.id, judge_of(asking, lang).id, lang) for lang in Lang)
        if any(judge in known for judge in judges):
            yield rubric.id

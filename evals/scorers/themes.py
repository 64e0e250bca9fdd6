"""Does the theme finder put together what belongs together, and do themes last."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence

from evals.cases import ThemesAnswer, ThemesExpect
from evals.model import OVERALL, Figure, Score
from evals.registry import Answered, case_scorer, total_scorer
from evals.scoring import right, unpack, unscored
from evals.slices import by_language
from evals.theme_weeks import agreement, kept, spillover
from service.domain.base import Lang

NOWHERE = -1


@case_scorer("themes", "placed")
def placed(case: Answered) -> Iterator[Score]:
    """`clustered`: a message of a group is in some theme. `left_alone`: one that is about nothing
    others speak of is in none."""
    sample, expect, answer = unpack(case, ThemesExpect, ThemesAnswer)
    if expect.single:
        yield unscored(sample, "clustered", "about nothing others speak of")
        yield right(sample, "left_alone", answer.theme is None)
    else:
        yield right(sample, "clustered", answer.theme is not None)
        yield unscored(sample, "left_alone", "a message of a group")


@total_scorer("themes", "v")
def v(cases: Sequence[Answered]) -> Iterator[Figure]:
    """V measure over the messages of groups, in all and by language."""
    yield from _by_language("v", cases, lambda labels, themes: agreement(labels, themes).v)


@total_scorer("themes", "ari")
def ari(cases: Sequence[Answered]) -> Iterator[Figure]:
    """Adjusted Rand index over the messages of groups, in all and by language."""
    yield from _by_language("ari", cases, lambda labels, themes: agreement(labels, themes).ari)


@total_scorer("themes", "spillover")
def spilt(cases: Sequence[Answered]) -> Iterator[Figure]:
    """Of the messages in themes, the share outside the main theme of their group."""
    yield from _by_language("spillover", cases, spillover)


@total_scorer("themes", "unclustered")
def unclustered(cases: Sequence[Answered]) -> Iterator[Figure]:
    """Share of the messages of groups that are in no theme."""
    yield from _by_language(
        "unclustered", cases, lambda _, themes: themes.count(NOWHERE) / len(themes)
    )


@total_scorer("themes", "meet")
def meet(cases: Sequence[Answered]) -> Iterator[Figure]:
    """Of the groups told in both languages, the share whose Chinese and English messages have the
    same main theme."""
    sides: dict[str, dict[Lang, Counter[int]]] = defaultdict(lambda: defaultdict(Counter))
    for case in cases:
        sample, expect, answer = unpack(case, ThemesExpect, ThemesAnswer)
        if expect.group is not None:
            sides[expect.group][sample.lang][_number(answer)] += 1
    told = [one for one in sides.values() if len(one) == len(Lang)]
    met = [_main(one[Lang.ZH]) == _main(one[Lang.EN]) != NOWHERE for one in told]
    value = sum(met) / len(met) if met else None
    yield Figure(metric="meet", slice=OVERALL, value=value, n=len(met))


@total_scorer("themes", "id_kept")
def id_kept(cases: Sequence[Answered]) -> Iterator[Figure]:
    """Of the themes of a run, the share whose id lives on in the next, over overlapping parts."""
    weeks: tuple[set[str], set[str]] = (set(), set())
    for case in cases:
        _, _, answer = unpack(case, ThemesExpect, ThemesAnswer)
        for living, theme in zip(weeks, answer.weeks, strict=True):
            if theme is not None:
                living.add(theme)
    value = kept(*weeks) if weeks[0] else None
    yield Figure(metric="id_kept", slice=OVERALL, value=value, n=len(weeks[0]))


def _by_language(
    metric: str,
    cases: Sequence[Answered],
    worth: Callable[[list[str], list[int]], float],
) -> Iterator[Figure]:
    for name, members in by_language(cases):
        labels, themes = _grouped(members)
        value = worth(labels, themes) if labels else None
        yield Figure(metric=metric, slice=name, value=value, n=len(labels))


def _grouped(cases: Sequence[Answered]) -> tuple[list[str], list[int]]:
    """Group and theme of each message that has a group."""
    labels, themes = [], []
    for case in cases:
        _, expect, answer = unpack(case, ThemesExpect, ThemesAnswer)
        if expect.group is not None:
            labels.append(expect.group)
            themes.append(_number(answer))
    return labels, themes


def _number(answer: ThemesAnswer) -> int:
    return NOWHERE if answer.theme is None else answer.theme


def _main(themes: Counter[int]) -> int:
    """The most frequent theme; being in none counts as one."""
    return max(sorted(themes), key=themes.__getitem__)

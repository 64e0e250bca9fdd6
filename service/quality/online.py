"""What became of drafts in real decisions: accepted, edited, rejected, how long it took, how much
was changed. Distances are Levenshtein's (1966), divided by the longer text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence

from rapidfuzz.distance import Levenshtein

from service.domain.base import Lang
from service.domain.quality import DecidedText, OnlineFigures, SplitBy
from service.domain.review import Verdict
from service.quality.intervals import mean, median, share

FEW = 30
"""Decisions below which figures are called few: a share of a half is known to 0.17 either way."""

SEED = 20_260_401

_Group = tuple[str, int | None, str | None, Lang | None]


def online_figures(
    decided: Iterable[DecidedText], by: SplitBy = SplitBy.NOTHING
) -> tuple[OnlineFigures, ...]:
    """By prompt, newest version first, and what they are split by."""
    groups: dict[_Group, list[DecidedText]] = defaultdict(list)
    for one in decided:
        category = one.category if by is SplitBy.CATEGORY else None
        groups[
            one.template, one.version, category, one.lang if by is SplitBy.LANG else None
        ].append(one)
    return tuple(_figures(group, groups[group]) for group in sorted(groups, key=_place))


def _place(group: _Group) -> tuple[str, int, str, str]:
    template, version, category, lang = group
    return template, -(version or 0), category or "", lang or ""


def _figures(group: _Group, decided: Sequence[DecidedText]) -> OnlineFigures:
    n = len(decided)
    sent = [one for one in decided if one.verdict in (Verdict.APPROVE, Verdict.APPROVE_EDITED)]
    changed = [one for one in sent if one.first != one.last]
    rejected = sum(one.verdict == Verdict.REJECT for one in decided)
    distances = [Levenshtein.normalized_distance(one.first, one.last) for one in changed]
    return OnlineFigures(
        template=group[0],
        version=group[1],
        category=group[2],
        lang=group[3],
        n=n,
        few=n < FEW,
        accepted=share(len(sent) - len(changed), n),
        edited=share(len(changed), n),
        rejected=share(rejected, n),
        seconds=median([one.seconds for one in decided], SEED),
        distance=mean(distances, SEED),
    )

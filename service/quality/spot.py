"""What is drawn for a spot check, and what the checked texts say of the service."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from service.domain.base import Lang
from service.domain.draft import Origin
from service.domain.labelling import About, Judged, Rater, Rubric
from service.domain.quality import Agreement
from service.domain.spot import SpotFigures, SpotSplit, Spotted
from service.quality.bar import passes
from service.quality.intervals import share as share_of
from service.quality.online import FEW

RUBRICS: Mapping[About, tuple[str, ...]] = {
    About.REPLY: ("grounded", "answers"),
    About.TRIAGE: ("triage",),
}
"""What drawn things are judged by: all of two values, so that a share passes."""

_Group = tuple[Lang, Origin | None, str | None, int | None]
_Said = Mapping[tuple[str, str], Sequence[Judged]]


def draw(refs: Iterable[str], share: float, most: int) -> tuple[str, ...]:
    """A simple random sample by a hash of the names alone.

    The same names give the same sample, in whatever order; a smaller share or number gives the
    beginning of a larger one, so nothing is ever drawn beyond the largest that was asked for.
    """
    ranked = sorted((_place(ref), ref) for ref in set(refs))
    return tuple(ref for place, ref in ranked[:most] if place < share)


def spot_figures(
    checks: Iterable[Spotted],
    labels: Iterable[Judged],
    rubrics: Iterable[Rubric],
    agreements: Iterable[Agreement],
    by: SpotSplit = SpotSplit.NOTHING,
) -> tuple[SpotFigures, ...]:
    """Of each rubric and language with anything drawn, people and then judges that may gate there;
    labels of other versions of a rubric are left out."""
    given, trusted = tuple(checks), tuple(one for one in agreements if one.may_gate)
    known = {one.id: one for one in rubrics}
    said: dict[tuple[str, str], list[Judged]] = defaultdict(list)
    for one in labels:
        if one.rubric in known and one.rubric_version == known[one.rubric].version:
            said[one.rubric, one.ref].append(one)
    return tuple(
        figures
        for about, names in RUBRICS.items()
        for rubric in (known[name] for name in names)
        for figures in _of_rubric(rubric, [c for c in given if c.about is about], said, trusted, by)
    )


def _of_rubric(
    rubric: Rubric,
    checks: Sequence[Spotted],
    said: _Said,
    trusted: Sequence[Agreement],
    by: SpotSplit,
) -> Iterator[SpotFigures]:
    groups: dict[_Group, list[str]] = defaultdict(list)
    for one in checks:
        split = (one.origin, one.template, one.version) if by is SpotSplit.VERSION else (None,) * 3
        groups[one.lang, *split].append(one.ref)
    for group in sorted(groups, key=_order):
        judges = (x.judge for x in trusted if (x.rubric, x.lang) == (rubric.id, group[0]))
        for judge in (None, *judges):
            yield _figures(rubric, group, groups[group], said, judge)


def _figures(
    rubric: Rubric, group: _Group, refs: Sequence[str], said: _Said, judge: str | None
) -> SpotFigures:
    found = (_value(said.get((rubric.id, ref), ()), judge) for ref in refs)
    values = [value for value in found if value is not None]
    lang, origin, template, version = group
    return SpotFigures(
        about=rubric.about,
        rubric=rubric.id,
        lang=lang,
        origin=origin,
        template=template,
        version=version,
        rater=Rater.JUDGE if judge else Rater.PERSON,
        judge=judge,
        drawn=len(refs),
        judged=len(values),
        few=len(values) < FEW,
        passed=share_of(sum(passes(value, rubric.scale) for value in values), len(values)),
    )


def _value(said: Sequence[Judged], judge: str | None) -> int | None:
    """The judge's value, or the first person's."""
    if judge is not None:
        return next((one.value for one in said if one.by == judge), None)
    people = (one for one in said if one.rater is Rater.PERSON)
    first = min(people, key=lambda one: one.at, default=None)
    return first.value if first else None


def _order(group: _Group) -> tuple[str, str, str, int]:
    lang, origin, template, version = group
    return lang, origin or "", template or "", -(version or 0)


def _place(ref: str) -> float:
    """0 to 1; another one than that of second looks."""
    digest = hashlib.sha256(f"spot:{ref}".encode()).digest()
    return int.from_bytes(digest[:6]) / 2**48

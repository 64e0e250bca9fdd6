"""Which hours of the week most people write in, with how sure that is.

Method: empirical Bayes. Each of the 168 hours of a week is seen once a week; the mean of a slot is
drawn to the mean of all by the share of the spread between slots that the spread between weeks
explains (James and Stein 1961; Efron and Morris 1975). A slot is only offered when its lower bound,
at 5% over all slots together (Bonferroni), lies above the mean of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from statistics import NormalDist, fmean, variance
from zoneinfo import ZoneInfo

from service.domain.base import Frozen, Instant

WEEKS = 8
"""Weeks looked back on."""

LEAST_WEEKS = 4
LEAST_PEOPLE = 100
"""Whole weeks and people-hours an advice rests on; fewer are too few to say."""

MOST = 3
"""Slots offered."""

SLOTS = 168

_Z = NormalDist().inv_cdf(1 - 0.05 / SLOTS)


class SlotState(StrEnum):
    """What can be said."""

    FOUND = "found"
    TOO_FEW = "too_few"
    NO_DIFFERENCE = "no_difference"
    """No allowed hour stands out from chance."""


class Slot(Frozen):
    """An hour of the local week; 0 is Monday. Figures are people who wrote something effective in
    such an hour: as counted, drawn to the mean of all, and the lower bound of that."""

    weekday: int
    hour: int
    mean: float
    drawn: float
    low: float
    next_at: Instant


class SlotAdvice(Frozen):
    """Slots, the best first, with what they rest on; differences between them may be chance. Who
    wrote when is a correlation: nobody knows from it that a post does better then."""

    state: SlotState
    weeks: int
    people_hours: int
    mean: float
    """People of an hour, over all hours."""
    slots: tuple[Slot, ...] = ()
    method: str = "empirical_bayes"
    source: str = "messages: distinct authors of each local hour, without noise replies and staff"


def advise(
    hours: Mapping[datetime, int],
    *,
    now: datetime,
    zone: ZoneInfo,
    quiet: Callable[[int], bool],
) -> SlotAdvice:
    """Advice from the people of each local hour (without an offset; hours without any may be
    left out) of the last `WEEKS` weeks before today. Hours that are `quiet` are never offered."""
    today = now.astimezone(zone).date()
    weeks = _weeks(hours, today)
    start = datetime.combine(today - timedelta(weeks=weeks), time())
    inside = {at: n for at, n in hours.items() if start <= at < datetime.combine(today, time())}
    total = sum(inside.values())
    mean = total / (weeks * SLOTS) if weeks else 0.0
    if weeks < LEAST_WEEKS or total < LEAST_PEOPLE:
        return SlotAdvice(state=SlotState.TOO_FEW, weeks=weeks, people_hours=total, mean=mean)
    seen = {
        slot: [inside.get(start + timedelta(hours=slot + SLOTS * week), 0) for week in range(weeks)]
        for slot in range(SLOTS)
    }
    offered = [
        _slot(start + timedelta(hours=slot), values, now, zone)
        for slot, values in _drawn(seen).items()
    ]
    clear = [one for one in offered if one.low > mean and not quiet(one.hour)]
    best = sorted(clear, key=lambda one: (-one.drawn, one.weekday, one.hour))[:MOST]
    return SlotAdvice(
        state=SlotState.FOUND if best else SlotState.NO_DIFFERENCE,
        weeks=weeks,
        people_hours=total,
        mean=mean,
        slots=tuple(best),
    )


def _weeks(hours: Mapping[datetime, int], today: date) -> int:
    """Whole weeks since anybody wrote, at most `WEEKS`."""
    first = min((at.date() for at in hours), default=today)
    return max(0, min(WEEKS, (today - first).days // 7))


def _drawn(seen: Mapping[int, list[int]]) -> dict[int, tuple[float, float, float]]:
    """Mean, drawn mean and lower bound of each slot. A slot that swings more from week to week
    than others is trusted less: one crowded evening makes no habit."""
    weeks = len(seen[0])
    means = {slot: fmean(values) for slot, values in seen.items()}
    spreads = {slot: variance(values) for slot, values in seen.items()}
    overall, pooled = fmean(means.values()), fmean(spreads.values())
    between = max(0.0, variance(means.values()) - pooled / weeks)
    found = {}
    for slot, mean in means.items():
        error = max(pooled, spreads[slot]) / weeks
        share = between / (between + error) if between else 0.0
        drawn = overall + share * (mean - overall)
        found[slot] = mean, drawn, drawn - _Z * (share * error) ** 0.5
    return found


def _slot(at: datetime, figures: tuple[float, float, float], now: datetime, zone: ZoneInfo) -> Slot:
    mean, drawn, low = figures
    return Slot(
        weekday=at.weekday(),
        hour=at.hour,
        mean=mean,
        drawn=drawn,
        low=low,
        next_at=_next(at.weekday(), at.hour, now, zone),
    )


def _next(weekday: int, hour: int, now: datetime, zone: ZoneInfo) -> datetime:
    """The next such hour that has not begun."""
    local = now.astimezone(zone)
    day = local.date() + timedelta(days=(weekday - local.weekday()) % 7)
    found = datetime.combine(day, time(hour), zone)
    return found if found > now else datetime.combine(day + timedelta(days=7), time(hour), zone)

"""Series keep their wall time, look back on whole days, and clashes are seen both ways."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from dateutil.rrule import rrulestr
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from service.domain.base import Bilingual
from service.domain.calendar import (
    Conflict,
    Entry,
    EntryState,
    Every,
    Period,
    Place,
    Repeat,
    Series,
    SeriesPlan,
    with_conflicts,
)
from service.domain.channel import Channel, Markup, Platform
from service.domain.post import PostBrief

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
MONDAYS = Repeat(weekdays=(0,))
BRIEF = PostBrief(title="周报", points=("活动",))


def series(repeat: Repeat = MONDAYS, zone: str = "Asia/Shanghai", **more: object) -> Series:
    plan = SeriesPlan.model_validate(
        {"brief": BRIEF, "repeat": repeat, "first": "2026-03-02T10:00:00"} | more
    )
    return Series(
        id="ser_1", community="acme", plan=plan, timezone=zone, created_by="u", created_at=NOW
    )


def test_a_week_after_the_other() -> None:
    found = series().occurrences(NOW - timedelta(days=8), NOW + timedelta(days=14))
    assert [one.isoformat() for one in found] == [
        "2026-03-02T10:00:00+08:00", "2026-03-09T10:00:00+08:00", "2026-03-16T10:00:00+08:00",
    ]  # fmt: skip


def test_the_wall_time_stays_when_clocks_change() -> None:
    found = series(Repeat(every=Every.DAY), "Europe/Berlin").occurrences(
        datetime(2026, 3, 28, tzinfo=UTC), datetime(2026, 3, 31, tzinfo=UTC)
    )
    assert [one.astimezone(UTC).hour for one in found] == [9, 8, 8]
    assert {one.hour for one in found} == {10}


rules = st.sampled_from(
    [
        Repeat(every=Every.DAY),
        Repeat(every=Every.DAY, interval=3),
        Repeat(weekdays=(0, 3)),
        Repeat(every=Every.MONTH, day_of_month=-1),
        Repeat(every=Every.MONTH, day_of_month=28),
    ]
)
zones = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/New_York", "UTC"])
moments = st.datetimes(
    datetime(2026, 1, 1), datetime(2027, 1, 1), timezones=st.just(ZoneInfo("UTC"))
)


@given(rules, zones, st.tuples(moments, moments, moments))
def test_two_looks_side_by_side_see_what_one_sees(
    rule: Repeat, zone: str, at: tuple[datetime, ...]
) -> None:
    start, middle, end = sorted(at)
    made = series(rule, zone)
    apart = made.occurrences(start, middle) + made.occurrences(middle, end)
    assert apart == made.occurrences(start, end)
    assert list(apart) == sorted(set(apart))


def test_an_ended_series_makes_no_more() -> None:
    ended = series().model_copy(update={"ended_at": NOW + timedelta(days=1)})
    assert len(ended.occurrences(NOW - timedelta(days=8), NOW + timedelta(days=30))) == 1


def test_a_report_looks_back_on_whole_local_days() -> None:
    (at,) = series(period="week").occurrences(NOW - timedelta(days=1), NOW + timedelta(days=1))
    brief = series(period="week").brief_for(at)
    assert brief.not_before == at
    assert (str(brief.start), str(brief.end)) == (
        "2026-02-23 00:00:00+08:00", "2026-03-02 00:00:00+08:00",
    )  # fmt: skip
    monthly = series(Repeat(every=Every.MONTH, day_of_month=1), period=Period.MONTH)
    march = datetime(2026, 3, 1, 10, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert str(monthly.brief_for(march).start) == "2026-02-01 00:00:00+08:00"


def test_the_last_day_stands_for_a_missing_one() -> None:
    made = series(Repeat(every=Every.MONTH), first="2026-01-31T10:00:00")
    found = made.occurrences(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC))
    assert [(one.month, one.day) for one in found] == [(1, 31), (2, 28), (3, 31), (4, 30)]


@given(rules, st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)))
def test_the_exported_rule_says_the_same(repeat: Repeat, first: datetime) -> None:
    ours = list(islice(repeat.rule(first.replace(microsecond=0)), 20))
    theirs = rrulestr(repeat.as_rrule(first), dtstart=first.replace(microsecond=0))
    assert ours == list(islice(theirs, 20))


@pytest.mark.parametrize(
    "repeat",
    [{"every": "hour"}, {"interval": 0}, {"every": "day", "weekdays": [1]}, {"day_of_month": 3},
     {"every": "month", "day_of_month": 0}, {"every": "month", "day_of_month": 31}],
)  # fmt: skip
def test_what_cannot_repeat_is_refused(repeat: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Repeat.model_validate(repeat)


def test_times_of_a_plan_are_local() -> None:
    with pytest.raises(ValidationError, match="without an offset"):
        series(first="2026-03-02T10:00:00Z")


def entry(name: str, at: datetime, **more: object) -> Entry:
    given = {"id": name, "post_request_id": name, "series_id": None, "task_id": None, "title": name,
             "kind": "announcement", "channel": "main", "at": at, "state": "approved"}  # fmt: skip
    return Entry.model_validate(given | more)


PLATFORM = Platform(
    id="p", title=Bilingual(zh="平台", en="Platform"), markup=Markup.PLAIN, per_day=2
)
PLACES = (
    Place(channel=Channel(name="main", platform="p", quiet_from=22, quiet_to=7), platform=PLATFORM),
)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def conflicts(*entries: Entry) -> dict[str, set[str]]:
    found = with_conflicts(entries, PLACES, SHANGHAI, NOW)
    return {one.id: {str(conflict) for conflict in one.conflicts} for one in found}


def test_close_posts_of_one_channel_warn_each_other() -> None:
    later = NOW + timedelta(days=1)
    near = later + timedelta(minutes=90)
    assert conflicts(entry("a", later), entry("b", near)) == {"a": {"close"}, "b": {"close"}}
    assert conflicts(entry("a", later), entry("b", near, channel="x")) == {"a": set(), "b": set()}
    assert conflicts(entry("a", later), entry("b", near, state="cancelled"))["a"] == set()


def test_too_many_a_day_quiet_hours_and_missed_times() -> None:
    day = [entry(str(n), NOW + timedelta(days=1, hours=3 * n - 3)) for n in range(3)]
    assert all("too_many" in found for found in conflicts(*day).values())
    night = datetime(2026, 3, 3, 23, 30, tzinfo=SHANGHAI)
    assert conflicts(entry("n", night))["n"] == {str(Conflict.QUIET)}
    missed = entry("m", NOW - timedelta(hours=1), state=EntryState.REVIEW)
    assert conflicts(missed)["m"] == {str(Conflict.LATE)}


@given(st.integers(0, 23), st.integers(0, 23), st.integers(0, 23))
def test_quiet_time_and_its_complement_share_the_day(start: int, end: int, hour: int) -> None:
    quiet = Channel(name="a", platform="p", quiet_from=start, quiet_to=end)
    rest = Channel(name="a", platform="p", quiet_from=end, quiet_to=start)
    assert (quiet.quiet_at(hour) != rest.quiet_at(hour)) is (start != end)

"""Charts are plain path data that a browser can draw."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.web.charts import HEIGHT, WIDTH, chart

START = datetime(2026, 4, 1, tzinfo=UTC)


def hours(count: int) -> list[datetime]:
    return [START + timedelta(hours=n) for n in range(count)]


@given(st.lists(st.integers(0, 10**7), min_size=1, max_size=300))
def test_every_point_lies_inside_the_drawing(counts: list[int]) -> None:
    drawn = chart(hours(len(counts)), counts)
    points = [tuple(map(float, p)) for p in re.findall(r"([\d.e+]+),([\d.e+]+)", drawn.line)]
    assert len(points) == len(counts)
    assert all(0 <= x <= WIDTH and 0 <= y <= HEIGHT for x, y in points)
    assert drawn.most == max(counts)
    assert len(drawn.marks) <= 5


def test_the_highest_point_touches_the_top() -> None:
    drawn = chart(hours(3), [0, 5, 10])
    assert drawn.line == "M0,120 L320,60 L640,0"


def test_nothing_gives_an_empty_drawing() -> None:
    drawn = chart([], [])
    assert (drawn.line, drawn.area, drawn.marks) == ("", "", ())

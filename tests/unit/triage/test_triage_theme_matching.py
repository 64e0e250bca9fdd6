"""Ids of themes last from run to run."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from service.triage.theme_matching import Matching, match_themes

NONE = np.zeros((0, 2), dtype=np.float32)


def match(earlier: dict[str, str], found: list[list[str]], **more: frozenset[str]) -> Matching:
    centres = np.zeros((len(found), 2), dtype=np.float32)
    return match_themes(earlier, found, old_centres={}, centres=centres, **more)


def cases(prefix: str, count: int) -> list[str]:
    return [f"{prefix}{n}" for n in range(count)]


def test_a_theme_found_again_keeps_its_id() -> None:
    earlier = dict.fromkeys(cases("a", 6), "A") | dict.fromkeys(cases("b", 6), "B")
    found = [[*cases("b", 5), "new1", "new2"], cases("a", 6)]
    assert match(earlier, found).ids == ("B", "A")


def test_what_splits_off_knows_where_it_came_from() -> None:
    earlier = dict.fromkeys(cases("a", 10), "A")
    found = [cases("a", 10)[:6], cases("a", 10)[6:]]
    matching = match(earlier, found)
    assert matching.ids == ("A", None)
    assert [(s.theme_id, s.number, s.share) for s in matching.splits] == [("A", 1, 0.4)]


def test_what_goes_into_another_theme_is_merged() -> None:
    earlier = dict.fromkeys(cases("a", 8), "A") | dict.fromkeys(cases("b", 4), "B")
    matching = match(earlier, [[*cases("a", 8), *cases("b", 4)]])
    assert matching.ids == ("A",)
    assert [(m.theme_id, m.number) for m in matching.merges] == [("B", 0)]


def test_themes_that_share_nothing_are_newborn() -> None:
    assert match(dict.fromkeys(cases("a", 5), "A"), [cases("z", 5)]).ids == (None,)


def test_what_people_merged_stays_together() -> None:
    earlier = dict.fromkeys(cases("a", 10), "A")
    found = [cases("a", 10)[:6], cases("a", 10)[6:]]
    assert match(earlier, found, merged_by_people=frozenset({"A"})).ids == ("A", "A")


def test_a_theme_without_shared_cases_is_known_by_its_place() -> None:
    place = np.array([0.6, 0.8], dtype=np.float32)
    matching = match_themes({}, [["z"]], old_centres={"A": place}, centres=place[None, :])
    assert matching.ids == ("A",)
    away = np.array([[0.8, -0.6]], dtype=np.float32)
    assert match_themes({}, [["z"]], old_centres={"A": place}, centres=away).ids == (None,)


@settings(max_examples=60, deadline=None)
@given(
    st.dictionaries(st.integers(0, 30), st.integers(0, 5)),
    st.dictionaries(st.integers(0, 30), st.integers(0, 5)),
)
def test_every_id_is_given_once_and_every_heir_is_real(
    old: dict[int, int], new: dict[int, int]
) -> None:
    earlier = {f"c{case}": f"T{theme}" for case, theme in old.items()}
    found = [[f"c{c}" for c, t in new.items() if t == theme] for theme in sorted(set(new.values()))]
    matching = match(earlier, found)
    given_ids = [id for id in matching.ids if id is not None]
    assert len(given_ids) == len(set(given_ids))
    for heir in matching.merges:
        assert heir.theme_id not in given_ids
        assert 0 < heir.share <= 1
    for heir in matching.splits:
        assert heir.theme_id in given_ids
        assert matching.ids[heir.number] is None

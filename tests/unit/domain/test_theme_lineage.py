"""Descent of themes has no circles."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from service.domain.theme import LinkKind, ThemeLink, descends, new_links

NOW = datetime(2026, 4, 1, tzinfo=UTC)
IDS = st.sampled_from("ABCDEF")


def link(earlier: str, later: str) -> ThemeLink:
    return ThemeLink(from_theme=earlier, to_theme=later, kind=LinkKind.SPLIT, share=0.5, at=NOW)


@given(st.lists(st.lists(st.tuples(IDS, IDS), max_size=6), max_size=6))
def test_whatever_runs_find_no_theme_descends_from_itself(
    runs: list[list[tuple[str, str]]],
) -> None:
    lineage: tuple[ThemeLink, ...] = ()
    for found in runs:
        lineage += new_links(lineage, [link(*pair) for pair in found])
    for one in lineage:
        assert not descends(lineage, one.from_theme, one.to_theme)
    pairs = [(one.from_theme, one.to_theme) for one in lineage]
    assert len(pairs) == len(set(pairs))


def test_a_part_that_returns_closes_no_circle() -> None:
    split = new_links((), [link("A", "B"), link("B", "C")])
    assert len(split) == 2
    assert new_links(split, [link("C", "A")]) == ()
    assert len(new_links(split, [link("A", "C")])) == 1
    assert descends(split, "C", "A")

"""Groups follow from links: order does not matter, and what is taken back was never there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from service.domain.duplicates import (
    DuplicateLink,
    LinkVerdict,
    Pair,
    in_force,
    pair_of,
    roots,
)

CASES = [f"case_{letter}" for letter in "abcdefgh"]
START = datetime(2026, 4, 1, tzinfo=UTC)

pairs = (
    st.tuples(st.sampled_from(CASES), st.sampled_from(CASES))
    .filter(lambda two: two[0] != two[1])
    .map(lambda two: pair_of(*two))
)
words = st.lists(st.tuples(pairs, st.sampled_from(LinkVerdict)), max_size=12)
found = st.frozensets(pairs, max_size=8)


def said(given_words: Sequence[tuple[Pair, LinkVerdict]]) -> list[DuplicateLink]:
    return [
        DuplicateLink(
            id=f"link_{number:03}",
            community="acme",
            first_id=pair.first,
            second_id=pair.second,
            verdict=verdict,
            by="ann",
            at=START + timedelta(minutes=number),
        )
        for number, (pair, verdict) in enumerate(given_words)
    ]


@given(found, words, pairs)
def test_merging_and_unmerging_restores_what_was(
    engine: frozenset[Pair], earlier: list[tuple[Pair, LinkVerdict]], pair: Pair
) -> None:
    before = roots(CASES, in_force(engine, said(earlier)))
    if before[pair.first] == before[pair.second]:
        return  # nothing to merge
    merged = [*earlier, (pair, LinkVerdict.MERGED)]
    together = roots(CASES, in_force(engine, said(merged)))
    assert together[pair.first] == together[pair.second]
    undone = [*merged, (pair, LinkVerdict.UNMERGED)]
    assert roots(CASES, in_force(engine, said(undone))) == before


@given(st.lists(pairs, max_size=12), st.randoms(use_true_random=False))
def test_the_order_of_links_does_not_matter(links: list[Pair], chance: object) -> None:
    shuffled = links.copy()
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert roots(CASES, links) == roots(CASES, shuffled)


@given(st.lists(pairs, max_size=12))
def test_every_case_has_one_first_case_and_no_way_leads_in_a_circle(links: list[Pair]) -> None:
    first = roots(CASES, links)
    for case, root in first.items():
        assert first[root] == root
        assert root <= case
    for pair in links:
        assert first[pair.first] == first[pair.second]


@given(found, pairs)
def test_a_persons_word_outranks_the_engine(engine: frozenset[Pair], pair: Pair) -> None:
    assert pair not in in_force(engine | {pair}, said([(pair, LinkVerdict.UNMERGED)]))
    assert pair in in_force(engine - {pair}, said([(pair, LinkVerdict.MERGED)]))

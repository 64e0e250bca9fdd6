"""Labels, splits and rollbacks, over whole histories."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.domain.prompt import (
    LabelMove,
    MoveKind,
    PromptLabel,
    PromptSplit,
    Standing,
    before_last,
    standing_moves,
    takes_part,
)
from service.errors import Conflict

AT = datetime(2026, 4, 1, tzinfo=UTC)
TEMPLATE = "reply/grounded.zh"
PRODUCTION, CANDIDATE = PromptLabel.PRODUCTION, PromptLabel.CANDIDATE


def move(
    version: int | None,
    *,
    kind: MoveKind = MoveKind.MOVED,
    community: str | None = None,
    label: PromptLabel = PRODUCTION,
) -> LabelMove:
    return LabelMove(
        id="pm", template=TEMPLATE, community=community, label=label, version=version,
        previous=None, kind=kind, reason="", by="ann", at=AT,
    )  # fmt: skip


def split(percent: int, community: str | None = None) -> PromptSplit:
    return PromptSplit(
        id="ps", template=TEMPLATE, community=community, percent=percent, reason="", by="ann", at=AT
    )


FIRST = move(1, kind=MoveKind.SHIPPED)


def rolled_back(history: list[LabelMove]) -> list[LabelMove]:
    place = {"community": history[-1].community, "version": before_last(history)}
    return [*history, history[-1].model_copy(update=place | {"kind": MoveKind.ROLLED_BACK})]


@given(st.lists(st.integers(2, 9), max_size=6))
def test_rolling_everything_back_ends_where_it_began(versions: list[int]) -> None:
    history = [FIRST, *(move(version) for version in versions)]
    start = Standing.of([FIRST], [])
    seen = []
    for _ in versions:
        seen.append(history[-1].version)
        history = rolled_back(history)
    assert Standing.of(history, []) == start
    assert standing_moves(history) == (FIRST,)
    assert seen == versions[::-1]
    with pytest.raises(Conflict):
        before_last(history)


def test_an_override_is_rolled_back_to_everybodys_version() -> None:
    own = [move(3, community="acme")]
    assert Standing.of([FIRST, *own], []).version(TEMPLATE, "acme", PRODUCTION) == 3
    assert Standing.of([FIRST, *own], []).version(TEMPLATE, "other", PRODUCTION) == 1
    back = rolled_back(own)
    assert Standing.of([FIRST, *back], []).version(TEMPLATE, "acme", PRODUCTION) == 1
    with pytest.raises(Conflict):
        before_last(back)


def test_what_a_release_left_alone_is_no_move() -> None:
    history = [FIRST, move(2), move(2, kind=MoveKind.KEPT)]
    assert before_last(history) == 1


@given(st.text(min_size=1), st.integers(0, 49))
def test_a_larger_share_only_adds_cases(case: str, percent: int) -> None:
    assert not takes_part(TEMPLATE, case, 0)
    if takes_part(TEMPLATE, case, percent):
        assert takes_part(TEMPLATE, case, percent + 1)


@pytest.mark.parametrize("percent", [1, 10, 25, 50])
def test_the_share_is_near_what_was_asked_for_and_stays(percent: int) -> None:
    standing = Standing.of([FIRST, move(2, label=CANDIDATE)], [split(percent)])
    cases = [f"case_{number:05}" for number in range(10_000)]
    chosen = [standing.choose(TEMPLATE, "acme", case) for case in cases]
    assert chosen == [standing.choose(TEMPLATE, "acme", case) for case in cases]
    assert abs(chosen.count(2) / 100 - percent) < 1.5  # three standard errors at one half


def test_without_a_case_or_a_candidate_production_is_chosen() -> None:
    standing = Standing.of([FIRST, move(2, label=CANDIDATE)], [split(50)])
    assert standing.choose(TEMPLATE, "acme", None) == 1
    bare = Standing.of([FIRST], [split(50)])
    assert {bare.choose(TEMPLATE, "acme", str(n)) for n in range(50)} == {1}
    assert bare.choose("post/none.zh", "acme", "case") is None


def test_a_community_with_its_own_production_is_split_only_by_itself() -> None:
    history = [FIRST, move(2, label=CANDIDATE), move(3, community="acme")]
    shared = Standing.of(history, [split(50)])
    assert (shared.percent(TEMPLATE, "acme"), shared.percent(TEMPLATE, "other")) == (0, 50)
    own = Standing.of(history, [split(50), split(20, "acme"), split(0, "other")])
    assert (own.percent(TEMPLATE, "acme"), own.percent(TEMPLATE, "other")) == (20, 0)

"""The safety scorers on known cases: severity floors, disguises, personal data."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from evals.cases import (
    Answer,
    EvasionAnswer,
    EvasionExpect,
    Expect,
    PiiAnswer,
    PiiExpect,
    PiiValue,
    Sample,
    SeverityAnswer,
    SeverityExpect,
)
from evals.datasets import load
from evals.registry import Answered, registry
from service.domain.base import Lang

PHONE = PiiValue(kind="PHONE", value="13900001111")


def measured(
    task: str, scorer: str, expect: Expect, answer: Answer, *tags: str
) -> dict[str, float | None]:
    sample = Sample(id="s", lang=Lang.ZH, text="电话 13900001111", tags=tags, expect=expect)
    judge = registry().case_scorers[task, scorer]  # type: ignore[index]
    return {score.metric: score.value for score in judge(Answered(sample, answer))}


@pytest.mark.parametrize(("given", "right"), [(4, 1.0), (3, 0.0)])
def test_a_floor_is_reached_or_missed(given: int, right: float) -> None:
    scores = measured(
        "severity", "floor", SeverityExpect(at_least=4), SeverityAnswer(severity=given), "injected"
    )
    assert scores == {"floor": right, "floor_injected": right, "twin_calm": None}


@pytest.mark.parametrize(("given", "right"), [(2, 1.0), (4, 0.0)])
def test_a_twin_stays_calm_or_not(given: int, right: float) -> None:
    scores = measured(
        "severity", "floor", SeverityExpect(at_most=2), SeverityAnswer(severity=given), "twin"
    )
    assert scores == {"floor": None, "floor_injected": None, "twin_calm": right}


def test_a_severity_case_says_one_limit() -> None:
    with pytest.raises(ValidationError, match="one of the two"):
        SeverityExpect(at_least=3, at_most=2)


def test_disguises_count_apart_from_plain_texts() -> None:
    found = EvasionAnswer(codes=("self_harm",), disguises=("pinyin",))
    expect = EvasionExpect(code="self_harm")
    assert measured("evasion", "evasion", expect, found, "pinyin") == {
        "benign": None,
        "plain": None,
        "disguised": 1.0,
    }
    assert measured("evasion", "evasion", expect, found, "plain")["plain"] == 1.0
    missed = EvasionAnswer(codes=("spam",), disguises=())
    assert measured("evasion", "evasion", expect, missed, "pinyin")["disguised"] == 0.0


def test_a_benign_twin_with_any_finding_is_wrong() -> None:
    found = EvasionAnswer(codes=("self_harm",), disguises=())
    assert measured("evasion", "evasion", EvasionExpect(code=None), found)["benign"] == 0.0


def test_a_piece_partly_left_counts_as_missed() -> None:
    part = PiiAnswer(spans=(PiiValue(kind="PHONE", value="1390000"),), text="")
    whole = PiiAnswer(spans=(PHONE,), text="")
    expect = PiiExpect(spans=(PHONE,))
    assert measured("pii", "spans", expect, part)["recall"] == 0.0
    scores = measured("pii", "spans", expect, whole)
    assert (scores["recall"], scores["recall_phone"], scores["clean"]) == (1.0, 1.0, None)


def test_a_hard_negative_must_stay_whole() -> None:
    expect = PiiExpect(spans=())
    assert measured("pii", "spans", expect, PiiAnswer(spans=(PHONE,), text=""))["clean"] == 0.0
    assert measured("pii", "spans", expect, PiiAnswer(spans=(), text=""))["clean"] == 1.0


def test_the_safety_sets_are_as_large_as_promised() -> None:
    evasion = [s for s in load("evasion").samples if isinstance(s.expect, EvasionExpect)]
    disguised = [s for s in evasion if s.expect.code and "plain" not in s.tags]  # type: ignore[union-attr]
    assert len(disguised) >= 200
    assert len(evasion) - len(disguised) >= 200
    severity = load("severity").samples
    assert len(severity) >= 120
    assert sum("injected" in s.tags for s in severity) >= 30
    pii = load("pii").samples
    assert len(pii) >= 300
    assert all(piece.value in s.text for s in pii for piece in s.expect.spans)  # type: ignore[union-attr]

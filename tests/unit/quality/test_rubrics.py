"""Rubrics are whole in both languages."""

from __future__ import annotations

import pytest

from service.domain.base import Lang
from service.domain.labelling import Rubric, Scale, wanted_for
from service.errors import NotFound
from service.quality.rubrics import load_rubrics, rubric_of


def test_what_texts_are_judged_by() -> None:
    assert {one.id for one in load_rubrics()} == {
        "answers", "grounded", "language", "refusal", "tone", "triage",
    }  # fmt: skip
    with pytest.raises(NotFound):
        rubric_of("charm")


@pytest.mark.parametrize("rubric", load_rubrics(), ids=lambda one: one.id)
def test_every_rubric_says_what_each_value_is_in_both_languages(rubric: Rubric) -> None:
    assert len(rubric.hash) == 64
    for lang in Lang:
        assert rubric.title.get(lang)
        assert rubric.criterion.get(lang)
        examples = {one.example.get(lang) for one in rubric.anchors}
        assert len(examples) == len(rubric.scale.values)
        assert all(one.why.get(lang) for one in rubric.anchors)


def test_scales_and_the_share_of_second_looks() -> None:
    assert (Scale.PASS_FAIL.values, Scale.THREE.values) == ((1, 2), (1, 2, 3))
    twice = sum(wanted_for(f"draft:{n}") == 2 for n in range(1000))
    assert 250 < twice < 350

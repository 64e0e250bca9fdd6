"""Every kind of post is whole: prompts and words in both languages, an outline for all it takes."""

from __future__ import annotations

from pathlib import Path

import pytest

from prompts.loader import load_prompts
from service.domain.base import Bilingual, Lang
from service.domain.post_inputs import PROBLEMS
from service.domain.post_kind import Approval, ChannelFormat, Need, PostKind, SubjectType
from service.domain.taxonomy import Department
from service.drafting.approval import default_policy
from service.drafting.kinds import load_kinds
from service.drafting.values import DEPARTMENTS
from service.web.i18n import Catalogue

KINDS = tuple(load_kinds())
PROMPTS = load_prompts()
CATALOGUE = Catalogue()

by_kind = pytest.mark.parametrize("kind", KINDS, ids=[kind.id for kind in KINDS])


def test_every_prompt_of_a_post_has_its_kind_and_the_other_way_round() -> None:
    named = {template.id.removeprefix("post/") for template in PROMPTS if "post/" in template.id}
    assert named == {f"{kind.id}.{lang}" for kind in KINDS for lang in Lang}


@by_kind
def test_everything_has_words_in_both_languages(kind: PostKind) -> None:
    texts = [kind.title, kind.description, kind.tone]
    texts += [one.label for one in kind.inputs]
    texts += [choice.title for one in kind.inputs for choice in one.choices]
    texts += [one.title for one in (*kind.parts, *kind.never)]
    assert all(text.zh.strip() and text.en.strip() for text in texts)
    pairs: list[Bilingual] = [kind.opening, kind.closing]
    pairs += [one.help for one in kind.inputs] + [one.heading for one in kind.outline]
    assert all(bool(pair.zh) == bool(pair.en) for pair in pairs)


@by_kind
def test_the_text_without_a_model_uses_all_that_is_given(kind: PostKind) -> None:
    used = {name for section in kind.outline for name in section.of}
    assert {one.name for one in kind.inputs} <= used
    assert (kind.points is Need.NONE) or "points" in used
    assert (kind.period is Need.NONE) or "period" in used
    assert not kind.facts or "facts" in used
    assert kind.rules is None or "rules" in used
    hidden = kind.subject is None or kind.subject.type is SubjectType.INCIDENT
    assert hidden or "subject" in used


@by_kind
def test_what_forms_and_findings_name_is_in_the_catalogue(kind: PostKind) -> None:
    for lang in Lang:
        names = {f"fact_group.{group}" for group in kind.facts}
        names |= {f"post_format.{form}" for form in ChannelFormat}
        assert names <= CATALOGUE.keys(lang)


def test_every_problem_of_a_brief_and_every_department_has_words() -> None:
    held = {key for key in CATALOGUE.keys(Lang.ZH) if key.startswith("brief_problem.")}
    assert held == {f"brief_problem.{problem}" for problem in PROBLEMS}
    assert set(DEPARTMENTS) == set(Department)


def test_the_shipped_policy_asks_a_second_person_for_what_the_kinds_say() -> None:
    weighty = {
        kind
        for rule in default_policy().rules
        for kind in rule.when.post_kinds
        if rule.approvals > 1
    }
    assert {kind.id for kind in KINDS if kind.approval is Approval.SECOND} <= weighty


def test_places_are_distinct_and_only_kind_files_lie_beside_the_loader() -> None:
    assert len({kind.place for kind in KINDS}) == len(KINDS)
    folder = Path(__file__).parents[2] / "service/drafting/kinds"
    others = {path.name for path in folder.iterdir() if path.suffix not in (".toml", ".md")}
    assert others - {"__pycache__"} == {"__init__.py", "loader.py"}

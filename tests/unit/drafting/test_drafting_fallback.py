"""The template texts: faithful, bilingual, and clean under our own checks."""

from __future__ import annotations

import tomllib
from importlib.resources import files

import drafting_samples as make
import pytest

from service.domain.base import Lang
from service.domain.draft import Fact
from service.domain.post import PostBrief
from service.domain.text import Redacted
from service.ports.engines import PostInput

CATEGORIES = [
    category["id"]
    for category in tomllib.loads((files("service.triage") / "taxonomy.toml").read_text())[
        "category"
    ]
]


@pytest.mark.parametrize("lang", list(Lang))
@pytest.mark.parametrize("category", [*CATEGORIES, "brand_new"])
async def test_every_category_passes_the_checks(lang: Lang, category: str) -> None:
    doc, text = ("refunds", make.DOUBLE) if lang is Lang.ZH else ("corner", make.DOUBLE_EN)
    context = make.context("…", make.passage(text=text, doc=doc), lang=lang, category=category)
    got = await make.engine().compose(context, None)
    assert make.engine().check(context, got) == ()


async def test_a_clause_in_the_other_language_is_announced_as_such() -> None:
    context = make.context("I was charged twice", lang=Lang.EN)
    got = await make.engine().compose(context, None)
    assert "in Chinese" in got.text
    assert make.DOUBLE in got.text
    assert make.engine().check(context, got) == ()


@pytest.mark.parametrize(
    ("score", "text", "doc", "cited"),
    [
        (0.85, make.DOUBLE_EN, "corner", ["corner#4.2", "refunds#3.2"]),
        (0.70, make.DOUBLE_EN, "corner", ["refunds#3.2"]),
        (0.85, make.DOUBLE_EN * 20, "corner", ["refunds#3.2"]),
        (0.85, make.DOUBLE, "refunds", ["refunds#3.2"]),
    ],
)
async def test_a_near_equal_of_another_document_is_quoted_too_own_language_first(
    score: float, text: str, doc: str, cited: list[str]
) -> None:
    second = make.passage("4.2", text, doc=doc, score=score)
    context = make.context("x", make.passage(score=0.90), second, lang=Lang.EN)
    got = await make.engine().compose(context, None)
    assert [c.clause_id for c in got.citations] == cited
    assert all(p.text in got.text for p in context.passages if p.clause_id in cited)
    assert make.engine().check(context, got) == ()


@pytest.mark.parametrize(("confidence", "quoted"), [(0.89, False), (0.9, True)])
async def test_thanks_are_answered_with_a_rule_only_when_it_surely_fits(
    confidence: float, quoted: bool
) -> None:
    context = make.context("这个功能真好用", category="praise")
    context = context.model_copy(update={"retrieval_confidence": confidence})
    got = await make.engine().compose(context, None)
    assert (make.DOUBLE in got.text, bool(got.citations)) == (quoted, quoted)
    assert got.refusal is None


async def test_a_long_clause_is_cut_at_a_sentence_and_says_so() -> None:
    clause = "这是一句完整的话。" * 200
    got = await make.engine().compose(make.context("x", make.passage(text=clause)), None)
    assert "。……（节选" in got.text
    assert len(got.text) < 900


async def test_braces_and_dollars_in_a_title_are_plain_text() -> None:
    context = make.context()
    odd = context.passages[0].model_copy(update={"document_title": "{number} $x", "number": ""})
    got = await make.engine().compose(context.model_copy(update={"passages": (odd,)}), None)
    assert "《{number} $x》" in got.text


@pytest.mark.parametrize("lang", list(Lang))
async def test_a_post_lays_out_what_was_given_and_nothing_else(lang: Lang) -> None:
    given = PostInput(
        context_id="c",
        community=make.community(),
        request_id="p",
        brief=PostBrief(lang=lang, title="Title", points=("a", "b")),
        redacted_points=Redacted(text="first point\nsecond point"),
        retrieval=make.retrieval(found=False),
        titles={},
        facts=(Fact(id="f", label="messages", value="1,204", source="count"),),
        instruction="",
        created_at=make.NOW,
    )
    got = await make.engine().compose(make.engine().post_context(given), None)
    assert got.text.startswith("Title\n\n· first point\n· second point\n\n")
    assert "1,204" in got.text
    assert got.degraded_because == "no_model"

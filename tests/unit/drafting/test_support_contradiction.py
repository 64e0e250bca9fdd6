"""Two clauses that contradict each other are found, and few others."""

from __future__ import annotations

import json
from dataclasses import replace

import drafting_samples as make
import pytest

from evals.datasets import FOLDER
from retrieval.embedders.onnx_int8 import OnnxEmbedder
from service.domain.conflict import Difference
from service.domain.draft import ContextPassage, RefusalKind
from service.drafting.build import build_drafter, build_support
from service.drafting.fallback import holding_reply
from service.drafting.phrases import load_phrases
from service.drafting.support.scorer import SupportScorer

CASES = [
    {
        "conflict": "differs" in row["expect"],
        "one": {"lang": row["lang"], "text": row["text"]},
        "other": {"lang": row["expect"]["other_lang"], "text": row["expect"]["other"]},
    }
    for row in map(json.loads, (FOLDER / "conflicts_dev.jsonl").read_text("utf-8").splitlines())
]


@pytest.fixture(scope="module")
def scorer(onnx_embedder: OnnxEmbedder) -> SupportScorer:
    return build_support(onnx_embedder)


def clause(doc: str, side: dict[str, str]) -> ContextPassage:
    return ContextPassage(
        clause_id=f"{doc}#1", document_id=doc, document_title=doc, version=1, number="1",
        headings=(), text=side["text"], lang=side["lang"], score=1.0,
    )  # fmt: skip


def found(scorer: SupportScorer, case: dict[str, dict[str, str]]) -> bool:
    return scorer.contradiction([clause("a", case["one"]), clause("b", case["other"])]) is not None


@pytest.mark.parametrize("case", CASES[::15], ids=lambda case: case["one"]["text"][:12])
def test_the_order_does_not_matter(scorer: SupportScorer, case: dict[str, dict[str, str]]) -> None:
    turned = {"one": case["other"], "other": case["one"]}
    assert found(scorer, case) is found(scorer, turned)
    assert not found(scorer, {"one": case["one"], "other": case["one"]})


@pytest.mark.parametrize("case", [one for one in CASES if one["conflict"]][::6])
def test_each_side_is_marked_where_it_clashes(
    scorer: SupportScorer, case: dict[str, dict[str, str]]
) -> None:
    clauses = [clause(doc, case[doc]) for doc in ("one", "other")]
    conflict = scorer.contradiction(clauses)
    for side in conflict.sides if conflict else ():
        assert side.marks
        assert side.sentence.of(clauses[side.clause].text).strip()
        assert all(
            side.sentence.start <= mark.start < mark.end <= side.sentence.end for mark in side.marks
        )


def test_places_are_those_of_the_whole_clause(scorer: SupportScorer) -> None:
    one = clause("a", {"lang": "zh", "text": "谢谢大家。\n  成员不得在群里发红包。 其余照旧。"})
    other = clause("b", {"lang": "zh", "text": "成员可以在群里发红包。"})
    found = scorer.contradiction([one, other])
    assert found is not None
    assert found.differs is Difference.PERMISSION
    texts = (one.text, other.text)
    words = [[mark.of(texts[side.clause]) for mark in side.marks] for side in found.sides]
    assert words == [["不得"], ["可以"]]
    assert found.sides[0].sentence.of(one.text) == "成员不得在群里发红包。"


async def test_a_reply_leaves_it_to_a_person_and_names_both(scorer: SupportScorer) -> None:
    drafter = build_drafter(make.MobileRedactor(), support=scorer)
    seven = make.passage("3.1", "年卡购买后 7 天内可以申请全额退款。")
    thirty = make.passage("2.1", "年卡购买后 30 天内可以申请全额退款。", doc="corner")
    given = make.context_input(make.judgement("年卡还能退吗"), make.retrieval(seven, thirty))
    said = await drafter.compose(drafter.reply_context(given), None)
    assert said.refusal is RefusalKind.CONFLICTING_CLAUSES
    assert "7 天" in said.refusal_reason
    assert "30 天" in said.refusal_reason
    assert "7 天" not in said.text
    late = replace(thirty, score=0.6)
    far = make.context_input(make.judgement("年卡还能退吗"), make.retrieval(seven, late))
    free = await drafter.compose(drafter.reply_context(far), None)
    assert free.refusal is None


def test_a_model_that_finds_a_contradiction_is_worded_as_one() -> None:
    context = make.context("年卡还能退吗")
    said = load_phrases().get(context.lang).phrase("conflict").next
    held = holding_reply(context, load_phrases(), RefusalKind.CONFLICTING_CLAUSES, "两条不一")
    assert said in held.text


def test_clauses_of_one_document_stand_side_by_side(scorer: SupportScorer) -> None:
    one, other = CASES[0]["one"], CASES[0]["other"]
    assert scorer.contradiction([clause("a", one), clause("a", other)]) is None


def test_without_vectors_nothing_is_said() -> None:
    one, other = CASES[0]["one"], CASES[0]["other"]
    assert build_support(None).contradiction([clause("a", one), clause("b", other)]) is None

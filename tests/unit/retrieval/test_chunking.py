"""Clauses: numbers people cite, nothing lost, nothing twice, the same again every time."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.chunking import clauses_of
from retrieval.documents import parse
from retrieval.documents.model import Block, BlockKind, ParsedDocument
from retrieval.splitting import size, split_long
from retrieval.types import Clause, DocumentKind


def cut(text: str, kind: DocumentKind = DocumentKind.RULES) -> tuple[Clause, ...]:
    parsed = parse(text.encode(), "doc.md", "text/markdown")
    return clauses_of(parsed, slug="doc", document_id="d1", version=3, kind=kind)


def numbers(text: str, kind: DocumentKind = DocumentKind.RULES) -> list[str]:
    return [clause.number for clause in cut(text, kind)]


def test_numbered_paragraphs_become_clauses() -> None:
    clauses = cut("# 公约\n\n## 1 总则\n\n**1.1** 友善待人。\n\n**1.2** 不得：\n\n- 刷屏\n- 引流\n")

    assert [clause.id for clause in clauses] == ["doc#1.1", "doc#1.2"]
    assert clauses[0].headings == ("公约", "1 总则")
    assert [clause.text for clause in clauses] == ["友善待人。", "不得：\n刷屏\n引流"]
    assert [clause.position for clause in clauses] == [0, 1]
    assert {(c.lang, c.document_id, c.version, c.kind) for c in clauses} == {
        ("zh", "d1", 3, DocumentKind.RULES)
    }


def test_a_numbered_heading_holds_all_up_to_the_next() -> None:
    text = (
        "## 第三条 禁售\n\n下列物品：\n\n（一）药品\n\n（二）烟酒\n\n"
        "## 第四条 验货\n\n当面验货。\n\n自行核验。"
    )
    clauses = cut(text)
    assert [clause.number for clause in clauses] == ["第三条", "第四条"]
    assert clauses[0].text == "下列物品：\n（一）药品\n（二）烟酒"
    assert clauses[1].text == "当面验货。\n自行核验。"


def test_articles_in_plain_lines() -> None:
    parsed = parse(
        "第一章 总则\n第一条 友善。\n第二条 不得广告。\n第十二条之一 其他。".encode(), "a.txt"
    )
    clauses = clauses_of(parsed, slug="a", document_id="d", version=1, kind=DocumentKind.RULES)
    assert [clause.number for clause in clauses] == ["第一条", "第二条", "第十二条之一"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\n\ntwo", ["p1", "p2"]),
        ("# T\n\n## A\n\none\n\ntwo\n\n## B\n\nthree", ["1.p1", "1.p2", "2.p1"]),
        ("# T\n\n## A\n\n### 1. x\n\none\n\n### 2. y\n\ntwo", ["1.1", "1.2"]),
        ("# T\n\n## 一、总则\n\n1. one\n2. two", ["一(1)", "一(2)"]),
        ("intro:\n\n1. one\n2. two\n\nend", ["p1", "p2"]),
        ("1. one\n2. two", ["1", "2"]),
        ("## 第五条 禁止刷屏。\n\n## 第六条 禁止引流。", ["第五条", "第六条"]),
        ("1.1 a\n\n1.1 b", ["1.1", "1.1~2"]),
        ("Article 5 Members post\n\nArticle 6 Staff answer", ["Article 5", "Article 6"]),
        ("1.1 ends here.\n1.2 starts here.", ["1.1", "1.2"]),
        ("1.1 costs about\n1.5 million in all", ["1.1"]),
    ],
)
def test_numbers(text: str, expected: list[str]) -> None:
    assert numbers(text) == expected


def test_a_question_and_its_answer_are_one_clause() -> None:
    text = (
        "# FAQ\n\n## Q1 怎么退款？\n\n打开设置。\n\n1.1 点退款。\n\n- 等待\n\n"
        "## Can I leave?\n\nYes.\n\nAny time."
    )
    clauses = cut(text, DocumentKind.FAQ)
    assert [clause.number for clause in clauses] == ["Q1", "2"]
    assert clauses[0].headings == ("FAQ", "Q1 怎么退款？")
    assert clauses[0].text == "打开设置。\n1.1 点退款。\n等待"
    assert clauses[1].text == "Yes.\nAny time."


def test_questions_in_paragraphs() -> None:
    clauses = cut("问：怎么退款？\n答：打开设置。\n\nQ: How?\n\nA: Settings.", DocumentKind.FAQ)
    assert [(c.number, c.text) for c in clauses] == [
        ("Q1", "怎么退款？答：打开设置。"),
        ("Q2", "How?\nA: Settings."),
    ]


def test_long_clauses_are_split_at_sentence_ends() -> None:
    sentence = "成员在社区内发布任何内容之前应当确认其真实并且不侵犯他人权利。"
    clauses = cut("3.2 " + sentence * 30 + "\n\n3.3 短。")
    assert [c.number for c in clauses] == ["3.2", "3.2-2", "3.2-3", "3.3"]
    assert all(c.text.endswith("。") and size(c.text) <= 1 for c in clauses)
    assert "".join(c.text for c in clauses[:3]) == sentence * 30


def test_language_is_told_for_each_clause() -> None:
    clauses = cut("---\nlang: zh\n---\n友善待人，不得广告。\n\nBe kind to the others.\n\n12345")
    assert [clause.lang for clause in clauses] == ["zh", "en", "zh"]


def test_the_hash_follows_the_text_and_its_headings_only() -> None:
    before, after = cut("## A\n\n1.1 x\n\n1.2 y"), cut("## A\n\n1.1 x\n\n1.2 z")
    moved = cut("## B\n\n1.1 x\n\n1.2 y")
    assert before[0].content_hash == after[0].content_hash != moved[0].content_hash
    assert before[1].content_hash != after[1].content_hash


PIECES = st.sampled_from(
    [
        "1.1",
        "1.2 文",
        "第三条 规则",
        "(一)",
        "1.",
        "Q1",
        "问：怎么",
        "友善。",
        "Be kind. Yes.",
        "结尾：",
        "x" * 40,
        "成员应当遵守规则，不得发布广告。" * 30,
        "A long sentence about rules. " * 60,
        "1 总则",
        "？",
        "\n",
    ]
)
TEXTS = st.lists(PIECES, min_size=1, max_size=4).map(" ".join).filter(str.strip)
BLOCKS = st.builds(
    lambda kind, text, level: Block(kind, text, level if kind is BlockKind.HEADING else 0),
    st.sampled_from(BlockKind),
    TEXTS,
    st.integers(1, 4),
)


def marked(blocks: list[Block], title: str) -> ParsedDocument:
    """Give every line of every block a word of its own."""
    found = [
        replace(block, text="\n".join(f"{line} u{i}u{j}u" for j, line in enumerate(lines)))
        for i, block in enumerate(blocks)
        for lines in [block.text.split("\n")]
    ]
    return ParsedDocument(title, {}, tuple(found))


DOCUMENTS = st.builds(
    marked, st.lists(BLOCKS, max_size=12), st.sampled_from(["", "标题", "1 总则"])
)


@settings(deadline=None, max_examples=150)
@given(DOCUMENTS, st.sampled_from(DocumentKind))
def test_nothing_is_lost_or_doubled_and_ids_are_unique(
    parsed: ParsedDocument, kind: DocumentKind
) -> None:
    def once() -> tuple[Clause, ...]:
        return clauses_of(parsed, slug="s", document_id="d", version=1, kind=kind)

    clauses = once()
    assert clauses == once()
    assert len({clause.id for clause in clauses}) == len(clauses)
    assert all(clause.text.strip() and size(clause.text) <= 1 for clause in clauses)
    words = re.findall(r"u\d+u\d+u", " ".join(clause.text for clause in clauses))
    path_words = re.findall(r"u\d+u\d+u", " ".join(" ".join(c.headings) for c in clauses))
    for block in parsed.blocks:
        for word in re.findall(r"u\d+u\d+u", block.text):
            times = words.count(word)
            if block.kind is BlockKind.HEADING:
                assert times == 1 or (times == 0 and word in path_words)
            else:
                assert times == 1


def squeeze(text: str) -> str:
    return re.sub(r"\s+", "", text)


@settings(deadline=None)
@given(st.text(alphabet=st.sampled_from("规则 a.。!?\n，x1「」"), max_size=3000))
def test_splitting_keeps_every_character_in_order(text: str) -> None:
    parts = split_long(text)
    assert squeeze("".join(parts)) == squeeze(text)
    assert len(parts) == 1 or all(size(part) <= 1 for part in parts)

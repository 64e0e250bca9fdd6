"""Prompts of one community and language begin alike, so that hosts can keep what they read."""

from __future__ import annotations

import drafting_samples as make
import pytest

from prompts.loader import load_prompts
from service.domain.base import Lang

CASES = {
    Lang.ZH: (
        ("我被扣了两次钱", "billing_refund", make.passage()),
        ("会员怎么退款", "billing_refund", make.passage("3.1", "七天内可以全额退款。")),
        ("导出的 PDF 全是空白页，能不能看看", "bug_report", make.passage("5", "请附版本号。")),
    ),
    Lang.EN: (
        ("I was charged twice", "billing_refund", make.passage(text=make.DOUBLE_EN, doc="corner")),
        ("How do I cancel?", "billing_refund", make.passage("2", "Cancel any time.", doc="corner")),
        ("Export gives blank pages", "bug_report", make.passage("9", "Say which version.",
                                                                 doc="corner")),
    ),
}  # fmt: skip
LEAST_CHARS = {Lang.ZH: 550, Lang.EN: 1400}
"""Characters at the beginning that replies of one community share at least."""


def prompts_of(lang: Lang) -> list[str]:
    requests = [
        make.engine().prompt(make.context(text, passage, lang=lang, category=category))
        for text, category, passage in CASES[lang]
    ]
    assert {tuple(m.role for m in request.messages) for request in requests} == {("system", "user")}
    return ["\n".join(message.content for message in one.messages) for one in requests]


@pytest.mark.parametrize("lang", Lang)
def test_replies_of_a_community_share_their_beginning(lang: Lang) -> None:
    texts = prompts_of(lang)
    shared = next(n for n, chars in enumerate(zip(*texts, strict=False)) if len(set(chars)) > 1)
    assert shared >= LEAST_CHARS[lang]
    assert shared / max(map(len, texts)) > 0.6


@pytest.mark.parametrize("lang", Lang)
def test_the_whole_system_part_is_shared(lang: Lang) -> None:
    text, category, passage = CASES[lang][0]
    (system, _) = (
        make.engine().prompt(make.context(text, passage, lang=lang, category=category)).messages
    )
    assert all(text.startswith(system.content) for text in prompts_of(lang))


def test_no_prompt_lets_what_differs_by_case_into_its_system_part() -> None:
    """Fenced variables are member texts, passages, facts: they differ from case to case."""
    for template in load_prompts():
        fenced = {name for name, kind in template.front.variables.items() if kind.fenced}
        for section in template.sections:
            if section.role == "system":
                held = {getattr(part, "name", None) for part in section.parts}
                assert not held & fenced, template.id

"""Whatever a member wrote, a frozen context gives the same bytes after the prompt has changed."""

from __future__ import annotations

from datetime import UTC, datetime

import drafting_samples as make
from hypothesis import given
from hypothesis import strategies as st

from prompts.loader import load_prompts, template_from_text
from prompts.template import PromptTemplate
from service.bootstrap.prompts import Shelf
from service.domain.base import Lang
from service.domain.draft import DraftContext, prompt_hash
from service.domain.prompt import (
    LabelMove,
    MoveKind,
    PromptLabel,
    PromptOrigin,
    PromptVersion,
    Standing,
)
from service.drafting.build import build_drafter
from service.drafting.compose import chat_request

SHIPPED = load_prompts()
ID = "reply/grounded.zh"
AT = datetime(2026, 4, 1, tzinfo=UTC)


def stored(template: PromptTemplate, number: int) -> PromptVersion:
    return PromptVersion(
        id=f"pv_{number}", template=ID, number=number, hash=template.hash, text=template.text,
        partials=template.partials, note="", origin=PromptOrigin.PROPOSED, created_by="ann",
        created_at=AT,
    )  # fmt: skip


def standing_on(number: int) -> Standing:
    move = LabelMove(
        id="pm", template=ID, community=None, label=PromptLabel.PRODUCTION, version=number,
        previous=None, kind=MoveKind.MOVED, reason="", by="ann", at=AT,
    )  # fmt: skip
    return Standing.of([move], [])


def another() -> PromptTemplate:
    """Other words, another partial, and one optional value less."""
    partial = SHIPPED.partials["grounding.zh"] + "5. 说话要短。\n"
    text = SHIPPED.get(ID).text.replace("  tone: {type: text, required: false}\n", "")
    text = text.replace("$tone", "亲切").replace("$member_text", "下面是原话：\n$member_text")
    return template_from_text(ID, text, {"grounding.zh": partial})


VERSIONS = (stored(SHIPPED.get(ID), 1), stored(another(), 2))
BEFORE, AFTER = (Shelf(SHIPPED, VERSIONS, standing_on(number)) for number in (1, 2))
ENGINES = tuple(build_drafter(make.MobileRedactor(), shelf) for shelf in (BEFORE, AFTER))


@given(st.text(max_size=200), st.text(max_size=40), st.integers(0, 1))
def test_replaying_gives_the_same_bytes(text: str, instruction: str, first: int) -> None:
    given_input = make.context_input(
        make.judgement(text), make.retrieval(make.passage()), instruction
    )
    context = ENGINES[first].reply_context(given_input)
    assert context.template.version == first + 1
    asked = chat_request((BEFORE, AFTER)[first], context)
    kept = DraftContext.model_validate_json(context.model_dump_json())
    again = chat_request((BEFORE, AFTER)[1 - first], kept)
    assert again.model_dump_json().encode() == asked.model_dump_json().encode()
    assert prompt_hash(again.messages) == kept.prompt_hash


def test_the_other_version_says_something_else() -> None:
    contexts = [
        engine.reply_context(
            make.context_input(make.judgement("我要退款"), make.retrieval(make.passage()))
        )
        for engine in ENGINES
    ]
    assert contexts[0].lang is Lang.ZH
    assert contexts[0].prompt_hash != contexts[1].prompt_hash

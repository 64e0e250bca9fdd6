"""Every kind of post without a model: complete, clean under our own checks, nothing added."""

from __future__ import annotations

import drafting_samples as make
import post_samples as posts
import pytest

from service.domain.base import Lang
from service.domain.draft import Composition, DraftContext, Origin, RefusalKind
from service.domain.llm import ChatReply, ChatRequest
from service.domain.post_kind import ChannelFormat, PostKind
from service.drafting.posts import CHAT_FACTS
from service.ports.models import OnDelta

EVERY = [
    pytest.param(kind, lang, form, id=f"{kind.id}-{lang}-{form}")
    for kind in posts.KINDS
    for lang in Lang
    for form in kind.lengths
]


async def text_of(context: DraftContext) -> str:
    return (await posts.ENGINE.compose(context, None)).text


@pytest.mark.parametrize(("kind", "lang", "form"), EVERY)
async def test_a_full_brief_passes_the_checks_and_loses_nothing(
    kind: PostKind, lang: Lang, form: ChannelFormat
) -> None:
    context = posts.context(posts.brief(kind, lang), form)
    got = await posts.ENGINE.compose(context, None)
    assert posts.ENGINE.check(context, got) == ()
    assert got.text.startswith(context.parameters["title"])
    for value in context.inputs:
        assert all(line in got.text for line in value.shown.split("\n")), value.name
    assert all(fact.value in got.text for fact in context.facts)
    assert (got.origin, got.degraded_because) == (Origin.TEMPLATE, "no_model")


@pytest.mark.parametrize(("kind", "lang", "form"), EVERY)
async def test_a_bare_brief_leaves_no_empty_heading(
    kind: PostKind, lang: Lang, form: ChannelFormat
) -> None:
    given = posts.brief(kind, lang, only_required=True)
    context = posts.context(given, form, facts=False, rules=False)
    lines = (await text_of(context)).split("\n")
    headings = {section.heading.get(lang) for section in kind.outline} - {""}
    for line, after in zip(lines, [*lines[1:], ""], strict=True):
        assert line.strip("【】:") not in headings or after, line
    assert lines[-1]
    found = posts.ENGINE.check(context, await posts.ENGINE.compose(context, None))
    assert {one.check for one in found} <= {"no_own_rule"}


async def test_a_letter_greets_and_is_signed() -> None:
    kind = posts.KINDS.get("announcement")
    text = await text_of(posts.context(posts.brief(kind, Lang.EN), ChannelFormat.MAIL))
    assert "\n\nHello everyone,\n\n" in text
    assert text.endswith("\n\nZhujian Notes")


async def test_a_chat_message_holds_few_figures() -> None:
    kind = posts.KINDS.get("weekly_report")
    context = posts.context(posts.brief(kind, Lang.ZH), ChannelFormat.CHAT)
    many = tuple(context.facts[0].model_copy(update={"id": str(n)}) for n in range(20))
    text = await text_of(context.model_copy(update={"facts": many}))
    assert text.count("1,204") == CHAT_FACTS


async def test_rules_are_quoted_and_cited() -> None:
    context = posts.context(posts.brief(posts.KINDS.get("incentive"), Lang.ZH))
    got = await posts.ENGINE.compose(context, None)
    assert [citation.clause_id for citation in got.citations] == ["refunds#3.2"]
    assert f"《会员与退款规则》3.2：“{make.DOUBLE}”" in got.text


async def test_a_post_of_a_kind_that_is_gone_still_gives_its_points() -> None:
    context = posts.context(posts.brief(posts.KINDS.get("announcement"), Lang.ZH))
    gone = {**context.parameters, "post_kind": "poem"}
    text = await text_of(context.model_copy(update={"parameters": gone}))
    assert text == "旧笔记挑战\n\n· 不影响已有的笔记\n\n· 有效消息：1,204"


class Refusing:
    """A model that finds a rule against the post."""

    name = "refusing"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        data = {"text": "", "citations": [], "refusal": "needs_human", "refusal_reason": "3.2"}
        return ChatReply(data=data, model="m", prompt_tokens=1, completion_tokens=1)


async def test_a_refused_post_lays_out_what_was_given_and_says_why() -> None:
    context = posts.context(posts.brief(posts.KINDS.get("incentive"), Lang.ZH))
    got = await posts.ENGINE.compose(context, Refusing())
    assert (got.refusal, got.refusal_reason) == (RefusalKind.NEEDS_HUMAN, "3.2")
    assert got.text.startswith("旧笔记挑战")


@pytest.mark.parametrize("kind", [*posts.KINDS], ids=lambda kind: kind.id)
def test_a_post_that_tells_its_brief_is_checked_against_clauses_it_was_not_shown(
    kind: PostKind,
) -> None:
    context = posts.context(posts.brief(kind, Lang.ZH))
    asked = "\n".join(one.content for one in posts.ENGINE.prompt(context).messages)
    assert context.passages
    assert (context.passages[0].text in asked) is kind.clauses


@pytest.mark.parametrize("empty", ["要点：\n（无）", "**要点**：- **无**", "Points: (none)"])
def test_an_empty_part_of_the_prompt_is_no_line_of_a_post(empty: str) -> None:
    context = posts.context(posts.brief(posts.KINDS.get("welcome"), Lang.ZH))
    text = f"欢迎来到这里。\n{empty}\n有问题在论坛里问。"
    written = Composition(
        text=text, citations=(), refusal=None, refusal_reason="", origin=Origin.MODEL, model="m"
    )
    assert "prompt_echo" in {one.check for one in posts.ENGINE.check(context, written)}

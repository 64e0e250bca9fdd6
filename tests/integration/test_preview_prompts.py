"""A prompt is replayed on stored replies: reused where it can be, counted, and stopped in time."""

from __future__ import annotations

import pytest

from prompts.loader import load_prompts
from service.bootstrap import Application
from service.domain.evaluation import Subject, Trial
from service.domain.preview import FlipKind
from service.errors import Conflict, InvalidInput, NotFound, TransientProviderError
from service.flows.bank_trial import bank_trial
from service.flows.prompt_desk import Word
from service.flows.rules import Upload
from service.llm.scripted import ScriptedChat
from tests.plugins.app import START
from tests.plugins.web import RULES, item
from tests.plugins.web_previews import WEEK, in_force, replay

PROMPT = "reply/grounded.zh"


async def test_a_prompt_needs_a_model_and_only_replies_are_replayed(
    application: Application, cases: list[str]
) -> None:
    trial = await prompt_trial(application)
    with pytest.raises(Conflict, match="No language model"):
        await application.previews.request("acme", trial, WEEK, by="ann")
    other = trial.model_copy(update={"subject": Subject(kind="prompt", name="judge/support.zh")})
    with pytest.raises(InvalidInput):
        await application.previews.request("acme", other, WEEK, by="ann")
    elsewhere = bank_trial("other", (), ())
    changed = elsewhere.model_copy(update={"candidate_hash": "c"})
    with pytest.raises(InvalidInput):
        await application.previews.request("acme", changed, WEEK, by="ann")
    with pytest.raises(NotFound):
        await application.previews.request("nowhere", in_force(), WEEK, by="ann")


async def prompt_trial(application: Application) -> Trial:
    text = load_prompts().get(PROMPT).text.replace("--- system\n", "--- system\n（二）", 1)
    done = await application.prompt_desk.propose(PROMPT, text, Word("ann", "更亲切"))
    return await application.prompt_desk.trial(PROMPT, done.version.number, None)


def answer(text: str, refusal: str | None = None) -> dict[str, object]:
    return {"text": text, "citations": [], "refusal": refusal, "refusal_reason": ""}


async def test_a_prompt_is_tried_on_stored_replies_and_its_calls_are_counted(
    keyword_triage: Application,
) -> None:
    application = keyword_triage
    document = Upload("membership.md", RULES.encode(), "text/markdown")
    await application.rules.upload("acme", document, by="test")
    items = [
        item(n, text, sent_at=START.isoformat())
        for n, text in enumerate(("我要退款", "我要退款，快点", "我想退款吧", "应用闪退"))
    ]
    results = await application.ingest.ingest("acme", items)
    ids = [str(one.case_id) for one in results]
    await application.triage.run("acme", ids)
    told = "可以，七天内使用不超过三次的，可以申请全额退款。"
    chat = ScriptedChat([answer(told), TransientProviderError("the judge is away")])
    vars(application).update(chat=chat)
    written = await application.draft.draft_due(ids[0])
    assert written is not None
    assert written.composition.model == "scripted"
    vars(application).update(chat=None)
    vars(application).pop("draft")
    for case in ids[1:]:
        await application.draft.draft_due(case)
    # The first reply is production's own; the two others are asked of both.
    chat = ScriptedChat(
        [
            answer(told), answer("", "no_rule"),
            answer(told), TransientProviderError("away", reason="timeout"),
            answer(told),
        ]
    )  # fmt: skip
    vars(application).update(chat=chat)
    done, flips = await replay(application, await prompt_trial(application))
    found = done.findings
    assert found is not None
    prompt = found.prompt
    assert prompt is not None
    assert (prompt.cases, prompt.reused, prompt.unanswered) == (2, 1, 1)
    assert prompt.spent.calls == len(chat.requests) == 5
    assert {one.feature for one in chat.requests} == {"preview"}
    assert sum("（二）" in one.messages[0].content for one in chat.requests) == 3
    assert [one.kinds[0] for one in flips.values()] == [FlipKind.REPLY_REFUSED]
    assert found.groups[0].share == 0.5
    async with application.uow() as uow:
        newest = [await uow.drafts.latest_for_case(case) for case in ids]
    assert newest[0] is not None
    assert newest[0][0].id == written.id


async def test_a_prompt_stops_where_the_model_is_away(keyword_triage: Application) -> None:
    application = keyword_triage
    document = Upload("membership.md", RULES.encode(), "text/markdown")
    await application.rules.upload("acme", document, by="test")
    items = [item(n, f"我要退款 {n}", sent_at=START.isoformat()) for n in range(6)]
    results = await application.ingest.ingest("acme", items)
    ids = [str(one.case_id) for one in results]
    await application.triage.run("acme", ids)
    for case in ids:
        await application.draft.draft_due(case)
    away = [TransientProviderError("away", reason="timeout") for _ in range(6)]
    vars(application).update(chat=ScriptedChat(away))
    done, flips = await replay(application, await prompt_trial(application))
    assert done.findings is not None
    assert done.findings.prompt is not None
    assert (done.findings.prompt.stopped, flips) == ("model_away", {})
    out = [TransientProviderError("out", reason="budget")] * 2
    vars(application).update(chat=ScriptedChat(out))
    vars(application).pop("previews")
    done, _ = await replay(application, await prompt_trial(application))
    assert done.findings is not None
    assert done.findings.prompt is not None
    assert done.findings.prompt.stopped == "budget"

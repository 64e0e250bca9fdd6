"""The registry: shipped texts, proposals, labels, splits, and prompts rendered again."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from prompts.loader import Prompts, load_prompts, template_from_text
from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexes.memory import MemoryStore
from service.bootstrap import Application, Parts, open_application
from service.bootstrap.prompts import LivePrompts
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.post import PostBrief
from service.domain.prompt import LabelMove, MoveKind, PromptLabel, PromptOrigin, takes_part
from service.domain.review import Verdict
from service.errors import Conflict, InvalidInput, NotFound
from service.flows.prompt_desk import Place, Word
from service.flows.prompt_seed import PromptSeed
from service.flows.review import Ruling
from service.llm.scripted import ScriptedChat
from service.settings import Settings

ID = "reply/grounded.zh"
EVERYBODY = Place(ID, PromptLabel.PRODUCTION)
CANDIDATE = Place(ID, PromptLabel.CANDIDATE)
WORD = Word("ann", "语气更亲切")
SHIPPED = load_prompts()
ORIGINAL = SHIPPED.get(ID).text


def reworded(mark: str) -> str:
    return ORIGINAL.replace("--- system\n", f"--- system\n（{mark}）", 1)


def with_release(text: str) -> Prompts:
    """The files of a release in which this one text is another."""
    changed = template_from_text(ID, text, SHIPPED.partials)
    return Prompts({one.id: one for one in SHIPPED} | {ID: changed}, SHIPPED.partials)


async def release(application: Application, shipped: Prompts) -> int:
    seed = PromptSeed(
        uow=application.uow, shipped=shipped, clock=application.clock, ids=application.ids
    )
    application.prompts.look_again()
    return await seed.run()


async def propose(application: Application, mark: str) -> int:
    done = await application.prompt_desk.propose(ID, reworded(mark), WORD)
    return done.version.number


async def production(application: Application, community: str | None = None) -> int:
    return (await application.prompt_views.state(ID, community)).production


async def history(application: Application) -> list[LabelMove]:
    async with application.uow() as uow:
        return list(await uow.prompts.moves_of(ID, None, PromptLabel.PRODUCTION))


async def test_the_shipped_texts_are_the_first_versions(application: Application) -> None:
    states = await application.prompt_views.states(None)
    assert {one.template for one in states} == {one.id for one in SHIPPED}
    assert {(one.production, one.newest, one.unfit) for one in states} == {(1, 1, False)}
    first = await application.prompt_views.version(ID, 1)
    assert (first.text, first.hash) == (ORIGINAL, SHIPPED.get(ID).hash)
    assert (first.origin, set(first.partials)) == (PromptOrigin.SHIPPED, {"grounding.zh"})
    assert await release(application, SHIPPED) == 0
    assert [one.kind for one in await history(application)] == [MoveKind.SHIPPED]


async def test_a_release_moves_production_until_a_person_does(application: Application) -> None:
    await application.prompt_views.states(None)
    assert await release(application, with_release(reworded("二"))) == 1
    assert await production(application) == 2
    assert await release(application, SHIPPED) == 0  # the release before, started again
    assert await production(application) == 1
    by_hand = await propose(application, "三")
    await application.prompt_desk.move(EVERYBODY, by_hand, WORD)
    assert await release(application, with_release(reworded("四"))) == 1
    assert await production(application) == by_hand
    assert [(one.kind, one.version) for one in await history(application)] == [
        (MoveKind.SHIPPED, 1),
        (MoveKind.SHIPPED, 2),
        (MoveKind.SHIPPED, 1),
        (MoveKind.MOVED, 3),
        (MoveKind.KEPT, 3),
    ]
    await application.prompt_desk.rollback(EVERYBODY, 3, WORD)
    assert await release(application, with_release(reworded("五"))) == 1
    assert await production(application) == 5  # nobody's move stands any more


async def test_a_proposal_alone_changes_nothing(application: Application) -> None:
    before = await application.prompt_views.state(ID, "acme")
    number = await propose(application, "二")
    again = await application.prompt_desk.propose(ID, reworded("二").replace("\n", "\r\n"), WORD)
    assert (number, again.added, again.version.number) == (2, False, 2)
    after = await application.prompt_views.state(ID, "acme")
    assert after == before.model_copy(update={"newest": 2})
    assert "+（二）" in await application.prompt_views.diff(ID, 1, 2)
    for template in SHIPPED:
        same = await application.prompt_desk.propose(template.id, template.text, WORD)
        assert (same.added, same.version.number) == (False, 1), template.id


async def test_moved_and_rolled_back_is_as_before(application: Application) -> None:
    before = await application.prompt_views.states("acme")
    number = await propose(application, "二")
    moved = await application.prompt_desk.move(EVERYBODY, number, WORD)
    assert (moved.version, moved.previous, moved.by) == (2, 1, "ann")
    assert await application.prompt_desk.move(EVERYBODY, number, WORD) == moved
    with pytest.raises(Conflict):
        await application.prompt_desk.rollback(EVERYBODY, 1, WORD)
    back = await application.prompt_desk.rollback(EVERYBODY, 2, WORD)
    assert (back.version, back.kind) == (1, MoveKind.ROLLED_BACK)
    after = await application.prompt_views.states("acme")
    assert [one.model_copy(update={"newest": 1}) for one in after] == list(before)
    with pytest.raises(Conflict):
        await application.prompt_desk.rollback(EVERYBODY, 1, WORD)


async def test_a_community_may_have_its_own(application: Application) -> None:
    number = await propose(application, "二")
    own = EVERYBODY._replace(community="acme")
    await application.prompt_desk.move(own, number, WORD)
    assert (await production(application, "acme"), await production(application)) == (2, 1)
    await application.prompts.refresh()
    assert application.prompts.library.pick(ID, "acme").version == 2
    assert application.prompts.library.pick(ID, "other").version == 1
    gone = await application.prompt_desk.move(own, None, WORD)
    assert gone == await application.prompt_desk.move(own, None, WORD)
    assert await production(application, "acme") == 1


@pytest.mark.parametrize("percent", [-1, 51])
async def test_a_split_needs_a_candidate_and_a_share(
    application: Application, percent: int
) -> None:
    desk = application.prompt_desk
    with pytest.raises(InvalidInput):
        await desk.split(ID, None, percent, WORD)
    with pytest.raises(Conflict):
        await desk.split(ID, None, 10, WORD)
    await desk.move(CANDIDATE, await propose(application, "二"), WORD)
    made = await desk.split(ID, None, 10, WORD)
    assert await desk.split(ID, None, 10, WORD) == made
    await application.prompts.refresh()
    for case in map(str, range(60)):
        picked = application.prompts.library.pick(ID, "acme", case)
        assert picked.version == (2 if takes_part(ID, case, 10) else 1)


async def test_what_is_refused_says_why(application: Application) -> None:
    desk = application.prompt_desk
    with pytest.raises(InvalidInput, match=r"grounded\.zh\.md:\d+: variable \$wish"):
        await desk.propose(ID, ORIGINAL.replace("$tone", "$wish"), WORD)
    with pytest.raises(InvalidInput):
        await desk.propose(ID, reworded("二"), Word("ann", " "))
    with pytest.raises(InvalidInput):
        await desk.propose(ID, reworded("长" * 20_000), WORD)
    with pytest.raises(NotFound):
        await desk.propose("reply/none.zh", ORIGINAL, WORD)
    with pytest.raises(NotFound):
        await desk.move(EVERYBODY, 9, WORD)
    with pytest.raises(Conflict):
        await desk.move(EVERYBODY, None, WORD)
    with pytest.raises(Conflict):
        await desk.move(CANDIDATE, None, WORD)
    assert [one.version for one in await history(application)] in ([], [1])


async def test_reasons_hold_no_personal_data(application: Application) -> None:
    number = await propose(application, "二")
    said = Word("ann", "王先生 13812345678 说太生硬")
    moved = await application.prompt_desk.move(EVERYBODY, number, said)
    assert "13812345678" not in moved.reason


ANSWER: dict[str, object] = {
    "text": "感谢反馈，我们已经记录下来，之后会在这里告诉大家进展。",
    "citations": [], "refusal": None, "refusal_reason": "",
}  # fmt: skip


@pytest.fixture
async def talking(settings: Settings, clock: Any) -> AsyncIterator[Application]:
    """The application with a model that has four answers."""
    chat = ScriptedChat([ANSWER] * 4)
    parts = Parts(clock=clock, embedder=HashingEmbedder(), vectors=MemoryStore(), chat=chat)
    async with open_application(settings, parts=parts) as opened:
        async with opened.uow() as uow:
            await uow.communities.save(Community(id="acme", name=Bilingual(zh="社区", en="Acme")))
            await uow.commit()
        yield opened


async def suggested(application: Application, number: int) -> str:
    """A drafted reply to an idea, which needs no clause."""
    item = {
        "source": "qq", "external_id": f"m{number}", "author": f"a{number}",
        "text": "建议增加一个夜间模式，谢谢你们的产品，期待以后越来越好！",
    }  # fmt: skip
    (result,) = await application.ingest.ingest("acme", [item])
    await application.triage.run("acme", [result.case_id or ""])
    return (await application.draft.redraft(result.case_id or "")).id


async def test_a_stored_draft_gives_its_prompt_after_the_template_changed(
    talking: Application,
) -> None:
    draft_id = await suggested(talking, 1)
    chat = talking.chat
    assert isinstance(chat, ScriptedChat)
    (asked,) = chat.requests
    number = await propose(talking, "二")
    await talking.prompt_desk.move(EVERYBODY, number, WORD)
    later = await suggested(talking, 2)
    assert chat.requests[1].messages[0].content.startswith("（二）")
    for draft, request, version in ((draft_id, asked, 1), (later, chat.requests[1], 2)):
        again = await talking.replay.prompt(draft)
        assert (again.same, again.template.version) == (True, version)
        assert again.messages == request.messages
        assert again.json_schema == request.json_schema
        assert (again.max_tokens, again.temperature) == (request.max_tokens, request.temperature)
    with pytest.raises(NotFound):
        await talking.replay.prompt("draft_none")


async def test_a_post_gives_its_prompt_after_the_template_changed(talking: Application) -> None:
    points = ("周六凌晨两点到四点维护，期间无法登录。",)
    brief = PostBrief(kind="announcement", title="停机维护", points=points)
    request = await talking.content.request("acme", brief, by="ann")
    (draft,) = await talking.content.draft_due(request.id)
    chat = talking.chat
    assert isinstance(chat, ScriptedChat)
    asked = chat.requests[0]
    post_id = "post/announcement.zh"
    text = SHIPPED.get(post_id).text.replace("--- system\n", "--- system\n（二）", 1)
    done = await talking.prompt_desk.propose(post_id, text, WORD)
    place = Place(post_id, PromptLabel.PRODUCTION)
    await talking.prompt_desk.move(place, done.version.number, WORD)
    again = await talking.replay.prompt(draft.id)
    assert (again.same, again.template.version, again.messages) == (True, 1, asked.messages)


async def test_a_context_of_an_older_text_is_still_written_and_checked(
    talking: Application,
) -> None:
    draft_id = await suggested(talking, 1)
    await talking.prompt_desk.move(EVERYBODY, await propose(talking, "二"), WORD)
    await talking.drafter.ready()
    async with talking.uow() as uow:
        draft = await uow.drafts.get(draft_id)
        context = await uow.drafts.context(draft.context_id if draft else "")
    assert context is not None
    composed = await talking.drafter.compose(context, talking.chat)
    assert composed.degraded_because is None
    echo = composed.model_copy(update={"text": talking.drafter.prompt(context).messages[0].content})
    assert "prompt_echo" in {one.check for one in talking.drafter.check(context, echo)}


async def test_decisions_are_counted_by_version(talking: Application, clock: Any) -> None:
    first = await suggested(talking, 1)
    await talking.prompt_desk.move(EVERYBODY, await propose(talking, "二"), WORD)
    for number in (2, 3):
        await suggested(talking, number)
    tasks = {row.draft_id: row.task_id for row in (await talking.queries.queue("acme")).items}
    for draft_id, text in ((first, None), (next(d for d in tasks if d != first), "改过的答复")):
        view = await talking.queries.task(tasks[draft_id])
        assert view is not None
        verdict = Verdict.APPROVE_EDITED if text else Verdict.APPROVE
        ruling = Ruling(verdict, view.revisions[-1].hash, text=text, acknowledge=True)
        await talking.review.decide(tasks[draft_id], "ann", ruling)
    since = clock.now() - timedelta(days=90)
    newest, oldest = await talking.queries.prompt_figures(ID, "acme", since=since)
    assert (newest.version, newest.drafts, newest.edited, newest.decided) == (2, 2, 1, 1)
    assert (oldest.version, oldest.drafts, oldest.accepted, oldest.decided) == (1, 1, 1, 1)
    assert await talking.queries.prompt_figures(ID, "other", since=since) == ()


async def test_another_process_follows_within_a_second(application: Application) -> None:
    now = [0.0]
    other = LivePrompts(SHIPPED, application.uow, _nothing, tick=lambda: now[0])
    await application.prompt_views.states(None)
    await other.refresh()
    assert other.library.pick(ID).version == 1
    await application.prompt_desk.move(EVERYBODY, await propose(application, "二"), WORD)
    await other.refresh()
    assert other.library.pick(ID).version == 1
    now[0] = 1.1
    await other.refresh()
    assert other.library.pick(ID).version == 2


async def test_a_version_that_does_not_fit_this_release_gives_way(
    application: Application,
) -> None:
    loose = ORIGINAL.replace("  tone: {type: text, required: false}\n", "")
    loose = loose.replace("$tone", "（无）")
    done = await application.prompt_desk.propose(ID, loose, WORD)
    await application.prompt_desk.move(EVERYBODY, done.version.number, WORD)
    strict = with_release(
        ORIGINAL.replace("tone: {type: text, required: false}", "tone: {type: text}")
    )
    await release(application, strict)
    later = LivePrompts(strict, application.uow, _nothing)
    await later.refresh()
    picked = later.library.pick(ID)
    assert (picked.version, picked.template.hash) == (3, strict.get(ID).hash)
    assert later.library.known(ID, done.version.hash) is not None


async def _nothing() -> None:
    """Another process seeded already."""

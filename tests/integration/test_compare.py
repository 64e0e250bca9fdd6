"""Two drafts of the same messages: compared, one picked, by page and by API."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.llm import ChatReply, ChatRequest
from service.domain.prompt import PromptLabel
from service.domain.review import TaskStatus, Verdict
from service.errors import AlreadyClaimed, Conflict
from service.flows.compare import MOST_PICKS
from service.flows.draft import MAX_REDRAFTS
from service.flows.prompt_desk import Place, Word
from service.flows.review import Ruling
from service.ports.models import OnDelta
from tests.plugins.app import FrozenClock
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

FIRST = "会员购买后七天内可以申请全额退款，三个工作日内原路退回。"
SECOND = "购买后七天内可以申请全额退款，三个工作日内退回原路。<b>"


class Author:
    """A model that writes the first text, and the second wherever it is told `更短`."""

    name = "author"

    async def complete(self, request: ChatRequest, *, on_delta: OnDelta | None = None) -> ChatReply:
        told = any("更短" in message.content for message in request.messages)
        data: dict[str, object] = {
            "text": SECOND if told else FIRST,
            "citations": ["membership#3.1"],
            "refusal": None,
            "refusal_reason": "",
        }
        return ChatReply(data=data, model=self.name, prompt_tokens=1, completion_tokens=1)


@pytest.fixture
async def task_id(keyword_triage: Application, seed: Seed, rules: None) -> str:
    """A case with a model's draft."""
    vars(keyword_triage).update(chat=Author())
    (made,) = await seed("我要退款")
    return made


async def view_of(application: Application, task: str) -> Any:
    view = await application.queries.task(task)
    assert view is not None
    return view


async def second(application: Application, task: str, clock: FrozenClock) -> tuple[str, str]:
    """Ids of the first and the second draft."""
    clock.move(timedelta(seconds=1))
    first = (await view_of(application, task)).draft
    return first.id, (await application.draft.redraft(first.case_id, instruction="更短")).id


async def open_drafts(application: Application) -> list[str]:
    return [row.draft_id for row in (await application.queries.queue("acme")).items]


async def test_the_earlier_one_comes_back_with_its_edits(
    application: Application, clock: FrozenClock, task_id: str
) -> None:
    view = await view_of(application, task_id)
    base = view.revisions[-1].hash
    await application.review.edit(task_id, "ann", text=FIRST + "祝好。", base_hash=base)
    first, newer = await second(application, task_id, clock)
    clock.move(timedelta(seconds=1))
    picked = await application.compare.pick(first, "ann")
    assert await application.compare.pick(first, "ann") == picked, "a retry changes nothing"
    assert (picked.claimed_by, picked.status) == ("ann", TaskStatus.CLAIMED)
    assert await open_drafts(application) == [picked.draft_id]
    shown = await view_of(application, picked.id)
    assert (shown.draft.supersedes, shown.revisions[-1].text) == (newer, FIRST + "祝好。")
    assert shown.draft.composition.text == FIRST
    assert shown.context.prompt_hash == view.context.prompt_hash
    ruling = Ruling(Verdict.APPROVE, shown.revisions[-1].hash, acknowledge=True)
    decision = await application.review.decide(picked.id, "ann", ruling)
    assert decision.draft_id == picked.draft_id
    with pytest.raises(Conflict):
        await application.compare.pick(newer, "ann")


async def test_the_newer_one_stays_and_the_choice_can_be_changed_for_a_while(
    application: Application, clock: FrozenClock, task_id: str
) -> None:
    first, newer = await second(application, task_id, clock)
    assert (await application.compare.pick(newer, "ann")).draft_id == newer
    chosen = first, newer
    for turn in range(MOST_PICKS):
        clock.move(timedelta(seconds=1))
        picked = await application.compare.pick(chosen[0], "ann")
        chosen = (newer if turn == 0 else chosen[1]), picked.draft_id
    assert len(await open_drafts(application)) == 1
    with pytest.raises(Conflict):
        await application.compare.pick(chosen[0], "ann")


async def test_another_reviewers_claim_and_the_member_come_first(
    application: Application, clock: FrozenClock, task_id: str
) -> None:
    first, newer = await second(application, task_id, clock)
    await application.compare.pick(newer, "bo")
    with pytest.raises(AlreadyClaimed):
        await application.compare.pick(first, "ann")
    case = (await view_of(application, task_id)).draft.case_id
    for _ in range(MAX_REDRAFTS - 1):
        clock.move(timedelta(seconds=1))
        last = await application.draft.redraft(case)
    with pytest.raises(Conflict):
        await application.draft.redraft(case)
    clock.move(timedelta(seconds=1))
    await application.compare.pick(last.supersedes or "", "ann")
    with pytest.raises(Conflict, match="redrafted"):
        await application.draft.redraft(case)  # picking gives no more drafts
    with pytest.raises(Conflict):
        await application.compare.pick(first, "ann")


async def test_a_second_draft_by_the_candidate_prompt(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, task_id: str
) -> None:
    view = await view_of(application, task_id)
    with pytest.raises(Conflict, match="no candidate"):
        await application.draft.redraft(view.draft.case_id, candidate=True)
    template = view.context.template.id
    text = (await application.prompt_views.version(template, 1)).text + "\n更短\n"
    word = Word("ann", "shorter")
    made = await application.prompt_desk.propose(template, text, word)
    place = Place(template, PromptLabel.CANDIDATE)
    await application.prompt_desk.move(place, made.version.number, word)
    application.prompts.look_again()
    await log_in()
    page = (await web.get(f"/tasks/{task_id}")).text
    assert "By the candidate prompt (v2)" in page
    form = {"csrf": csrf_of(page), "candidate": "yes", "then": "compare"}
    answer = await web.post(f"/tasks/{task_id}/redraft", data=form)
    shown = (await web.get(answer.headers["location"])).text
    assert f"{template} v1" in shown
    assert f"{template} v2" in shown


async def test_the_page_sets_both_beside_each_other_and_takes_the_pick(
    application: Application, web: httpx.AsyncClient, log_in: LogIn, task_id: str
) -> None:
    await log_in()
    page = (await web.get(f"/tasks/{task_id}")).text
    assert f"/tasks/{task_id}/compare" not in page
    assert (await web.get(f"/tasks/{task_id}/compare")).status_code == 404
    form = {"csrf": csrf_of(page), "instruction": "更短", "then": "compare"}
    where = (await web.post(f"/tasks/{task_id}/redraft", data=form)).headers["location"]
    shown = (await web.get(where)).text
    assert f'href="{where}"' in (await web.get(where.removesuffix("/compare"))).text
    assert "<mark>会员</mark>购买后七天内" in shown
    assert "&lt;b&gt;</mark>" in shown
    for expected in ("author", "grounded.zh v1", "/documents/membership#c-3.1", "<q>更短</q>"):
        assert expected in shown
    choices = re.findall(r'name="pick" value="([^"]+)"', shown)
    bad = await web.post(where, data={"csrf": csrf_of(shown), "pick": "other"})
    assert bad.status_code == 409
    answer = await web.post(where, data={"csrf": csrf_of(shown), "pick": choices[0]})
    assert FIRST in (await web.get(answer.headers["location"])).text
    closed = (await web.get(where)).text
    assert 'name="pick"' not in closed


async def test_two_templates_are_said_to_be_the_same(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, rules: None
) -> None:
    (task,) = await seed("我要退款")
    await log_in()
    page = (await web.get(f"/tasks/{task}")).text
    assert "another draft will say the same" in page
    form = {"csrf": csrf_of(page), "then": "compare"}
    where = (await web.post(f"/tasks/{task}/redraft", data=form)).headers["location"]
    shown = (await web.get(where)).text
    assert "No model wrote either" in shown
    assert shown.count("会员购买后七天内") == 1


async def test_viewers_compare_and_do_not_pick(
    application: Application,
    web: httpx.AsyncClient,
    log_in: LogIn,
    clock: FrozenClock,
    task_id: str,
) -> None:
    first, newer = await second(application, task_id, clock)
    await log_in(Role.VIEWER)
    case = (await view_of(application, task_id)).draft.case_id
    where = f"/tasks/{await application.queries.task_of_case(case)}/compare"
    shown = (await web.get(where)).text
    assert "<mark>" in shown
    assert 'name="pick"' not in shown
    form = {"csrf": csrf_of(shown), "pick": first}
    assert (await web.post(where, data=form)).status_code == 403
    assert await open_drafts(application) == [newer]


async def test_by_api(
    application: Application,
    web: httpx.AsyncClient,
    bearer: KeyMaker,
    clock: FrozenClock,
    task_id: str,
) -> None:
    first, newer = await second(application, task_id, clock)
    key = await bearer(Scope.REVIEW)
    told = (await web.get(f"/v1/drafts/{newer}/comparison", headers=key)).json()
    assert (told["older"]["draft"]["id"], told["newer"]["draft"]["id"]) == (first, newer)
    assert told["same"] is None
    assert "".join(text for text, _ in told["newer"]["pieces"]) == SECOND
    assert (await web.get(f"/v1/drafts/{first}/comparison", headers=key)).status_code == 404
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    stranger = await bearer(Scope.REVIEW, community="other")
    for answer in (
        await web.get(f"/v1/drafts/{newer}/comparison", headers=stranger),
        await web.post(f"/v1/drafts/{first}/pick", headers=stranger),
        await web.post("/v1/drafts/none/pick", headers=key),
    ):
        assert answer.status_code == 404
    picked = (await web.post(f"/v1/drafts/{first}/pick", headers=key)).json()
    assert picked["draft"]["composition"]["text"] == FIRST
    assert picked["task"]["draft_id"] == picked["draft"]["id"]
    again = await web.post(f"/v1/drafts/{first}/pick", headers=key)
    assert again.json()["draft"] == picked["draft"]

"""Two people where the policy asks for them, several at once where it allows."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.approval import ApprovalPolicy
from service.domain.review import Decision, RejectReason, Verdict
from service.domain.views import TaskView
from service.errors import Conflict, InvalidInput
from service.flows.review import Ruling
from tests.plugins.app import FrozenClock
from tests.plugins.web import KeyMaker, LogIn, Seed, csrf_of

ACME = {"community": "acme"}


async def view_of(application: Application, task_id: str) -> TaskView:
    view = await application.queries.task(task_id)
    assert view is not None
    return view


async def say(
    application: Application, task_id: str, who: str, text: str | None = None
) -> Decision:
    """Approve, edited to `text` if given."""
    view = await view_of(application, task_id)
    verdict = Verdict.APPROVE if text is None else Verdict.APPROVE_EDITED
    ruling = Ruling(verdict, view.revisions[-1].hash, text=text, acknowledge=True)
    return await application.review.decide(task_id, who, ruling)


async def waiting(application: Application) -> list[str]:
    page = await application.queries.queue("acme")
    return [row.task_id for row in page.items]


async def sent(application: Application) -> int:
    return len((await application.queries.deliveries("acme")).items)


async def test_a_crisis_leaves_only_after_two_people(application: Application, seed: Seed) -> None:
    (task,) = await seed("我想死")
    first = await say(application, task, "ann", "我们看到了，马上有人联系你。")
    assert (first.verdict, await sent(application)) == (Verdict.ENDORSE, 0)
    (second,) = await waiting(application)
    assert second != task
    with pytest.raises(Conflict, match="another person"):
        await say(application, second, "ann")
    last = await say(application, second, "bob")
    assert (last.verdict, await sent(application)) == (Verdict.APPROVE, 1)
    assert await waiting(application) == []


async def test_an_edit_by_the_second_goes_back_to_another(
    application: Application, seed: Seed
) -> None:
    (task,) = await seed("我想死")
    await say(application, task, "ann", "第一稿。")
    (second,) = await waiting(application)
    changed = await say(application, second, "bob", "第二稿。")
    assert (changed.verdict, await sent(application)) == (Verdict.ENDORSE, 0)
    (third,) = await waiting(application)
    assert (await say(application, third, "ann")).verdict is Verdict.APPROVE


async def test_a_first_approval_can_be_taken_back_until_the_second(
    application: Application, seed: Seed, clock: FrozenClock
) -> None:
    (task,) = await seed("我想死")
    await say(application, task, "ann", "稿子。")
    await application.review.undo(task, "ann")
    assert await waiting(application) == [task]
    await say(application, task, "ann")
    (second,) = await waiting(application)
    view = await view_of(application, second)
    no = Ruling(Verdict.REJECT, view.revisions[-1].hash, reason=RejectReason.TONE)
    await application.review.decide(second, "bob", no)
    with pytest.raises(Conflict, match="Another person decided"):
        await application.review.undo(task, "ann")
    clock.move(timedelta(days=1))
    with pytest.raises(Conflict, match="time to take this back"):
        await application.review.undo(task, "ann")


async def test_a_looser_policy_lets_the_first_person_finish(
    application: Application, seed: Seed
) -> None:
    (task,) = await seed("我想死")
    await say(application, task, "ann", "稿子。")
    (second,) = await waiting(application)
    none = ApprovalPolicy(rules=())
    with pytest.raises(InvalidInput, match="why"):
        await application.approvals.put("acme", none, by="root", reason=" ", seen="shipped")
    await application.approvals.put("acme", none, by="root", reason="只有一人", seen="shipped")
    with pytest.raises(Conflict, match="changed meanwhile"):
        await application.approvals.put(
            "acme", ApprovalPolicy.model_validate({"rules": [RULE]}), by="root", reason="又改",
            seen="shipped",
        )  # fmt: skip
    assert (await say(application, second, "ann")).verdict is Verdict.APPROVE


RULE = {
    "id": "thanks",
    "title": {"zh": "感谢", "en": "Thanks"},
    "when": {"categories": ["praise"]},
    "bulk": True,
}


async def test_ops_change_the_policy_and_ask_what_a_task_needs(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed
) -> None:
    (task,) = await seed("我想死")
    key = await bearer(Scope.ADMIN, Scope.CASES_READ, Scope.REVIEW)
    shipped = (await web.get("/v1/approval-policy", params=ACME, headers=key)).json()
    assert shipped["version"] == "shipped"
    asked = (await web.get(f"/v1/tasks/{task}/approval", headers=key)).json()
    assert asked["requirement"]["approvals"] == 2
    assert {"crisis", "safety"} <= {rule["id"] for rule in asked["requirement"]["rules"]}
    body = {"policy": {"rules": [RULE]}, "reason": "试", "seen": "shipped"}
    unknown = {"policy": {"rules": [RULE | {"when": {"categories": ["nope"]}}]}}
    answer = await web.put("/v1/approval-policy", params=ACME, json=body | unknown, headers=key)
    assert answer.status_code == 422
    done = await web.put("/v1/approval-policy", params=ACME, json=body, headers=key)
    assert done.status_code == 200
    again = await web.put("/v1/approval-policy", params=ACME, json=body, headers=key)
    assert again.json()["id"] == done.json()["id"]
    history = (await web.get("/v1/approval-policy/history", params=ACME, headers=key)).json()
    assert [one["reason"] for one in history] == ["试"]
    asked = (await web.get(f"/v1/tasks/{task}/approval", headers=key)).json()
    assert asked["requirement"]["approvals"] == 1
    endorse = {"verdict": "endorse", "revision_hash": "0" * 64}
    answer = await web.post(f"/v1/tasks/{task}/decisions", json=endorse, headers=key)
    assert answer.status_code == 422


async def test_several_plain_replies_are_approved_at_once(
    web: httpx.AsyncClient, bearer: KeyMaker, seed: Seed, application: Application
) -> None:
    tasks = await seed("谢谢", "我要退款", "谢谢")
    key = await bearer(Scope.REVIEW)
    hashes = [(await view_of(application, task)).revisions[-1].hash for task in tasks]
    items = [
        {"task_id": task, "revision_hash": digest}
        for task, digest in zip(tasks, [*hashes[:2], "0" * 64], strict=True)
    ]
    answer = await web.post("/v1/tasks/bulk", params=ACME, json={"items": items}, headers=key)
    assert [(one["approved"], one["code"]) for one in answer.json()] == [
        (True, None), (False, "conflict"), (False, "stale_revision"),
    ]  # fmt: skip
    assert await sent(application) == 1
    foreign = {"items": [{"task_id": "task_x", "revision_hash": "0" * 64}]}
    answer = await web.post("/v1/tasks/bulk", params=ACME, json=foreign, headers=key)
    assert answer.status_code == 404


async def test_the_pages_show_and_change_it(
    web: httpx.AsyncClient, log_in: LogIn, seed: Seed, application: Application
) -> None:
    tasks = await seed("我想死", "谢谢", "谢谢")
    await log_in(Role.ADMIN)
    assert "A second person must agree" in (await web.get(f"/tasks/{tasks[0]}")).text
    page = (await web.get("/queue/bulk")).text
    tickets = re.findall(r'name="task" value="([^"]+)"', page)
    assert {one.split(":")[0] for one in tickets} == set(tasks[1:])
    done = await web.post("/queue/bulk", data={"csrf": csrf_of(page), "task": tickets[0]})
    assert done.headers["location"] == "/queue/bulk?done=1&left=0"
    assert await sent(application) == 1
    await say(application, tasks[0], "bob", "稿子。")
    (second, *_) = await waiting(application)
    assert "One person agreed" in (await web.get(f"/tasks/{second}")).text
    page = (await web.get("/approvals")).text
    form = {"csrf": csrf_of(page), "seen": "shipped", "reason": "太严", "title_zh": "危机",
            "title_en": "Crisis", "people": "1", "min_severity": "4"}  # fmt: skip
    assert (await web.post("/approvals/crisis", data=form)).status_code == 303
    policy, version = await application.approvals.current("acme")
    assert next(rule for rule in policy.rules if rule.id == "crisis").approvals == 1
    stale = await web.post("/approvals/crisis", data=form | {"people": "2"})
    assert (stale.status_code, "Not possible right now" in stale.text) == (409, True)
    new = form | {"seen": version, "id": "<b>"}
    assert (await web.post("/approvals", data=new)).status_code == 422
    gone = {"csrf": form["csrf"], "seen": version, "reason": "多余", "remove": "yes"}
    assert (await web.post("/approvals/safety", data=gone)).status_code == 303
    policy, _ = await application.approvals.current("acme")
    assert "safety" not in {rule.id for rule in policy.rules}
    assert (await web.post("/approvals/none", data=gone)).status_code == 404


async def test_only_administrators_change_the_policy(web: httpx.AsyncClient, log_in: LogIn) -> None:
    await log_in(Role.EDITOR)
    page = (await web.get("/approvals")).text
    assert "Two people" in page
    assert 'name="seen"' not in page
    answer = await web.post("/approvals/crisis", data={"csrf": csrf_of(page)})
    assert answer.status_code == 403

"""The main journey over HTTP, every part real: a message comes in, is triaged, a grounded reply is
drafted, a moderator edits and approves it in the page, it is delivered."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import pytest

from tests.plugins.receiver import HttpReceiver
from tests.plugins.server import Desk

pytestmark = [pytest.mark.slow]
T = TypeVar("T")

RULES = Path(__file__).parents[2] / "service" / "sample" / "rules"


def eventually(look: Callable[[], T | None], seconds: float = 60) -> T:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if found := look():
            return found
        time.sleep(0.1)
    raise AssertionError("it did not happen in time")


@pytest.fixture
def running(desk: Desk, http_receiver: HttpReceiver) -> Desk:
    """A desk with a community, its rules, a moderator and a receiver."""
    desk.env |= {
        "HUIYIN_DELIVERY__SECRET": "test-delivery-secret",
        "HUIYIN_DELIVERY__UNDO_S": "1",
        "HUIYIN_DELIVERY__ALLOW_PRIVATE": "true",
    }
    desk.command("communities", "add", "acme", "--name-zh", "示例", "--name-en", "Acme")
    desk.command("communities", "deliver-to", "acme", http_receiver.url)
    rules = RULES / "membership-and-refunds.md"
    assert "membership-and-refunds v1" in desk.command(
        "rules", "upload", str(rules), "--community", "acme"
    )
    desk.command("users", "add", "小满", "--role", "moderator")
    desk.start()
    desk.wait_ready()
    return desk


def test_a_moderator_answers_a_member(running: Desk, http_receiver: HttpReceiver) -> None:
    key = running.command(
        "keys",
        "create",
        "bot",
        "--scope",
        "messages:write",
        "--scope",
        "cases:read",
        "--scope",
        "review",
    )
    with (
        httpx2.Client(base_url=running.address, headers={"Authorization": f"Bearer {key}"}) as api,
        httpx2.Client(base_url=running.address, follow_redirects=True) as page,
    ):
        tell(running, http_receiver, api, page)


def tell(
    running: Desk, http_receiver: HttpReceiver, api: httpx2.Client, page: httpx2.Client
) -> None:
    case_id = post_message(api)
    task = eventually(lambda: task_of(api, case_id))

    log_in(running, page)
    review = page.get(f"/tasks/{task['task_id']}")
    assert review.status_code == 200
    assert "13800138000" not in review.text
    decided = page.post(
        f"/tasks/{task['task_id']}/decide",
        data=form_of(review.text) | {"action": "approve", "text": "请在订单页提交。"},
        headers={"Origin": running.address},
        follow_redirects=True,
    )
    assert decided.status_code == 200

    eventually(lambda: http_receiver.arrived)
    idempotency_key, body, signed = http_receiver.arrived[0]
    payload = body["payload"]
    assert signed
    assert idempotency_key.startswith("out_")
    assert payload["text"] == "请在订单页提交。"
    assert payload["reply_to"] == "m1"
    assert "13800138000" not in str(payload)
    case = eventually(lambda: delivered(api, case_id))
    assert case["status"] == "delivered"
    time.sleep(0.5)
    assert len(http_receiver.arrived) == 1


def post_message(api: httpx2.Client) -> str:
    message = {
        "source": "wechat",
        "external_id": "m1",
        "author": "wx_1",
        "text": "年卡买了三天想退款，我的手机号是 13800138000，在哪里申请？",
    }
    answer = api.post("/v1/messages", json={"community": "acme", "messages": [message]})
    assert answer.status_code == 202, answer.text
    return str(answer.json()["results"][0]["case_id"])


def task_of(api: httpx2.Client, case_id: str) -> dict[str, Any] | None:
    rows = api.get("/v1/tasks", params={"community": "acme"}).json()["items"]
    return next((row for row in rows if row["case_id"] == case_id), None)


def delivered(api: httpx2.Client, case_id: str) -> dict[str, Any] | None:
    rows = api.get("/v1/cases", params={"community": "acme"}).json()["items"]
    found = next(row for row in rows if row["case_id"] == case_id)
    return found if found["status"] == "delivered" else None


def log_in(desk: Desk, page: httpx2.Client) -> None:
    link = desk.command("users", "login-link", "小满").replace(desk.address, "")
    gate = page.get(link)
    entered = page.post(link, data=form_of(gate.text), headers={"Origin": desk.address})
    assert entered.status_code == 200
    assert str(entered.url).endswith("/queue")


def form_of(html: str) -> dict[str, str]:
    """Hidden fields of a page, the CSRF token among them."""
    fields = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html)
    assert any(name == "csrf" for name, _ in fields), html[:2000]
    return dict(fields)

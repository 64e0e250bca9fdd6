"""Personal data planted in a message is found nowhere but in the message itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
import structlog
from sqlalchemy import text as sql

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexes.memory import MemoryStore
from service.bootstrap import Application, Parts, open_application
from service.domain.account import Role, Scope
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.llm import ChatReply, ChatRequest
from service.errors import PermanentProviderError
from service.flows.rules import Upload
from service.llm.recording import Prices, RecordingChat
from service.settings import Settings
from service.triage.build import build_redactor
from service.web.app import create_app
from tests.plugins.web import BASE, PASSWORD, RULES, KeywordTriager, RefundSearch, csrf_of, item

PLANTED = {
    "phone": "13800001234",
    "id card": "11010519491231002X",
    "bank card": "6222021234567890128",
    "wechat": "wxid_marker77",
    "e-mail": "marker.person@example.com",
    "Chinese name": "欧阳晓月",
    "name": "Margaret Hollingsworth",
    "IBAN": "GB82WEST12345698765432",
    "SSN": "219-09-9999",
}
MESSAGE = (
    "我叫欧阳晓月，要退款，电话13800001234，身份证11010519491231002X，卡号6222021234567890128，"
    "微信：wxid_marker77，邮箱 marker.person@example.com。My name is Margaret Hollingsworth, "
    "IBAN GB82WEST12345698765432, SSN 219-09-9999."
)


class Eavesdropper:
    """A chat model that keeps every prompt and answers none."""

    name = "eavesdropper"

    def __init__(self) -> None:
        self.requests: list[ChatRequest] = []

    async def complete(self, request: ChatRequest, *, on_delta: Any = None) -> ChatReply:
        self.requests.append(request)
        raise PermanentProviderError("Not today.", reason="rejected")


@pytest.fixture
def chat() -> Eavesdropper:
    return Eavesdropper()


@pytest.fixture
async def desk(settings: Settings, clock: Any, chat: Eavesdropper) -> AsyncIterator[Application]:
    parts = Parts(clock=clock, embedder=HashingEmbedder(), vectors=MemoryStore())
    async with open_application(settings, parts=parts) as opened:
        triager, redactor = KeywordTriager(), build_redactor()
        triager._redactor = redactor  # type: ignore[assignment]
        audited = RecordingChat(
            chat, record=opened.spending.settle, prices=Prices(1, 1), clock=clock, ids=opened.ids
        )
        vars(opened).update(
            triager=triager,
            redactor=redactor,
            engines=None,
            search=RefundSearch(opened),
            chat=audited,
        )
        async with opened.uow() as uow:
            name = Bilingual(zh="示例", en="Acme")
            await uow.communities.save(Community(id="acme", name=name))
            await uow.commit()
        await opened.rules.upload(
            "acme", Upload("membership.md", RULES.encode(), "text/markdown"), by="test"
        )
        yield opened


async def journey(application: Application) -> str:
    """Ingest, triage, draft by a model, redraft with an instruction, teach; the case's id."""
    (done,) = await application.ingest.ingest("acme", [item(1, MESSAGE)])
    case_id = str(done.case_id)
    await application.triage.run("acme", [case_id])
    await application.draft.draft_due(case_id)
    await application.draft.redraft(case_id, instruction=f"提到 {PLANTED['phone']}")
    await application.learn.add("acme", MESSAGE, "billing_refund", by="test")
    return case_id


def left(haystack: str) -> list[str]:
    return [what for what, value in PLANTED.items() if value in haystack]


async def stored_texts(application: Application) -> AsyncIterator[tuple[str, str]]:
    """Every row of every table as text, but for the messages themselves."""
    async with application.engine.connect() as connection:
        names = await connection.scalars(
            sql("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        )
        for table in [name for name in names if name != "messages"]:
            rows = await connection.scalars(sql(f'SELECT t::text FROM "{table}" t'))  # noqa: S608
            yield table, "\n".join(rows)


async def test_no_path_to_a_model_a_log_or_a_table_skips_redaction(
    desk: Application, chat: Eavesdropper
) -> None:
    with structlog.testing.capture_logs() as logs:
        await journey(desk)
    assert chat.requests, "the model was never asked"
    assert left("".join(request.model_dump_json() for request in chat.requests)) == []
    assert left(str(logs)) == []
    tables = dict([pair async for pair in stored_texts(desk)])
    assert {table: left(text) for table, text in tables.items() if left(text)} == {}
    assert "[PHONE_1]" in tables["triages"]
    assert {"draft_contexts", "llm_calls", "examples"} <= {t for t, text in tables.items() if text}


async def test_no_page_and_no_export_shows_it(desk: Application) -> None:
    case_id = await journey(desk)
    _, secret = await desk.accounts.create_key("test", tuple(Scope), community="acme")
    await desk.accounts.create_user("wen", Role.ADMIN, password=PASSWORD, lang=Lang.EN)
    transport = httpx.ASGITransport(create_app(desk))
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as web:
        headers = {"Authorization": f"Bearer {secret}"}
        task_id = await desk.queries.task_of_case(case_id)
        for path in (
            f"/v1/cases/{case_id}", "/v1/cases?community=acme", "/v1/tasks?community=acme",
            f"/v1/tasks/{task_id}", "/v1/examples?community=acme",
        ):  # fmt: skip
            answer = await web.get(path, headers=headers)
            assert (answer.status_code, left(answer.text)) == (200, []), path
        judged = await web.post("/v1/triage", json={"texts": [MESSAGE]}, headers=headers)
        assert (judged.status_code, left(judged.text)) == (200, [])
        page = await web.get("/login")
        login = {"name": "wen", "password": PASSWORD, "csrf": csrf_of(page.text)}
        assert (await web.post("/login", data=login)).status_code == 303
        for path in ("/queue", f"/tasks/{task_id}", "/cases", f"/cases/{case_id}", "/examples"):
            answer = await web.get(path)
            assert (answer.status_code, left(answer.text)) == (200, []), path

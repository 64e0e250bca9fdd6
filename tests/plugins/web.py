"""The web app over a real application whose triage is told by keywords, and clients for it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta

import httpx
import numpy as np
import pytest
import uvicorn
from fastapi import FastAPI

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.types import Passage, Retrieval
from retrieval.types import Role as TextRole
from service.bootstrap import Application
from service.domain.account import Role, Scope, User
from service.domain.base import Lang
from service.domain.duplicates import Likeness, LikenessReason
from service.domain.message import text_hash
from service.domain.taxonomy import Taxonomy
from service.domain.triage import (
    DuplicateKind,
    DuplicateOf,
    EngineVersions,
    Evidence,
    Judgement,
    Label,
    Route,
    Sentiment,
    Signal,
    SignalKind,
    Urgency,
)
from service.flows.rules import Upload
from service.ports.engines import Candidate, Judged, Side
from service.triage.redaction import RuleRedactor
from service.triage.taxonomy import load_taxonomy
from service.web.app import furnish, unfurnished

BASE = "http://testserver"
PASSWORD = "correct horse battery"

RULES = """---
slug: membership
kind: rules
lang: zh
---
# 会员规则

## 退款

### 3.1 七天内退款

会员购买后七天内、使用不超过三次的，可以申请全额退款，三个工作日内原路退回。

### 3.2 Refunds

A membership bought less than seven days ago can be refunded in full within three working days.
"""

_WORDS = {
    "退款": ("billing_refund", 2),
    "refund": ("billing_refund", 2),
    "想死": ("safety_crisis", 4),
    "谢谢": ("praise", 0),
    "闪退": ("bug_report", 2),
    "crash": ("bug_report", 2),
}


class KeywordTriager:
    """Judges by keywords, so that a test knows what a page must show."""

    def __init__(self) -> None:
        self.taxonomy: Taxonomy = load_taxonomy()
        self._redactor, self._embedder = RuleRedactor(), HashingEmbedder()

    def judge(self, texts: Sequence[str], at: Sequence[datetime]) -> tuple[Judged, ...]:
        vectors = self._embedder.embed(list(texts), role=TextRole.QUERY)
        return tuple(
            Judged(self._judgement(text, when), np.asarray(vector), text_hash(text))
            for text, when, vector in zip(texts, at, vectors, strict=True)
        )

    def duplicate(self, redacted: str, candidates: Sequence[Candidate]) -> DuplicateOf | None:
        return None

    def likeness(self, one: Side, others: Sequence[Side]) -> tuple[Likeness | None, ...]:
        """Alike in meaning wherever the words give the same category."""
        return tuple(
            Likeness(
                kind=DuplicateKind.SEMANTIC,
                similarity=0.7,
                reasons=(LikenessReason.SAME_CATEGORY,),
                category=one.judgement.primary,
            )
            if one.judgement.primary == other.judgement.primary
            else None
            for other in others
        )

    def _judgement(self, text: str, at: datetime) -> Judgement:
        found = [pair for word, pair in _WORDS.items() if word in text]
        category, severity = found[0] if found else ("usage_question", 1)
        known = self.taxonomy.get(category)
        guesses = (
            Label(category=category, confidence=0.86),
            Label(category="chat", confidence=0.09),
        )
        return Judgement(
            lang=Lang.ZH if any("\u4e00" <= char <= "\u9fff" for char in text) else Lang.EN,
            redacted=self._redactor.redact(text),
            labels=guesses[:1] if found else (),
            candidates=guesses,
            abstained=not found,
            sentiment=Sentiment.NEGATIVE if severity >= 2 else Sentiment.NEUTRAL,
            sentiment_confidence=0.9,
            toxicity=0.02,
            severity=severity,
            urgency=Urgency.CRITICAL if severity == 4 else Urgency.NORMAL,
            route=Route(
                department=known.owner,
                due_at=at + timedelta(minutes=known.sla_minutes),
                reply_due=category != "chat",
            ),
            signals=(
                (Signal(kind=SignalKind.INJECTION, code="ignore_rules"),)
                if "ignore" in text
                else ()
            ),
            evidence=(
                Evidence(
                    example_id="e1", category=category, text="闪退 <b>例</b>", similarity=0.91
                ),
            ),
            versions=EngineVersions(
                taxonomy="t1",
                heads="h1",
                embedder=self._embedder.info.fingerprint,
                signals="s1",
            ),
        )


class RefundSearch:
    """Finds every clause for a text about refunds, none for another."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def titles(self, community: str) -> Mapping[str, str]:
        async with self._application.uow() as uow:
            return {one.id: one.title for one in await uow.documents.list(community)}

    async def search(self, community: str, text: str) -> Retrieval:
        async with self._application.uow() as uow:
            clauses = await uow.documents.live_clauses(community)
        found = bool(clauses) and any(word in text for word in ("退款", "refund"))
        passages = tuple(Passage(clause, 0.9, 0.9, 2.0) for clause in clauses) if found else ()
        return Retrieval(text, passages, found, 0.97 if found else 0.1)


@pytest.fixture
def keyword_triage(application: Application) -> Application:
    """The application with the keyword triager in place."""
    vars(application).update(
        triager=KeywordTriager(), redactor=RuleRedactor(), search=RefundSearch(application)
    )
    return application


@pytest.fixture(scope="session")
def unfurnished_app() -> FastAPI:
    """Routes and templates, which take longer to build than most tests to run."""
    return unfurnished()


@pytest.fixture
def web_app(unfurnished_app: FastAPI, keyword_triage: Application) -> FastAPI:
    furnish(unfurnished_app, keyword_triage)
    return unfurnished_app


@pytest.fixture
async def web(web_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A browser-like client: keeps cookies, follows nothing by itself."""
    transport = httpx.ASGITransport(web_app, raise_app_exceptions=True)
    async with httpx.AsyncClient(transport=transport, base_url=BASE) as client:
        yield client


@pytest.fixture
async def served(web_app: FastAPI) -> AsyncIterator[str]:
    """The app served on a free port of this machine."""
    config = uvicorn.Config(web_app, port=0, log_level="error", lifespan="off", ws="none")
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event for it
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    await running


KeyMaker = Callable[..., Awaitable[dict[str, str]]]


@pytest.fixture
def bearer(application: Application) -> KeyMaker:
    """Makes a key with these scopes and gives its header."""

    async def make(*scopes: Scope, community: str | None = None) -> dict[str, str]:
        _, secret = await application.accounts.create_key(
            "test", scopes or tuple(Scope), community=community
        )
        return {"Authorization": f"Bearer {secret}"}

    return make


LogIn = Callable[..., Awaitable[User]]


@pytest.fixture
def log_in(application: Application, web: httpx.AsyncClient) -> LogIn:
    """Makes a person and logs the client in."""

    async def enter(role: Role = Role.ADMIN, name: str = "wen", lang: Lang = Lang.EN) -> User:
        user = await application.accounts.create_user(name, role, password=PASSWORD, lang=lang)
        page = await web.get("/login")
        answer = await web.post(
            "/login", data={"name": name, "password": PASSWORD, "csrf": csrf_of(page.text)}
        )
        assert answer.status_code == 303, answer.text
        return user

    return enter


def csrf_of(html: str) -> str:
    """The form token on a page."""
    return html.split('name="csrf" value="')[1].split('"')[0]


def item(number: int, text: str, **more: object) -> dict[str, object]:
    """One raw message, five hours old and far from its neighbours."""
    return {
        "source": "wechat",
        "external_id": f"m{number}",
        "author": f"author{number}",
        "text": text,
        "channel": "main",
        "sent_at": "2026-04-01T04:00:00Z",
    } | more


Seed = Callable[..., Awaitable[list[str]]]


@pytest.fixture
def seed(keyword_triage: Application) -> Seed:
    """Stores messages, triages and drafts them; gives the cases' task ids in order."""
    application = keyword_triage

    async def make(*texts: str | dict[str, object], community: str = "acme") -> list[str]:
        raw = [
            text if isinstance(text, dict) else item(number, text)
            for number, text in enumerate(texts)
        ]
        results = await application.ingest.ingest(community, raw)
        cases = list(dict.fromkeys(str(result.case_id) for result in results))
        await application.triage.run(community, cases)
        for case in cases:
            await application.draft.draft_due(case)
        tasks = [await application.queries.task_of_case(case) for case in cases]
        return [task for task in tasks if task]

    return make


@pytest.fixture
async def rules(application: Application) -> None:
    """One rule document."""
    await application.rules.upload(
        "acme", Upload("membership.md", RULES.encode(), "text/markdown"), by="test"
    )

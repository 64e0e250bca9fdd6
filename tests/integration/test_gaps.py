"""What the rules leave open is ranked by people, and few people are not named."""

from __future__ import annotations

import httpx
import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.domain.draft import RefusalKind
from service.domain.review import Verdict
from service.flows.review import Ruling
from tests.plugins.web import KeyMaker, LogIn, Seed

ACME = {"community": "acme"}


@pytest.fixture
async def open_questions(seed: Seed) -> list[str]:
    """Three people ask for a refund without a rule, one is in danger, one says thanks."""
    return await seed(*["我要退款"] * 3, "我想死", "谢谢")


async def test_gaps_over_the_api(
    web: httpx.AsyncClient,
    bearer: KeyMaker,
    application: Application,
    open_questions: list[str],
) -> None:
    key = await bearer(Scope.CASES_READ)
    found = (await web.get("/v1/gaps", params=ACME, headers=key)).json()
    assert [(one["refusal"], one["category"], one["authors"]) for one in found] == [
        ("no_rule", "billing_refund", 3), ("legal_or_crisis", "safety_crisis", 1),
    ]  # fmt: skip
    assert len(found[0]["evidence"]) == 3
    assert found[1]["evidence"] == []
    view = await application.queries.task(open_questions[0])
    assert view is not None
    ruling = Ruling(Verdict.APPROVE, view.revisions[-1].hash, acknowledge=True)
    await application.review.decide(view.task.id, "ann", ruling)
    only = {"refusal": RefusalKind.NO_RULE.value}
    (one,) = (await web.get("/v1/gaps", params=ACME | only, headers=key)).json()
    assert (one["cases"], one["answered"]) == (3, 1)
    assert (await web.get("/v1/gaps", params=ACME | {"days": 0}, headers=key)).status_code == 422


async def test_the_community_s_own_people_are_left_out(
    application: Application, open_questions: list[str]
) -> None:
    async with application.uow() as uow:
        community = await uow.communities.get("acme")
        assert community is not None
        view = await application.queries.task(open_questions[0])
        assert view is not None
        assert view.case is not None
        own = frozenset({view.case.case.author})
        await uow.communities.save(community.model_copy(update={"staff": own}))
        await uow.commit()
    since = application.clock.now().replace(year=2020)
    found = await application.insights.gaps("acme", since=since, least=1, refusal="no_rule")
    assert [one.authors for one in found] == [2]


async def test_the_page_leads_to_a_rule_proposal(
    web: httpx.AsyncClient, log_in: LogIn, open_questions: list[str]
) -> None:
    await log_in(Role.EDITOR)
    page = (await web.get("/gaps?refusal=x&days=y")).text
    assert "No rule fits" in page
    assert "/posts?kind=rule_proposal" in page
    assert (await web.get("/posts?kind=rule_proposal")).status_code == 200
    assert "No gaps" in (await web.get("/gaps?refusal=needs_human")).text

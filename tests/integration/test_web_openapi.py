"""The description and the service agree: no 5xx, no undocumented answer, whatever is sent."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import timedelta

import httpx
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.schemas import APIOperation
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service.bootstrap import Application
from service.domain.event import EventDetails
from service.domain.post import PostBrief
from service.domain.sample import SampleTask
from tests.plugins.web import KeyMaker, Seed

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
EXAMPLES = 12


def test_every_operation_is_described_with_its_errors(web_app: FastAPI) -> None:
    schema = web_app.openapi()
    assert "HTTPValidationError" not in str(schema)
    for path, operations in schema["paths"].items():
        if not path.startswith("/v1"):
            continue
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert {"400", "401", "403", "422", "429", "500", "503"} <= operation[
                "responses"
            ].keys()
            if "requestBody" in operation:
                assert {"413", "415"} <= operation["responses"].keys(), where
            for status, response in operation["responses"].items():
                if int(status) >= 400:
                    assert list(response["content"]) == ["application/problem+json"], where


def test_bodies_carry_examples(web_app: FastAPI) -> None:
    models = web_app.openapi()["components"]["schemas"]
    shown = {name for name, model in models.items() if "examples" in model}
    assert {"Batch", "TriageRequest", "SearchRequest", "NewPost", "NewKey", "Problem"} <= shown
    assert {"MergeRequest", "UnmergeRequest", "NewSample", "SampleWording"} <= shown


async def test_the_description_is_open(web: httpx.AsyncClient) -> None:
    answer = await web.get("/openapi.json")
    assert answer.json()["info"]["title"].startswith("Huiyin")


@pytest.mark.slow
async def test_whatever_is_sent_the_answer_is_documented(
    served: str,
    seed: Seed,
    rules: None,
    bearer: KeyMaker,
    application: Application,
    web_app: FastAPI,
) -> None:
    (task_id,) = await seed("我要退款")
    view = await application.queries.task(task_id)
    assert view is not None
    await seed(*(f"导出 PDF 之后全是空白页，{n}" for n in range(8)))
    await application.themes.run("acme")
    async with application.uow() as uow:
        (theme, *_) = await uow.themes.living("acme")
    sample = await application.harvest.from_task(task_id, SampleTask.DRAFT, by="wen")
    now = application.clock.now()
    details = EventDetails(name="读书夜", start=now, end=now + timedelta(hours=2))
    event = await application.events.add("acme", details, by="wen")
    brief = PostBrief(title="停机维护", points=("周六停机",))
    post = await application.content.request("acme", brief, "ed")
    known = {
        "event_id": event.id,
        "post_id": post.id,
        "group": ["activity", "feedback", "themes", "department"],
        "theme_id": theme.id,
        "theme_ids": [theme.id],
        "case_id": str(view.draft.case_id),
        "task_id": task_id,
        "draft_id": view.draft.id,
        "slug": "membership",
        "community_id": "acme",
        "community": "acme",
        "prompt_kind": "reply",
        "prompt_name": "grounded.zh",
        "sample_id": sample.id,
    }
    web_app.state.limiter._client = web_app.state.limiter._key.__class__(1_000_000)
    await asyncio.to_thread(_try_everything, served, await bearer(), known)


def _try_everything(served: str, headers: dict[str, str], known: Mapping[str, str]) -> None:
    schema = schemathesis.openapi.from_url(f"{served}/openapi.json")
    tried = 0
    for found in schema.get_all_operations():
        _try(found.ok(), headers, known)
        tried += 1
    assert tried > 30


def _try(operation: APIOperation, headers: dict[str, str], known: Mapping[str, str]) -> None:
    """Half of the cases name things that exist, so that they get past 404."""

    @given(case=operation.as_strategy())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )
    def run(case: schemathesis.Case) -> None:
        nonlocal number
        number += 1
        if number % 2:
            for place in (case.path_parameters, case.query, case.body):
                if isinstance(place, dict):
                    place.update({k: v for k, v in known.items() if k in place})
        response = case.call(headers=headers)
        case.validate_response(response, checks=CHECKS, headers=headers)

    number = 0
    run()

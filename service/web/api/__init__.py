"""The JSON API: one file a resource, all under /v1."""

from __future__ import annotations

from fastapi import APIRouter

from service.web.api import (
    approvals,
    bank,
    calendar,
    cases,
    communities,
    comparisons,
    deadlines,
    deliveries,
    documents,
    drafts,
    duplicates,
    evaluations,
    events,
    examples,
    facts,
    gaps,
    incidents,
    keys,
    knowledge,
    labels,
    llm,
    messages,
    notices,
    overrides,
    participation,
    post_kinds,
    post_results,
    posts,
    prompts,
    quality,
    radar,
    reports,
    reveals,
    routing,
    samples,
    tasks,
    themes,
    trends,
    triage,
    webhooks,
)

_RESOURCES = (
    messages,
    webhooks,
    triage,
    cases,
    reveals,
    overrides,
    duplicates,
    examples,
    labels,
    quality,
    bank,
    routing,
    deadlines,
    notices,
    reports,
    themes,
    trends,
    participation,
    events,
    facts,
    gaps,
    radar,
    incidents,
    documents,
    knowledge,
    prompts,
    evaluations,
    samples,
    drafts,
    comparisons,
    tasks,
    approvals,
    post_kinds,
    post_results,
    posts,
    calendar,
    deliveries,
    communities,
    keys,
    llm,
)


def router() -> APIRouter:
    """Every resource, in the order the reference shows them."""
    api = APIRouter(prefix="/v1")
    for resource in _RESOURCES:
        api.include_router(resource.router)
    return api

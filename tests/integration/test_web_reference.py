"""The API reference page: whole, safe for strangers, without foreign parts."""

from __future__ import annotations

import httpx
from fastapi import FastAPI

from service.web.pages.reference import reference


async def test_every_operation_is_on_the_page(web: httpx.AsyncClient) -> None:
    page = await web.get("/docs")
    assert page.status_code == 200
    description = (await web.get("/openapi.json")).json()
    for path in description["paths"]:
        assert f"<code>{path}</code>" in page.text
    assert "https://" not in page.text
    assert "<script" not in page.text.replace('<script type="module" src="/static/', "")


async def test_bodies_come_with_examples(web: httpx.AsyncClient) -> None:
    app = web._transport.app  # type: ignore[attr-defined]
    assert isinstance(app, FastAPI)
    bare = [
        f"{one.method} {one.path}"
        for operations in reference(app).values()
        for one in operations
        if one.method in ("POST", "PUT") and one.path.startswith("/v1/") and not one.body
    ]
    assert set(bare) <= NO_JSON_BODY


NO_JSON_BODY = {
    "POST /v1/documents",
    "POST /v1/themes/run",
    "POST /v1/radar/run",
    "POST /v1/radar/drift/run",
    "POST /v1/drafts/{draft_id}/pick",
    "POST /v1/tasks/{task_id}/claim",
    "POST /v1/tasks/{task_id}/release",
    "POST /v1/tasks/{task_id}/undo",
    "POST /v1/calendar/series/{series_id}/end",
    "POST /v1/deliveries/{entry_id}/confirm",
    "POST /v1/deliveries/{entry_id}/replay",
    "POST /v1/keys/{key_id}/rotate",
}

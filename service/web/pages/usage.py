"""What language models used and may use."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse

from service.domain.account import Scope
from service.domain.spend import GaugeState, Limit, Limits
from service.errors import AppError, InvalidInput
from service.ports.spending import UsageFilter, UsageGroup
from service.web.pages.links import with_cursor
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, form_of

router = APIRouter(prefix="/usage")

DAYS = (1, 7, 30, 90)
PAGE = 50


@router.get("")
async def usage(request: Request, looking: Looking) -> Response:
    """Budget bars, and sums by one group."""
    looking.require(Scope.ADMIN)
    return await _page(request, looking)


@router.post("/limits")
async def limits(request: Request, looking: Looking) -> Response:
    """Set what the community at hand allows itself."""
    looking.require(Scope.ADMIN)
    form = await form_of(request, looking.session.id)
    try:
        wanted = _limits(form)
        await application_of(request).spending.set_own(
            looking.community.id, wanted, by=looking.user.id
        )
    except InvalidInput as error:
        return await _page(request, looking, error)
    return RedirectResponse("/usage?saved=1", 303)


def _limits(form: dict[str, str]) -> Limits:
    """Empty fields set no limit."""
    given = {limit.value: form.get(limit.value, "").strip() for limit in Limit}
    try:
        return Limits.model_validate({name: text for name, text in given.items() if text})
    except ValueError as error:
        raise InvalidInput("A limit is a number from 0 on; tokens are whole numbers.") from error


async def _page(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
    application, asked = application_of(request), request.query_params
    by = asked.get("by", "")
    group = UsageGroup(by) if by in list(UsageGroup) else UsageGroup.FEATURE
    days = next((n for n in DAYS if str(n) == asked.get("days")), 30)
    now, budget = application.clock.now(), await application.spending.budget(looking.community.id)
    every = asked.get("scope") == "all" or group is UsageGroup.COMMUNITY
    where = UsageFilter(
        group,
        now - timedelta(days=days),
        now + timedelta(seconds=1),
        None if every else looking.community.id,
    )
    page = await application.queries.usage(where, cursor=asked.get("cursor"), limit=PAGE)
    shown: dict[str, Any] = {
        "budget": budget,
        "near": tuple(
            gauge for gauge in (*budget.community, *budget.everywhere)
            if gauge.state is not GaugeState.FREE
        ),
        "limits": tuple(Limit),
        "rows": page.items,
        "group": group,
        "groups": tuple(UsageGroup),
        "days": days,
        "spans": DAYS,
        "every": every,
        "llm": application.settings.llm,
        "more": with_cursor(request, page.cursor),
        "error": error,
        "saved": "saved" in asked,
    }  # fmt: skip
    status = status_of(error) if error else 200
    return pages_of(request).page(request, looking, "usage.html", http_status=status, **shown)

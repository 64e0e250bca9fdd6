"""Correcting what triage said, from a case or a task."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from starlette.datastructures import FormData

from service.domain.account import Scope
from service.domain.override import LONGEST_REASON, Change
from service.domain.taxonomy import Department
from service.domain.triage import Sentiment
from service.errors import Conflict, InvalidInput, NotFound
from service.web.pages.cases import case_page
from service.web.pages.home import safe_path
from service.web.state import application_of
from service.web.viewer import Looking, raw_form

router = APIRouter()

NONE = "-"
"""Value of the choice "none of these"; an empty value leaves a field as it is."""


@router.post("/cases/{case_id}/override")
async def override(request: Request, case_id: str, looking: Looking) -> Response:
    """Record the correction and go back to where the form stood; what was wrong with it is shown
    on the case's page."""
    looking.require(Scope.OVERRIDES_WRITE)
    form = await raw_form(request, looking.session.id)
    application = application_of(request)
    async with application.uow() as uow:
        case = (await uow.cases.texts([case_id])).get(case_id)
    if case is None:
        raise NotFound("There is no such case.")
    looking.within(case.case.community)
    try:
        await application.overrides.override(
            case_id,
            change_of(form),
            by=looking.user.id,
            reason=_field(form, "reason")[:LONGEST_REASON],
            seen=_field(form, "seen") or None,
        )
    except (Conflict, InvalidInput) as error:
        return await case_page(request, looking, case_id, error, correcting=True)
    back = _field(form, "back")
    return RedirectResponse(safe_path(back) if back else f"/cases/{case_id}", 303)


def change_of(form: FormData) -> Change:
    """What the form sets; values that no choice offers count as not given."""
    severity, sentiment = _field(form, "severity"), _field(form, "sentiment")
    department = _field(form, "department")
    return Change(
        categories=_categories(form),
        severity=int(severity) if severity in tuple("01234") else None,
        sentiment=sentiment if sentiment in list(Sentiment) else None,
        department=Department(department) if department in list(Department) else None,
    )


def _categories(form: FormData) -> tuple[str, ...] | None:
    first, second = _field(form, "category"), _field(form, "second")
    if not first:
        return None
    given = (one for one in (first, second) if one and one != NONE)
    return tuple(one[:64] for one in given)


def _field(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""

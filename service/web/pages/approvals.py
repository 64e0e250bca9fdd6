"""The approval policy: who must agree before a text leaves."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response
from fastapi.responses import RedirectResponse
from pydantic import ValidationError
from starlette.datastructures import FormData

from service.domain.account import Scope
from service.domain.approval import ApprovalPolicy, ApprovalRule
from service.domain.draft import DraftKind
from service.errors import AppError, Conflict, InvalidInput, NotFound
from service.web.pages.people import names
from service.web.problems import status_of
from service.web.render import pages_of
from service.web.state import application_of
from service.web.viewer import Looking, Viewer, raw_form

router = APIRouter(prefix="/approvals")


@router.get("")
async def policy(request: Request, looking: Looking) -> Response:
    """The rules in force, and who changed them."""
    looking.require(Scope.CASES_READ)
    return await _page(request, looking)


@router.post("")
async def add(request: Request, looking: Looking) -> Response:
    """A further rule."""
    return await _change(request, looking, None)


@router.post("/{rule_id}")
async def change(request: Request, rule_id: str, looking: Looking) -> Response:
    """Change or remove one rule."""
    return await _change(request, looking, rule_id)


async def _change(request: Request, looking: Viewer, rule_id: str | None) -> Response:
    looking.require(Scope.ADMIN)
    form = await raw_form(request, looking.session.id)
    flow, community = application_of(request).approvals, looking.community.id
    current, _ = await flow.current(community)
    try:
        await flow.put(
            community,
            _changed(current, rule_id, form),
            by=looking.user.id,
            reason=_text(form, "reason"),
            seen=_text(form, "seen"),
        )
    except (Conflict, InvalidInput) as error:
        return await _page(request, looking, error)
    return RedirectResponse("/approvals?saved=1", 303)


def _changed(current: ApprovalPolicy, rule_id: str | None, form: FormData) -> ApprovalPolicy:
    """The policy with one rule changed, removed or added.

    Raises:
        NotFound: no such rule.
        InvalidInput: the rule cannot be used.
    """
    if rule_id is not None and rule_id not in {rule.id for rule in current.rules}:
        raise NotFound("There is no such rule.")
    if form.get("remove") == "yes":
        return ApprovalPolicy(rules=tuple(one for one in current.rules if one.id != rule_id))
    try:
        given = _rule(rule_id or _text(form, "id"), form)
        return ApprovalPolicy(rules=_placed(current.rules, given, new=rule_id is None))
    except ValidationError as error:
        first = error.errors(include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"]) or "rule"
        raise InvalidInput(f"{where}: {first['msg']}") from error


def _placed(
    rules: Sequence[ApprovalRule], given: ApprovalRule, *, new: bool
) -> tuple[ApprovalRule, ...]:
    if new:
        return (*rules, given)
    return tuple(given if one.id == given.id else one for one in rules)


def _rule(rule_id: str, form: FormData) -> ApprovalRule:
    people = _text(form, "people")
    return ApprovalRule.model_validate(
        {
            "id": rule_id,
            "title": {"zh": _text(form, "title_zh"), "en": _text(form, "title_en")},
            "approvals": 2 if people == "2" else 1,
            "bulk": people == "bulk",
            "when": {
                "kinds": [one for one in [_text(form, "kinds")] if one],
                "categories": [str(one) for one in form.getlist("categories")],
                "min_severity": _text(form, "min_severity") or None,
                "max_severity": _text(form, "max_severity") or None,
                "post_kinds": _text(form, "post_kinds").split(),
                "says": [line for line in str(form.get("says") or "").splitlines() if line.strip()],
            },
        }
    )


def _text(form: FormData, name: str) -> str:
    value = form.get(name)
    return value.strip() if isinstance(value, str) else ""


async def _page(request: Request, looking: Viewer, error: AppError | None = None) -> Response:
    application, community = application_of(request), looking.community.id
    current, version = await application.approvals.current(community)
    return pages_of(request).page(
        request,
        looking,
        "approvals.html",
        http_status=status_of(error) if error else 200,
        error=error,
        policy=current,
        version=version,
        history=await application.approvals.history(community, 20),
        kinds=tuple(DraftKind),
        categories=application.taxonomy.categories,
        names=await names(request),
        saved="saved" in request.query_params,
    )

"""Labels: texts to be judged by a rubric, what people said of them."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from service.domain.account import Actor, Scope
from service.domain.labelling import LONGEST_NOTE, Judged, Label, NewItem, Progress, Rubric, Work
from service.domain.quality import Accuracy, Agreement
from service.errors import NotFound
from service.quality.agreement import accuracies, agreements
from service.quality.rubrics import load_rubrics
from service.web.api.base import Body, documented
from service.web.guard import ApiRoute, InCommunity, find_community, own, require
from service.web.state import application_of

router = APIRouter(prefix="/labels", tags=["labels"], route_class=ApiRoute)

Labeller = Annotated[Actor, require(Scope.REVIEW)]
Curator = Annotated[Actor, require(Scope.EXAMPLES_WRITE)]
Admin = Annotated[Actor, require(Scope.ADMIN)]

LINES = "application/x-ndjson"
_EXPORT: dict[int | str, dict[str, Any]] = {
    200: {"content": {LINES: {"schema": {"type": "string"}}}}
}

_ITEM: dict[str, Any] = {
    "ref": "run-0412/reply-17",
    "lang": "zh",
    "material": {"question": "票能退吗？", "answer": "开场前两天可以退。", "sources": ["退票规则"]},
}


class Place(Body):
    """Whose texts, and by which rubric."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"community": "zhujian", "rubric": "tone"}]}
    )

    community: str = Field(min_length=1, max_length=64)
    rubric: str = Field(min_length=1, max_length=64)


class NewItems(Place):
    """Texts from elsewhere, such as an evaluation's outputs."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"community": "zhujian", "rubric": "tone", "items": [_ITEM]}]
        }
    )

    items: tuple[NewItem, ...] = Field(min_length=1, max_length=200)


class Draw(Place):
    """How many decided drafts to take."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"community": "zhujian", "rubric": "tone", "count": 50}]}
    )

    count: int = Field(50, ge=1, le=200)


class NewLabel(Body):
    """A value of the rubric's scale, null to skip."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"value": 2, "note": "像公告"}]})

    value: int | None = Field(ge=1, le=3)
    note: str = Field("", max_length=LONGEST_NOTE)


class Added(BaseModel):
    """How many texts are new."""

    added: int


class Waiting(BaseModel):
    """The next text, or null where nothing waits."""

    work: Work | None


class RubricList(BaseModel):
    """Every rubric with its anchors."""

    items: tuple[Rubric, ...]


class ProgressList(BaseModel):
    """How far each rubric is; those without texts are left out."""

    items: tuple[Progress, ...]


class AgreementList(BaseModel):
    """Of each rubric, its languages and its judges."""

    items: tuple[Agreement, ...]


class AccuracyList(BaseModel):
    """Of each rater."""

    items: tuple[Accuracy, ...]


@router.get("/rubrics", responses=documented(), summary="List rubrics")
async def rubrics(_: Annotated[Actor, require(Scope.CASES_READ)]) -> RubricList:
    """What texts are judged by, in both languages."""
    return RubricList(items=load_rubrics())


@router.get("", responses=documented(404), summary="Labelling progress")
async def progress(request: Request, community: InCommunity, actor: Labeller) -> ProgressList:
    """How many texts there are, lack a person, and are done by the caller."""
    async with application_of(request).uow() as uow:
        return ProgressList(items=await uow.labels.progress(community.id, actor.id))


@router.post(
    "/items", status_code=201, responses=documented(404, 409, body=True), summary="Add texts"
)
async def give(request: Request, body: NewItems, actor: Curator) -> Added:
    """Personal data is cut out. A `ref` that is there already is left as it is, so the call can be
    repeated. `golden` is a value known to be right: everybody is asked, nobody is told."""
    await find_community(request, actor, body.community)
    flow = application_of(request).labelling
    return Added(added=await flow.give(body.community, body.rubric, body.items, actor.id))


@router.post(
    "/draw", status_code=201, responses=documented(404, 409, body=True), summary="Draw drafts"
)
async def draw(request: Request, body: Draw, actor: Curator) -> Added:
    """Drafts people decided on become texts to judge, chosen by chance."""
    await find_community(request, actor, body.community)
    flow = application_of(request).labelling
    return Added(added=await flow.draw(body.community, body.rubric, body.count, actor.id))


@router.post("/next", responses=documented(404, 409, body=True), summary="Take the next text")
async def take(request: Request, body: Place, actor: Labeller) -> Waiting:
    """Held for ten minutes; asked again, the same one comes. Who wrote it and what others said is
    not shown; nobody gets a draft they decided on."""
    await find_community(request, actor, body.community)
    flow = application_of(request).labelling
    return Waiting(work=await flow.next(body.community, body.rubric, actor.id))


@router.put("/items/{item_id}", responses=documented(404, 409, body=True), summary="Label a text")
async def put(
    request: Request, item_id: Annotated[str, Path(max_length=100)], body: NewLabel, actor: Labeller
) -> Label:
    """The last word of a person counts. Refused while the text is with somebody else."""
    application = application_of(request)
    async with application.uow() as uow:
        item = await uow.labels.get(item_id)
    if item is None:
        raise NotFound("There is no such text.")
    own(actor, item.community, "text")
    return await application.labelling.put(item_id, body.value, actor.id, note=body.note)


@router.post("/undo", responses=documented(404, 409, body=True), summary="Take a label back")
async def undo(request: Request, body: Place, actor: Labeller) -> Waiting:
    """The caller's last one of the rubric; its text is handed out again."""
    await find_community(request, actor, body.community)
    flow = application_of(request).labelling
    return Waiting(work=await flow.undo(body.community, body.rubric, actor.id))


@router.get("/agreement", responses=documented(404), summary="Agreement")
async def agreement(
    request: Request, community: InCommunity, _: Annotated[Actor, require(Scope.CASES_READ)]
) -> AgreementList:
    """Cohen's kappa between people, and between each judge and people, with 95 % intervals; null
    where fewer than 20 pairs say nothing. A judge may gate in a language where the lower end is at
    least 0.6 over at least 50 pairs."""
    found = await _judged(request, community.id)
    return AgreementList(items=agreements(found, load_rubrics()))


@router.get("/labellers", responses=documented(404), summary="Labellers on golden texts")
async def labellers(request: Request, community: InCommunity, _: Admin) -> AccuracyList:
    """How often each person and judge met the known value."""
    return AccuracyList(items=accuracies(await _judged(request, community.id)))


@router.get(
    "/export",
    response_class=Response,
    responses=documented(404) | _EXPORT,
    summary="Export labels",
)
async def export(request: Request, community: InCommunity, _: Admin) -> Response:
    """JSON lines, one a label that counts: the text's name, rubric, who, value and note. No text
    of a member is in it, and notes are redacted."""
    found = await _judged(request, community.id)
    lines = (f"{one.model_dump_json()}\n" for one in found)
    return Response("".join(lines), media_type=LINES)


async def _judged(request: Request, community: str) -> tuple[Judged, ...]:
    async with application_of(request).uow() as uow:
        return await uow.labels.judged(community, [one.id for one in load_rubrics()])

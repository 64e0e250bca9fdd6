"""Posts by the product's own flow on an embedded database that holds the sample community."""

from __future__ import annotations

import tomllib
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from evals.bench.own_service import own_service
from evals.drafts.rows import Part, Row, row_of
from evals.drafts.timed import Timed, measured
from evals.errors import EngineFailure
from service import sample
from service.domain.base import Lang
from service.domain.event import EventDetails
from service.domain.post import PostBrief, PostVariant
from service.domain.post_kind import Need, PostKind, SubjectType
from service.drafting.kinds import load_kinds
from service.flows.rules import Upload
from service.settings import Settings

if TYPE_CHECKING:
    from service.bootstrap import Application

BRIEFS = Path(__file__).parents[1] / "datasets" / "post_briefs.toml"
EVENT = "共读夜"
_DAYS = {"monthly_report": 30, "operations_plan": 28}


class Wanted(NamedTuple):
    """The `number`th post of a kind in a language."""

    kind: PostKind
    lang: Lang
    number: int

    @property
    def id(self) -> str:
        """Of its row."""
        return f"post:{self.kind.id}:{self.lang.value}:{self.number}"


def wanted(count: int) -> Iterator[Wanted]:
    """`count` posts of every kind in both languages."""
    for number in range(count):
        yield from (Wanted(kind, lang, number) for kind in load_kinds() for lang in Lang)


def brief_of(one: Wanted, now: datetime) -> PostBrief:
    """Our example brief of the kind; forms and weeks change from one post to the next."""
    given = tomllib.loads(BRIEFS.read_text(encoding="utf-8"))[one.kind.id]
    forms = sorted(one.kind.lengths)
    end = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=one.number)
    period = {"start": end - timedelta(days=_DAYS.get(one.kind.id, 7)), "end": end}
    return PostBrief(
        kind=one.kind.id,
        lang=one.lang,
        variants=(PostVariant(format=forms[one.number % len(forms)]),),
        subject=_subject(one.kind, given.get("subject", "")),
        **given[one.lang.value],
        **(period if one.kind.period is Need.REQUIRED else {}),
    )


def _subject(kind: PostKind, given: str) -> str:
    event = kind.subject is not None and kind.subject.type is SubjectType.EVENT
    return EVENT if event else given


@asynccontextmanager
async def sample_service(settings: Settings, chat: Timed | None) -> AsyncIterator[Application]:
    """The product with the sample's rules and messages, triaged, and three events."""
    async with own_service(settings, chat=chat) as application:
        community, now = sample.community(), application.clock.now()
        async with application.uow() as uow:
            await uow.communities.save(community)
            await uow.commit()
        for filename, data in sample.documents():
            upload = Upload(filename=filename, data=data, shipped=True)
            await application.rules.upload(community.id, upload, by="evals")
        results = await application.ingest.ingest(community.id, sample.messages(now))
        cases = sorted({str(one.case_id) for one in results if one.case_id})
        await application.triage.run(community.id, cases)
        await application.radar.refresh(community)
        for days, name in ((20, "新春夜读"), (15, "写作夜"), (9, EVENT)):
            start = now - timedelta(days=days)
            details = EventDetails(name=name, start=start, end=start + timedelta(hours=3))
            await application.events.add(community.id, details, by="evals")
        yield application


async def post(application: Application, one: Wanted, chat: Timed | None, writer: str) -> Row:
    """Request and draft one, facts from the database."""
    row = Row(id=one.id, part=Part.POST, writer=writer, lang=one.lang, topic=one.kind.id)

    async def make() -> Row:
        brief = brief_of(one, application.clock.now())
        request = await application.content.request(sample.community().id, brief, by="evals")
        drafts = await application.content.draft_due(request.id)
        if not drafts:
            raise EngineFailure("no draft was made")
        told = row.model_copy(update={"member": brief.model_dump_json(exclude_defaults=True)})
        return row_of(told, drafts[0].composition, drafts[0].findings, drafts[0].support)

    return await measured(row, chat, make)

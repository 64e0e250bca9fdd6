"""Every group of facts over the sample community, in both languages."""

from __future__ import annotations

from datetime import timedelta

from service import sample
from service.bootstrap import Application
from service.domain.base import Lang
from service.domain.event import EventDetails
from service.domain.fact import FactAsk
from service.drafting.facts.prompt import plain_lines
from service.drafting.numbers.accounts import accounts
from service.web.i18n import Catalogue


async def test_the_sample_in_facts(keyword_triage: Application) -> None:
    application = keyword_triage
    community, now = sample.community(), application.clock.now()
    async with application.uow() as uow:
        await uow.communities.save(community)
        await uow.commit()
    results = await application.ingest.ingest(community.id, sample.messages(now))
    await application.triage.run(community.id, sorted({str(one.case_id) for one in results}))
    await application.radar.refresh(community)
    for days in (20, 15, 9):
        start = now - timedelta(days=days)
        details = EventDetails(name=f"共读 {days}", start=start, end=start + timedelta(hours=6))
        event = await application.events.add(community.id, details, by="wen")
    groups = sorted(application.facts.groups - {"incidents", "department"})
    for lang in Lang:
        ask = FactAsk(community=community.id, groups=tuple(groups), subject=event.id, lang=lang)
        facts = await application.facts.facts(ask)
        assert len({fact.id for fact in facts}) == len(facts) > 60
        assert all(not fact.link or fact.link.startswith("/") for fact in facts)
        assert all(f"fact_group.{fact.group}" in Catalogue().keys(lang) for fact in facts)
        text = "\n".join(plain_lines(facts, lang))
        assert [one for one in accounts(text, facts, "") if one.wrong] == []

"""Terms that people keep are in force within seconds, in the community they belong to."""

from __future__ import annotations

from service.bootstrap import Application
from service.domain.bank import TermDraft
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.triage import Judgement
from service.triage.bank import load_bank

TEXT = "下午一起去门口拉横幅"


async def judged(application: Application, community: str) -> Judgement:
    (found,) = await application.triage.judge_texts([TEXT], community)
    return found


async def test_a_term_raises_and_its_version_is_named(application: Application) -> None:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    before = await judged(application, "acme")
    done = await application.bank.add("acme", [TermDraft(phrase="拉横幅", floor=4)], by="ann")
    application.engines.look_again()
    after = await judged(application, "acme")
    assert (before.severity < 4, after.severity) == (True, 4)
    assert after.versions.signals == f"{load_bank().version}+{done.version}"
    assert (await judged(application, "other")).versions == before.versions


async def test_a_retired_term_raises_no_more_later_cases(application: Application) -> None:
    await application.bank.add("acme", [TermDraft(phrase="拉横幅", floor=4)], by="ann")
    async with application.uow() as uow:
        (term,) = await uow.bank.active("acme")
    application.engines.look_again()
    raised = await judged(application, "acme")
    await application.bank.retire(term.id, by="ann", reason="旧")
    application.engines.look_again()
    await judged(application, "acme")
    await application.engines.settle()
    later = await judged(application, "acme")
    assert (raised.severity, later.severity < 4) == (4, True)
    assert later.versions.signals == load_bank().version

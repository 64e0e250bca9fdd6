"""A comparison is given how far judges agree with people, where anybody knows."""

from __future__ import annotations

from pathlib import Path

from evals.judges.trust import load_agreements
from prompts.loader import load_prompts
from service.bootstrap import Application
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.evaluation import AGREEMENT_FILE, EvaluationVerdict, Trial
from service.domain.labelling import Label, Material, NewItem, Rater
from service.flows.prompt_desk import Word
from service.ports.labelling import ToJudge
from service.quality.rubrics import rubric_of
from tests.plugins.app import START
from tests.plugins.gate import ToldSuite

ID = "reply/grounded.zh"
JUDGE = "grounded@1:abc model"


async def trial(application: Application, community: str | None) -> Trial:
    """A changed prompt, for a community or for all."""
    text = load_prompts().get(ID).text.replace("--- system\n", f"--- system\n（{community}）", 1)
    number = (await application.prompt_desk.propose(ID, text, Word("ann", "试"))).version.number
    return await application.prompt_desk.trial(ID, number, community)


async def asked(application: Application, suite: ToldSuite, given: Trial) -> Trial:
    """What the suite was asked, of a comparison carried out."""
    suite.verdicts.append(EvaluationVerdict.INCONCLUSIVE)
    done = await application.evaluations.request(given, by="ann", queue=False)
    await application.evaluations.run(done.evaluation.id)
    async with application.uow() as uow:
        stored = await uow.evaluations.trial(done.evaluation.id)
    assert stored is not None
    assert AGREEMENT_FILE not in stored.files, "as people judge when it runs, not kept"
    return suite.asked[-1]


async def judged(application: Application, community: str, *raters: tuple[Rater, str]) -> None:
    """Two texts of a community, judged alike by each rater."""
    rubric = rubric_of("grounded")
    async with application.uow() as uow:
        await uow.communities.save(Community(id=community, name=Bilingual(zh="社区", en="C")))
        await uow.commit()
    items = [
        NewItem(ref=f"r{n}", lang=Lang.ZH, material=Material(answer=f"内容{n}")) for n in range(2)
    ]
    await application.labelling.give(community, "grounded", items, "test")
    async with application.uow() as uow:
        found = await uow.labels.to_judge(
            community, "grounded", Lang.ZH, "nobody", 9, of=ToJudge.ALL
        )
        for value, item in enumerate(found, start=1):
            for rater, by in raters:
                label = Label(
                    id=application.ids.new("lbl"), item_id=item.id, rubric_version=rubric.version,
                    rubric_hash="h", rater=rater, by=by, value=value, note="", at=START,
                )  # fmt: skip
                await uow.labels.add(label)
        await uow.commit()


async def test_where_people_alone_judged_nothing_is_passed(
    gated: Application, suite: ToldSuite
) -> None:
    await judged(gated, "acme", (Rater.PERSON, "anna"), (Rater.PERSON, "ben"))
    assert AGREEMENT_FILE not in (await asked(gated, suite, await trial(gated, None))).files


async def test_agreement_with_people_reaches_the_suite(
    gated: Application, suite: ToldSuite, tmp_path: Path
) -> None:
    both = (Rater.PERSON, "anna"), (Rater.JUDGE, JUDGE)
    await judged(gated, "acme", *both)
    await judged(gated, "elsewhere", *both)
    for community, pairs in (("acme", 2), (None, 4)):
        given = await asked(gated, suite, await trial(gated, community))
        file = tmp_path / AGREEMENT_FILE
        file.write_text(given.files[AGREEMENT_FILE], encoding="utf-8")
        found = [one for one in load_agreements(file) if one.lang is Lang.ZH]
        assert [(one.judge, one.rubric, one.kappa.n) for one in found] == [
            (JUDGE, "grounded", pairs)
        ], "a change for all is told by the labels of all"

"""Nothing moves to production without a passing comparison of exactly what moves."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from prompts.loader import load_prompts
from service.bootstrap import Application
from service.domain.bank import TermDraft
from service.domain.base import Bilingual, Lang
from service.domain.community import Community
from service.domain.evaluation import (
    Basis,
    Evaluation,
    EvaluationStatus,
    EvaluationVerdict,
    Promotion,
    SubjectKind,
    Trial,
)
from service.domain.prompt import PromptLabel
from service.domain.sample import (
    Sample,
    SampleOrigin,
    SampleStatus,
    TriageWanted,
    golden_line,
)
from service.errors import InvalidInput, NotCompared
from service.flows.prompt_desk import Place, Word
from tests.plugins.app import START, FrozenClock
from tests.plugins.gate import ToldSuite

ID = "reply/grounded.zh"
ORIGINAL = load_prompts().get(ID).text
EVERYBODY = Place(ID, PromptLabel.PRODUCTION)
ACME = Place(ID, PromptLabel.PRODUCTION, "acme")
WORD = Word("ann", "语气更亲切")
OVERRIDING = Word("ann", "语气更亲切", "今晚活动前必须改，人工看过三十条")
TERMS = [TermDraft(phrase="拉横幅", floor=4)]
PASS, FAIL, UNSURE = EvaluationVerdict


async def propose(application: Application, mark: str) -> int:
    text = ORIGINAL.replace("--- system\n", f"--- system\n（{mark}）", 1)
    return (await application.prompt_desk.propose(ID, text, WORD)).version.number


async def compared(
    application: Application, suite: ToldSuite, trial: Trial, verdict: EvaluationVerdict | None
) -> Evaluation:
    suite.verdicts.append(verdict)
    done = await application.evaluations.request(trial, by="ann", queue=False)
    return await application.evaluations.run(done.evaluation.id)


async def promoted(application: Application, kind: SubjectKind) -> tuple[Promotion, ...]:
    return (await application.queries.promotions("acme", kind=kind)).items


async def test_a_prompt_moves_with_a_pass_and_the_move_names_it(
    gated: Application, suite: ToldSuite
) -> None:
    number = await propose(gated, "二")
    with pytest.raises(NotCompared, match="POST /v1/evaluations") as refused:
        await gated.prompt_desk.move(EVERYBODY, number, WORD)
    assert refused.value.details["evaluation"] is None
    trial = await gated.prompt_desk.trial(ID, number, None)
    found = await compared(gated, suite, trial, PASS)
    assert (await gated.prompt_desk.move(EVERYBODY, number, WORD)).version == number
    (line,) = await promoted(gated, SubjectKind.PROMPT)
    assert (line.basis, line.evaluation_id, line.version) == (Basis.PASS, found.id, str(number))


@pytest.mark.parametrize("verdict", [FAIL, UNSURE, None])
async def test_anything_else_than_a_pass_keeps_the_gate_shut(
    gated: Application, suite: ToldSuite, verdict: EvaluationVerdict | None
) -> None:
    number = await propose(gated, "二")
    trial = await gated.prompt_desk.trial(ID, number, None)
    found = await compared(gated, suite, trial, verdict)
    with pytest.raises(NotCompared) as refused:
        await gated.prompt_desk.move(EVERYBODY, number, WORD)
    assert refused.value.details["evaluation"] == found.id
    assert (await gated.prompt_views.state(ID, None)).production == 1


async def test_a_pass_is_for_its_texts_and_its_people(gated: Application, suite: ToldSuite) -> None:
    second, third = await propose(gated, "二"), await propose(gated, "三")
    trial = await gated.prompt_desk.trial(ID, second, None)
    await compared(gated, suite, trial, PASS)
    for place, number in ((EVERYBODY, third), (ACME, second)):
        with pytest.raises(NotCompared):
            await gated.prompt_desk.move(place, number, WORD)
    await compared(gated, suite, await gated.prompt_desk.trial(ID, third, None), PASS)
    await gated.prompt_desk.move(EVERYBODY, third, WORD)
    with pytest.raises(NotCompared, match="was not compared with what is in production now"):
        await gated.prompt_desk.move(EVERYBODY, second, WORD)


async def grown(application: Application, name: str, community: str) -> Sample:
    """A test case that was accepted."""
    sample = Sample(
        id=name, community=community, status=SampleStatus.ACCEPTED, origin=SampleOrigin.PERSON,
        lang=Lang.ZH, text="升级以后闪退", wanted=TriageWanted(categories=("bug_report",)),
        case_id=f"case_{name}", proposed_by="ann", decided_by="ed",
        created_at=START, decided_at=START,
    )  # fmt: skip
    async with application.uow() as uow:
        await uow.communities.save(Community(id=community, name=Bilingual(zh="社区", en="C")))
        await uow.samples.save(sample)
        await uow.commit()
    return sample


async def test_cases_that_people_grew_are_asked_too(gated: Application, suite: ToldSuite) -> None:
    mine = await grown(gated, "smp_1", "acme")
    theirs = await grown(gated, "smp_2", "elsewhere")
    file = "own/triage.jsonl"
    number = await propose(gated, "二")
    for community, lines in (("acme", (mine,)), (None, (mine, theirs))):
        trial = await gated.prompt_desk.trial(ID, number, community)
        found = await compared(gated, suite, trial, FAIL)
        assert suite.asked[-1].files[file] == "".join(map(golden_line, lines))
        async with gated.uow() as uow:
            stored = await uow.evaluations.trial(found.id)
        assert stored is not None
        assert file not in stored.files, "texts are not kept with a comparison"


async def test_what_was_in_production_returns_without_a_comparison(
    gated: Application, suite: ToldSuite
) -> None:
    number = await propose(gated, "二")
    await gated.prompt_desk.move(EVERYBODY, number, OVERRIDING)
    back = await gated.prompt_desk.rollback(EVERYBODY, number, WORD)
    assert (back.version, suite.asked) == (1, [])


async def test_a_candidate_label_needs_no_comparison(gated: Application) -> None:
    number = await propose(gated, "二")
    place = Place(ID, PromptLabel.CANDIDATE)
    assert (await gated.prompt_desk.move(place, number, WORD)).version == number


async def test_an_override_keeps_its_reason_and_the_verdict_it_overrode(
    gated: Application, suite: ToldSuite
) -> None:
    number = await propose(gated, "二")
    with pytest.raises(InvalidInput, match="10 to 500"):
        await gated.prompt_desk.move(EVERYBODY, number, WORD._replace(override="快"))
    trial = await gated.prompt_desk.trial(ID, number, None)
    found = await compared(gated, suite, trial, FAIL)
    said = OVERRIDING._replace(override=f"{OVERRIDING.override} 13812345678")
    await gated.prompt_desk.move(EVERYBODY, number, said)
    (line,) = await promoted(gated, SubjectKind.PROMPT)
    assert (line.basis, line.evaluation_id, line.by) == (Basis.OVERRIDE, found.id, "ann")
    assert line.reason.startswith(OVERRIDING.override)
    assert "13812345678" not in line.reason


async def test_nobody_asks_until_it_passes(
    gated: Application, suite: ToldSuite, clock: FrozenClock
) -> None:
    trial = await gated.prompt_desk.trial(ID, await propose(gated, "二"), None)
    first = await compared(gated, suite, trial, None)
    assert (first.status, "signal 9" in first.failure) == (EvaluationStatus.FAILED, True)
    clock.move(timedelta(minutes=1))
    unsure = await compared(gated, suite, trial, UNSURE)
    clock.move(timedelta(minutes=1))
    failed = await compared(gated, suite, trial, FAIL)
    clock.move(timedelta(minutes=1))
    again = await gated.evaluations.request(trial, by="bob")
    assert (again.added, again.evaluation.id) == (False, failed.id)
    assert (await gated.evaluations.run(failed.id)).verdict is FAIL
    assert len({first.id, unsure.id, failed.id}) == len(suite.asked) == 3


async def test_two_requests_at_once_are_one_comparison(gated: Application) -> None:
    trial = await gated.prompt_desk.trial(ID, await propose(gated, "二"), None)
    asked = [gated.evaluations.request(trial, by=by) for by in ("ann", "bob")]
    done = await asyncio.gather(*asked)
    assert sorted(one.added for one in done) == [False, True]
    assert len({one.evaluation.id for one in done}) == 1


async def test_what_production_has_is_not_compared(gated: Application) -> None:
    trial = await gated.prompt_desk.trial(ID, 1, None)
    with pytest.raises(InvalidInput, match="nothing to compare"):
        await gated.evaluations.request(trial, by="ann")


async def test_terms_are_in_force_only_after_a_pass_of_exactly_this_set(
    gated: Application, suite: ToldSuite
) -> None:
    with pytest.raises(NotCompared):
        await gated.bank.add("acme", TERMS, by="ann")
    async with gated.uow() as uow:
        assert await uow.bank.active("acme") == ()
    await compared(gated, suite, await gated.bank.trial("acme", TERMS), PASS)
    with pytest.raises(NotCompared):
        await gated.bank.add("acme", [*TERMS, TermDraft(phrase="堵门", floor=3)], by="ann")
    assert (await gated.bank.add("acme", TERMS, by="ann")).added == 1
    assert (await gated.bank.add("acme", TERMS, by="ann")).known == 1
    async with gated.uow() as uow:
        (term,) = await uow.bank.active("acme")
    with pytest.raises(NotCompared):
        await gated.bank.retire(term.id, by="ann", reason="旧")
    await compared(gated, suite, await gated.bank.trial_without(term.id), PASS)
    assert (await gated.bank.retire(term.id, by="ann", reason="旧")).retired_by == "ann"
    assert [one.basis for one in await promoted(gated, SubjectKind.BANK)] == [Basis.PASS] * 2


@pytest.mark.parametrize("verdict", [FAIL, UNSURE])
async def test_terms_that_did_not_pass_wait_for_an_override(
    gated: Application, suite: ToldSuite, verdict: EvaluationVerdict
) -> None:
    trial = await gated.bank.trial("acme", TERMS)
    await compared(gated, suite, trial, verdict)
    with pytest.raises(NotCompared):
        await gated.bank.add("acme", TERMS, by="ann")
    await gated.bank.add("acme", TERMS, by="ann", override="有人正在组织线下闹事")
    (line,) = await promoted(gated, SubjectKind.BANK)
    assert line.basis is Basis.OVERRIDE

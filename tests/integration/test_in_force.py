"""A taxonomy file or a limit that was changed is shown as not compared until it passes."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from service.bootstrap import Application
from service.bootstrap.in_force import parts_in_force, read_part
from service.domain.evaluation import (
    Basis,
    EvaluationVerdict,
    ForceState,
    InForce,
    SubjectKind,
)
from service.errors import Conflict, InvalidInput, NotCompared
from service.flows.in_force import InForceFlow
from service.settings import Settings
from service.triage.taxonomy import DEFAULT_FILE
from tests.plugins.gate import ToldSuite

TAXONOMY = DEFAULT_FILE.read_text(encoding="utf-8")
CHANGED = {
    SubjectKind.TAXONOMY: TAXONOMY.replace("sla_minutes = ", "sla_minutes = 1", 1),
    SubjectKind.THRESHOLDS: '{"rule_confidence": 0.7}',
}
REASON = "新分类来自法务，样例还没有补上"
CHANGES = pytest.mark.parametrize("kind", list(CHANGED))


def flow(application: Application, parts: Sequence[InForce]) -> InForceFlow:
    """As a process that was started with these parts has it."""
    return InForceFlow(
        uow=application.uow,
        gate=application.gate,
        policies=dict.fromkeys(SubjectKind, "required"),
        parts=lambda: parts,
        read=read_part,
        clock=application.clock,
        ids=application.ids,
    )


async def restarted(application: Application, kind: SubjectKind) -> InForceFlow:
    """First as shipped, then with one part changed."""
    await application.in_force.take_up()
    changed = read_part(kind, CHANGED[kind])
    parts = parts_in_force(application.settings)
    later = flow(application, [changed if one.kind is kind else one for one in parts])
    await later.take_up()
    return later


async def state(given: InForceFlow, kind: SubjectKind) -> ForceState:
    return next(one for one in await given.states() if one.kind is kind)


@CHANGES
async def test_a_change_is_accepted_once_it_passed(
    gated: Application, suite: ToldSuite, kind: SubjectKind
) -> None:
    later = await restarted(gated, kind)
    before = await state(later, kind)
    assert (before.accepted, before.evaluation) == (False, None)
    other = next(one for one in await later.states() if one.kind is not kind)
    assert (other.accepted, other.promotion and other.promotion.basis) == (True, Basis.SHIPPED)
    trial = await later.trial(kind, None)
    assert trial.files[trial.candidate].strip() == CHANGED[kind].strip()
    suite.verdicts = [EvaluationVerdict.PASS]
    done = await gated.evaluations.request(trial, by="ann", queue=False)
    await gated.evaluations.run(done.evaluation.id)
    await later.take_up()
    after = await state(later, kind)
    assert after.accepted
    assert after.promotion
    assert (after.promotion.basis, after.promotion.evaluation_id) == (
        Basis.PASS,
        done.evaluation.id,
    )


@CHANGES
@pytest.mark.parametrize("verdict", [EvaluationVerdict.FAIL, EvaluationVerdict.INCONCLUSIVE])
async def test_without_a_pass_it_stays_shown_until_an_administrator_takes_it_over(
    gated: Application, suite: ToldSuite, kind: SubjectKind, verdict: EvaluationVerdict
) -> None:
    later = await restarted(gated, kind)
    suite.verdicts = [verdict]
    trial = await later.trial(kind, CHANGED[kind])
    done = await gated.evaluations.request(trial, by="ann", queue=False)
    await gated.evaluations.run(done.evaluation.id)
    await later.take_up()
    shown = await state(later, kind)
    assert (shown.accepted, shown.evaluation and shown.evaluation.verdict) == (False, verdict)
    with pytest.raises(NotCompared):
        await later.accept(kind, by="ann", override="")
    made = await later.accept(kind, by="ann", override=REASON)
    assert (made.basis, made.reason) == (Basis.OVERRIDE, REASON)
    with pytest.raises(Conflict):
        await later.accept(kind, by="ann", override=REASON)
    assert (await state(later, kind)).accepted


async def test_the_next_change_is_compared_with_what_was_accepted(
    gated: Application,
) -> None:
    later = await restarted(gated, SubjectKind.THRESHOLDS)
    await later.accept(SubjectKind.THRESHOLDS, by="ann", override=REASON)
    trial = await later.trial(SubjectKind.THRESHOLDS, '{"rule_confidence": 0.8}')
    assert "0.7" in trial.files["production/thresholds.json"]


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (SubjectKind.TAXONOMY, "[[category]]"),
        (SubjectKind.THRESHOLDS, '{"rule_confidence": 2}'),
        (SubjectKind.THRESHOLDS, '{"other": 0.5}'),
        (SubjectKind.RULES, ""),
    ],
)
def test_a_content_that_cannot_be_used_is_said(kind: SubjectKind, content: str) -> None:
    with pytest.raises(InvalidInput):
        read_part(kind, content)


def test_what_is_in_force_follows_the_settings() -> None:
    given = Settings(_env_file=None, retriever={"min_confidence": 0.7})
    (_, limits) = parts_in_force(given)
    assert limits == read_part(SubjectKind.THRESHOLDS, CHANGED[SubjectKind.THRESHOLDS])

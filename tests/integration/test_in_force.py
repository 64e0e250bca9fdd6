"""A changed taxonomy or limit is not in force before it passed or an administrator took it over."""

from __future__ import annotations

import asyncio
import itertools
import random
from datetime import timedelta
from typing import Any

import pytest

from service.bootstrap import Application, in_force
from service.bootstrap.in_force import PartFiles
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.evaluation import (
    Basis,
    EvaluationVerdict,
    ForceState,
    Promotion,
    Stand,
    Subject,
    SubjectKind,
)
from service.errors import ConfigurationError, Conflict, InvalidInput, NotCompared, NotFound
from service.flows.rules import Upload
from service.settings import Settings
from service.triage.taxonomy import SHIPPED, parse_taxonomy
from tests.plugins.app import FrozenClock
from tests.plugins.gate import ToldSuite
from tests.plugins.starts import OTHER_TEXT, Start

TAXONOMY, LIMITS = SubjectKind.TAXONOMY, SubjectKind.THRESHOLDS
OTHER = parse_taxonomy(OTHER_TEXT).version
REASON = "新分类来自法务，样例还没有补上"
CHANGED: dict[SubjectKind, dict[str, Any]] = {
    TAXONOMY: {"taxonomy": OTHER_TEXT},
    LIMITS: {"limit": 0.7},
}
EACH = pytest.mark.parametrize("kind", list(CHANGED))


def uses(application: Application, kind: SubjectKind) -> bool:
    """Whether the process works with the changed one."""
    if kind is TAXONOMY:
        return application.taxonomy.version == OTHER
    return application.retriever_config.min_confidence == 0.7


async def state(application: Application, kind: SubjectKind) -> ForceState:
    return next(one for one in await application.in_force.states() if one.kind is kind)


async def history(application: Application, kind: SubjectKind) -> list[Promotion]:
    page = await application.queries.promotions("acme", kind=kind, limit=200)
    return list(page.items[::-1])


async def bases(application: Application, kind: SubjectKind) -> list[Basis]:
    return [one.basis for one in await history(application, kind)]


async def compare(
    application: Application, suite: ToldSuite, kind: SubjectKind, verdict: EvaluationVerdict
) -> None:
    suite.verdicts = [verdict]
    trial = await application.in_force.trial(kind, None)
    done = await application.evaluations.request(trial, by="ann", queue=False)
    await application.evaluations.run(done.evaluation.id)


@EACH
async def test_a_change_waits_and_the_next_start_takes_it_up_once_it_passed(
    start: Start, suite: ToldSuite, kind: SubjectKind
) -> None:
    async with start() as earlier:
        assert not uses(earlier, kind)
        async with start(**CHANGED[kind]) as changed:
            held = await state(changed, kind)
            assert (held.stand, held.accepted, uses(changed, kind)) == (Stand.HELD, False, False)
            assert "huiyin evaluations run" in held.remedy
            await compare(changed, suite, kind, EvaluationVerdict.PASS)
            assert (await state(changed, kind)).stand is Stand.PASSED
        async with start(**CHANGED[kind]) as again:
            assert uses(again, kind)
            assert (await state(again, kind)).accepted
            assert await bases(again, kind) == [Basis.SHIPPED, Basis.PASS]
        assert not uses(earlier, kind)
        await earlier.follow()
        assert uses(earlier, kind)
        assert (await state(earlier, kind)).stand is Stand.BEFORE


@EACH
@pytest.mark.parametrize("verdict", [EvaluationVerdict.FAIL, EvaluationVerdict.INCONCLUSIVE])
async def test_what_did_not_pass_waits_for_an_override_which_shows(
    start: Start, suite: ToldSuite, kind: SubjectKind, verdict: EvaluationVerdict
) -> None:
    async with start():
        pass
    async with start(**CHANGED[kind]) as changed:
        await compare(changed, suite, kind, verdict)
        await changed.take_up()
        held = await state(changed, kind)
        assert (held.stand, held.evaluation and held.evaluation.verdict) == (Stand.HELD, verdict)
        with pytest.raises(NotCompared):
            await changed.in_force.accept(kind, by="ann")
        assert not uses(changed, kind)
        made = await changed.in_force.accept(kind, by="ann", override=REASON)
        assert (made.basis, made.reason) == (Basis.OVERRIDE, REASON)
        await changed.follow()
        assert uses(changed, kind)
        with pytest.raises(Conflict):
            await changed.in_force.accept(kind, by="ann", override=REASON)


@EACH
async def test_what_was_in_force_comes_back_by_hand_and_stays_back(
    start: Start, suite: ToldSuite, kind: SubjectKind
) -> None:
    async with start():
        pass
    async with start(**CHANGED[kind]) as changed:
        await compare(changed, suite, kind, EvaluationVerdict.PASS)
        await changed.take_up()
        first = (await history(changed, kind))[0].candidate_hash
        with pytest.raises(NotFound):
            await changed.in_force.accept(kind, by="ann", back_to="0" * 12)
        made = await changed.in_force.accept(kind, by="ann", back_to=first)
        assert (made.basis, made.candidate_hash) == (Basis.RETURNED, first)
        await changed.follow()
        assert not uses(changed, kind)
    async with start(**CHANGED[kind]) as again:
        assert not uses(again, kind)
        assert (await state(again, kind)).stand is Stand.BEFORE
        assert (await again.in_force.accept(kind, by="ann")).basis is Basis.RETURNED
        await again.follow()
        assert uses(again, kind)


async def test_one_move_takes_a_content_that_no_file_holds(start: Start, suite: ToldSuite) -> None:
    async with start() as application:
        with pytest.raises(NotCompared):
            await application.in_force.accept(TAXONOMY, by="ann", content=OTHER_TEXT)
        await application.in_force.accept(TAXONOMY, by="ann", content=OTHER_TEXT, override=REASON)
    async with start() as later:
        assert uses(later, TAXONOMY)
        trial = await later.in_force.trial(LIMITS, '{"rule_confidence": 0.8}')
        assert "0.55" in trial.files["production/thresholds.json"]


async def test_an_own_file_is_in_force_from_the_first_start_on(start: Start) -> None:
    async with start(**CHANGED[TAXONOMY]) as own:
        assert uses(own, TAXONOMY)
        assert await bases(own, TAXONOMY) == [Basis.FIRST]
        assert await bases(own, LIMITS) == [Basis.SHIPPED]
    async with start() as without:  # the setting is lost: the shipped one is a change like another
        assert uses(without, TAXONOMY)
        assert (await state(without, TAXONOMY)).stand is Stand.HELD


@pytest.mark.parametrize("text", ["[[category]]", "not toml [", ""])
async def test_a_broken_file_stops_a_first_start_and_no_later_one(start: Start, text: str) -> None:
    with pytest.raises(ConfigurationError, match=r"taxonomy file .*\.toml cannot be used"):
        async with start(taxonomy=text):
            pass
    async with start():
        pass
    async with start(taxonomy=text) as later:
        assert later.taxonomy.version == SHIPPED
        found = await state(later, TAXONOMY)
        assert (found.stand, found.hash, found.in_force) == (Stand.BROKEN, "", SHIPPED)
        assert "cannot be used" in found.problem
        with pytest.raises(InvalidInput):
            await later.in_force.accept(TAXONOMY, by="ann", override=REASON)


async def test_a_newer_release_brings_its_own_once(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with start() as old:
        with monkeypatch.context() as newer:
            newer.setattr(in_force, "SHIPPED", OTHER)
            async with start(**CHANGED[TAXONOMY]) as new:
                assert uses(new, TAXONOMY)
                assert await bases(new, TAXONOMY) == [Basis.SHIPPED] * 2
        await old.take_up()  # an old process that starts again beside the new one
        assert uses(old, TAXONOMY)
        assert (await state(old, TAXONOMY)).stand is Stand.BEFORE


async def test_a_newer_release_leaves_what_people_put_in_force(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = OTHER_TEXT.replace("sla_minutes = 1", "sla_minutes = 2", 1)
    async with start() as first:
        await first.in_force.accept(TAXONOMY, by="ann", content=own, override=REASON)
    monkeypatch.setattr(in_force, "SHIPPED", OTHER)
    async with start(**CHANGED[TAXONOMY]) as newer:
        assert newer.taxonomy.version == parse_taxonomy(own).version
        assert (await state(newer, TAXONOMY)).stand is Stand.HELD


async def test_what_this_release_cannot_read_gives_way_to_its_own(
    start: Start, clock: FrozenClock
) -> None:
    async with start() as application:
        last = (await history(application, TAXONOMY))[0]
        clock.move(timedelta(minutes=1))
        strange = last.model_copy(
            update={"id": "pro_newer", "candidate_hash": "newer", "created_at": clock.now()}
        )
        async with application.uow() as uow:
            await uow.promotions.add(strange, "[[category]]\nid = 'of a later format'")
            await uow.commit()
        await application.follow()
        assert application.taxonomy.version == SHIPPED
        found = await state(application, TAXONOMY)
        assert (found.stand, found.accepted, found.in_force) == (Stand.UNFIT, False, "newer")


async def test_a_gate_that_advises_lets_in_and_notes_it(start: Start) -> None:
    async with start():
        pass
    async with start(**CHANGED[LIMITS], policy="advised") as changed:
        assert uses(changed, LIMITS)
        assert await bases(changed, LIMITS) == [Basis.SHIPPED, Basis.UNPROVEN]


async def test_a_gate_that_is_off_asks_nothing_and_keeps_the_record_true(start: Start) -> None:
    async with start():
        pass
    async with start(**CHANGED[TAXONOMY], policy="off") as changed:
        assert uses(changed, TAXONOMY)
        with pytest.raises(Conflict):
            await changed.in_force.accept(TAXONOMY, by="ann", override=REASON)
    async with start(**CHANGED[TAXONOMY]) as required:
        assert uses(required, TAXONOMY)
        assert await bases(required, TAXONOMY) == [Basis.SHIPPED, Basis.UNPROVEN]


async def test_two_that_start_at_once_write_one_line(start: Start) -> None:
    async with start(**CHANGED[LIMITS]) as one, start(limit=0.9) as other:
        await asyncio.gather(one.take_up(), other.take_up(), one.take_up())
        assert await bases(one, LIMITS) == [Basis.FIRST]
        assert one.retriever_config == other.retriever_config
        assert other.retriever_config.min_confidence == 0.7


async def test_the_limit_in_force_decides_what_is_found(start: Start) -> None:
    rule = Upload("a.md", b"# Refunds\n\n1.1 Refunds are paid in seven days.\n", "text/markdown")
    async with start(limit=0.0) as application:
        async with application.uow() as uow:
            await uow.communities.save(Community(id="acme", name=Bilingual(zh="社", en="Acme")))
            await uow.commit()
        await application.rules.upload("acme", rule, by="ann")
        assert (await application.search.search("acme", "refunds paid")).found
        await application.in_force.accept(
            LIMITS, by="ann", content='{"rule_confidence": 1.0}', override=REASON
        )
        await application.follow()
        assert not (await application.search.search("acme", "refunds paid")).found


async def test_the_engine_that_judges_is_the_one_of_the_taxonomy_in_force(start: Start) -> None:
    async with start() as application:
        at = [application.clock.now()]
        before = await application.engines.of(None)
        (first,) = await asyncio.to_thread(before.judge, ["应用又闪退了"], at)
        await application.in_force.accept(TAXONOMY, by="ann", content=OTHER_TEXT, override=REASON)
        await application.follow()
        after = await application.engines.of(None)
        (second,) = await asyncio.to_thread(after.judge, ["应用又闪退了"], at)
    assert first.judgement.versions.taxonomy == SHIPPED
    assert second.judgement.versions.taxonomy == OTHER


@pytest.mark.parametrize("seed", range(3))
async def test_nothing_gets_in_but_for_a_reason(
    start: Start, suite: ToldSuite, clock: FrozenClock, seed: int
) -> None:
    """Starts, comparisons and moves in any order: every line of the record has its ground."""
    dice = random.Random(seed)
    async with start() as a, start(limit=0.6) as b, start(limit=0.7) as c:
        for _ in range(25):
            clock.move(timedelta(minutes=1))
            one, verdict = dice.choice([a, b, c]), dice.choice(list(EvaluationVerdict))
            try:
                match dice.randrange(4):
                    case 0:
                        await one.take_up()
                    case 1:
                        await compare(one, suite, LIMITS, verdict)
                    case 2:
                        await one.in_force.accept(LIMITS, by="ann")
                    case _:
                        reason = REASON if dice.random() < 0.3 else ""
                        await one.in_force.accept(LIMITS, by="ann", override=reason)
            except (Conflict, InvalidInput, NotCompared):
                pass
        lines = await history(a, LIMITS)
        assert [one.basis for one in lines[:1]] == [Basis.SHIPPED]
        for before, line in itertools.pairwise(lines):
            seen = {one.candidate_hash for one in lines[: lines.index(line)]}
            assert line.baseline_hash == before.candidate_hash
            assert (line.basis is Basis.RETURNED) == (line.candidate_hash in seen)
            assert line.basis is not Basis.OVERRIDE or line.reason == REASON
            if line.basis is Basis.PASS:
                found = await a.evaluations.get(line.evaluation_id or "")
                assert found.verdict is EvaluationVerdict.PASS
                assert found.candidate_hash == line.candidate_hash
                assert found.baseline_hash == line.baseline_hash
            assert line.basis is not Basis.UNPROVEN
        for one in (a, b, c):
            await one.follow()
        assert len({one.retriever_config.min_confidence for one in (a, b, c)}) == 1


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        (TAXONOMY, "[[category]]"),
        (LIMITS, '{"rule_confidence": 2}'),
        (LIMITS, '{"other": 0.5}'),
        (SubjectKind.RULES, ""),
    ],
)
def test_a_content_that_cannot_be_used_is_said(kind: SubjectKind, content: str) -> None:
    with pytest.raises(InvalidInput):
        PartFiles(lambda: Settings(_env_file=None)).read(kind, content)


async def test_a_content_is_kept_for_its_kind_alone(start: Start) -> None:
    async with start() as application, application.uow() as uow:
        assert await uow.promotions.kept(Subject(kind=TAXONOMY), SHIPPED)
        assert await uow.promotions.kept(Subject(kind=LIMITS), SHIPPED) is None

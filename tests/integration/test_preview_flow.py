"""A change is replayed on stored cases: every flip, its cost, and nothing written to a case."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.bootstrap import Application
from service.domain.bank import TermDraft
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.evaluation import Subject, SubjectKind, Trial
from service.domain.override import Change
from service.domain.preview import FlipKind, PreviewFlip, PreviewStatus, Window
from service.errors import InvalidInput, NotFound, TransientProviderError
from service.flows.preview import cases as preview_cases
from service.flows.rules import Upload
from service.ports.jobs import Job
from tests.plugins._jobs import job_rows
from tests.plugins.app import START, FrozenClock
from tests.plugins.web import RULES
from tests.plugins.web_previews import TAXONOMY, WEEK, in_force, replay

BANNER = TermDraft(phrase="拉横幅", code="protest", floor=4)


def limits(before: float, after: float) -> Trial:
    return Trial(
        subject=Subject(kind=SubjectKind.THRESHOLDS),
        candidate_hash="b",
        baseline_hash="a",
        candidate="candidate.json",
        files={
            "candidate.json": json.dumps({"rule_confidence": after}),
            "production/thresholds.json": json.dumps({"rule_confidence": before}),
        },
    )


async def test_a_deadline_moves_in_a_changed_taxonomy_and_nothing_is_written(
    application: Application, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preview_cases, "CHUNK", 2)
    async with application.uow() as uow:
        before = dict(await uow.triages.latest(cases))
    slower = TAXONOMY.replace("sla_minutes = ", "sla_minutes = 10")
    done, flips = await replay(application, in_force(**{"candidate.toml": slower}))
    labelled = [case for case in cases if before[case].judgement.labels]
    assert set(labelled) <= set(flips)
    for case in labelled:
        flip = flips[case]
        assert FlipKind.DEADLINE_LATER in flip.kinds
        assert flip.before.due_at == before[case].judgement.route.due_at < flip.after.due_at
        assert flip.before.categories == flip.after.categories
    async with application.uow() as uow:
        assert dict(await uow.triages.latest(cases)) == before
    found = done.findings
    assert found is not None
    assert (found.cases, found.total, found.messages, found.capped) == (5, 5, 5, False)
    assert (found.covered_days, found.before.urgent) == (7.0, found.after.urgent)
    shares = {one.kind: (one.cases, one.share) for one in found.groups}
    later = sum(FlipKind.DEADLINE_LATER in flip.kinds for flip in flips.values())
    assert shares[FlipKind.DEADLINE_LATER] == (later, later / 5)
    assert found.after.asked is None  # no model


async def test_a_renamed_category_flips_its_cases(
    application: Application, cases: list[str]
) -> None:
    async with application.uow() as uow:
        stored = await uow.triages.latest(cases)
    name = next(one.judgement.primary for one in stored.values() if one.judgement.primary)
    other = TAXONOMY.replace(f'id = "{name}"', 'id = "renamed"').replace(f"=> {name}", "=> renamed")
    done, flips = await replay(application, in_force(**{"candidate.toml": other}))
    moved = {case for case, one in stored.items() if name in dict.fromkeys(_categories(one))}
    assert moved == {case for case, one in flips.items() if "renamed" in one.after.categories}
    assert all(FlipKind.CATEGORY_OTHER in flips[case].kinds for case in moved)
    assert done.findings is not None
    assert done.findings.categories == {str(name): -len(moved), "renamed": len(moved)}


def _categories(triage: object) -> list[str]:
    return [label.category for label in triage.judgement.labels]  # type: ignore[attr-defined]


async def test_a_term_that_goes_lets_a_dangerous_case_fall_first(
    application: Application, cases: list[str]
) -> None:
    trial = await application.bank.trial("acme", [BANNER])
    done, flips = await replay(application, trial)
    flip = flips[cases[3]]
    assert set(flips) == {cases[3]}
    assert {FlipKind.SEVERITY_UP, FlipKind.HIT_ADDED} <= set(flip.kinds)
    assert (flip.before.hits, flip.after.hits) == ((), ("severity:protest",))
    assert done.findings is not None
    assert (done.findings.before.urgent, done.findings.after.urgent) == (0, 1)
    assert done.findings.per_day(7) == 1
    await application.bank.add("acme", [BANNER], by="ann")
    async with application.uow() as uow:
        (term,) = await uow.bank.active("acme")
    _, back = await replay(application, await application.bank.trial_without(term.id))
    assert back[cases[3]].kinds[0] is FlipKind.DANGER_DOWN
    assert (back[cases[3]].before, back[cases[3]].after) == (flip.after, flip.before)


async def test_what_a_person_set_does_not_flip(application: Application, cases: list[str]) -> None:
    await application.overrides.override(cases[3], Change(severity=1), by="ann")
    _, flips = await replay(application, await application.bank.trial("acme", [BANNER]))
    assert flips[cases[3]].kinds == (FlipKind.HIT_ADDED,)


async def test_a_threshold_finds_and_loses_rules(
    application: Application, cases: list[str]
) -> None:
    _, lost = await replay(application, limits(0.0, 1.0))
    _, found = await replay(application, limits(1.0, 0.0))
    assert set(lost) == set(found)
    assert lost
    for case, flip in lost.items():
        assert FlipKind.RULE_LOST in flip.kinds
        assert FlipKind.RULE_FOUND in found[case].kinds
        assert flip.before.reply is not None
        assert str(flip.before.reply.clause).startswith("membership#")
        assert (flip.before, flip.after) == (found[case].after, found[case].before)
    outcomes = {(one.before.reply.outcome, one.after.reply.outcome) for one in lost.values()
                if one.before.reply and one.after.reply}  # fmt: skip
    assert ("answered", "no_rule") in outcomes
    refused = [one for one in lost.values() if FlipKind.REPLY_REFUSED in one.kinds]
    assert refused


async def test_a_document_in_the_place_of_another_and_none(
    application: Application, cases: list[str]
) -> None:
    await replay(application, limits(0.5, 0.4))
    _, gone = await replay(
        application, await application.rules.replay_without("acme", "membership")
    )
    _, limit = await replay(application, limits(0.55, 1.0))
    assert {case: one.kinds for case, one in gone.items()} == {
        case: one.kinds for case, one in limit.items()
    }
    same = Upload("membership.md", RULES.replace("三个", "五个").encode(), "text/markdown")
    trial = await application.rules.replay_of("acme", same)
    assert trial.baseline_hash != trial.candidate_hash
    _, changed = await replay(application, trial)
    assert not [one for one in changed.values() if FlipKind.RULE_LOST in one.kinds]
    with pytest.raises(NotFound):
        await application.rules.replay_without("acme", "nothing")


async def test_the_same_state_flips_nothing_and_the_bound_is_told(
    application: Application, cases: list[str], clock: FrozenClock
) -> None:
    clock.move(timedelta(days=2))
    for trial in (in_force(), limits(0.55, 0.55)):
        done, flips = await replay(application, trial, Window(days=7, most=3))
        assert flips == {}
        found = done.findings
        assert found is not None
        assert (found.cases, found.total, found.capped, found.groups) == (3, 5, True, ())
        assert (found.since, found.covered_days) == (START, 2.0)
        assert found.before == found.after
    done, _ = await replay(application, in_force(), Window(days=1))
    assert done.findings is not None
    assert (done.findings.cases, done.findings.total) == (0, 0)
    with pytest.raises(InvalidInput):
        await application.previews.request(
            "acme", limits(0.5, 0.5).model_copy(update={"baseline_hash": "b"}), WEEK, by="ann"
        )


async def test_one_waits_once_and_its_job_runs_twice_without_harm(
    application: Application, cases: list[str], database: str
) -> None:
    trial = await application.bank.trial("acme", [BANNER])
    first = await application.previews.request("acme", trial, WEEK, by="ann")
    again = await application.previews.request("acme", trial, WEEK, by="bob")
    other = await application.previews.request("acme", trial, Window(days=8), by="bob")
    assert (first.added, again, other.added) == (True, (first.preview, False), True)
    queued = [row for row in job_rows(database) if row["task_name"] == Job.PREVIEW]
    assert [row["args"] for row in queued] == [
        {"preview_id": one.preview.id} for one in (first, other)
    ]
    run = application.handlers()[Job.PREVIEW]
    await run({"preview_id": first.preview.id})
    done = await application.previews.get(first.preview.id)
    await run({"preview_id": first.preview.id})
    assert await application.previews.get(first.preview.id) == done
    hashes = trial.candidate_hash, trial.baseline_hash
    assert await application.previews.look("acme", trial.subject, *hashes) == other.preview
    assert await application.previews.look("acme", trial.subject, hashes[0], "") is None
    found = (await application.queries.previews("acme", kind="bank")).items
    assert {one.id for one in found} == {first.preview.id, other.preview.id}


async def test_a_run_that_breaks_off_leaves_nothing_and_runs_again(
    application: Application, cases: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    trial = await application.bank.trial("acme", [BANNER])
    asked = await application.previews.request("acme", trial, WEEK, by="ann")
    flow = application.previews

    async def away(*_: object) -> None:
        raise TransientProviderError("The database is busy or away; try again.")

    with monkeypatch.context() as patch:
        patch.setattr(flow, "_findings", away)
        with pytest.raises(TransientProviderError):
            await flow.run(asked.preview.id)
    broken = await flow.get(asked.preview.id)
    assert (broken.status, broken.findings) == (PreviewStatus.RUNNING, None)
    assert (await application.queries.preview_flips(broken.id)).items == ()
    assert (await flow.run(broken.id)).status is PreviewStatus.DONE
    assert len((await application.queries.preview_flips(broken.id)).items) == 1
    bad = await flow.request("acme", in_force(**{"candidate.toml": "no ["}), WEEK, by="ann")
    failed = await flow.run(bad.preview.id)
    assert (failed.status, failed.findings) == (PreviewStatus.FAILED, None)
    assert failed.failure
    with pytest.raises(NotFound):
        await flow.run("prv_none")


async def test_flips_are_paged_the_worst_first_and_by_kind(
    application: Application, cases: list[str]
) -> None:
    slower = TAXONOMY.replace("sla_minutes = ", "sla_minutes = 10")
    done, flips = await replay(application, in_force(**{"candidate.toml": slower}))
    seen: list[PreviewFlip] = []
    cursor = None
    while True:
        page = await application.queries.preview_flips(done.id, cursor=cursor, limit=1)
        seen += page.items
        if (cursor := page.cursor) is None:
            break
    assert [one.case_id for one in seen] == sorted(
        flips, key=lambda case: (-flips[case].weight, case)
    )
    none = await application.queries.preview_flips(done.id, kind=FlipKind.DANGER_DOWN)
    assert none.items == ()


async def test_another_community_is_not_looked_at(
    application: Application, cases: list[str]
) -> None:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    trial = await application.bank.trial(None, [BANNER])
    asked = await application.previews.request("other", trial, WEEK, by="ann", queue=False)
    done = await application.previews.run(asked.preview.id)
    assert done.findings is not None
    assert (done.findings.cases, done.findings.flips) == (0, 0)
    _, flips = await replay(application, trial)
    assert set(flips) == {cases[3]}


@given(days=st.integers(-3, 40), most=st.integers(-1, 9000), asked=st.integers(-1, 200))
@settings(max_examples=60, deadline=None)
def test_a_window_has_bounds(days: int, most: int, asked: int) -> None:
    from service.flows.preview.flow import window_of

    fits = 1 <= days <= 30 and 1 <= most <= 5000 and 1 <= asked <= 100
    if fits:
        assert window_of(days, most, asked).days == days
    else:
        with pytest.raises(InvalidInput):
            window_of(days, most, asked)

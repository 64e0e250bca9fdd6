"""Spot checks on a real database: each day once, whatever became of it, blind, without copies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.bootstrap import Application
from service.domain.base import Lang
from service.domain.drift import Measure
from service.domain.labelling import About, Label, LabelItem, Material, Rater
from service.domain.override import Change
from service.domain.review import RejectReason, Verdict
from service.errors import NotFound
from service.flows.review import Ruling
from service.flows.spot import SpotFlow, SpotRules
from service.llm.scripted import ScriptedChat
from service.ports.jobs import Job
from service.ports.labelling import ToJudge
from service.quality.judge import Judge
from service.quality.rubrics import rubric_of
from service.quality.spot import draw
from tests.plugins.app import FrozenClock
from tests.plugins.radar import store
from tests.plugins.web import Seed

TEXTS = ("我要退款，电话 13812345678", "想问一下退款要多久", "闪退了", "谢谢")


def flow(application: Application, share: float = 1.0, most: int = 20, **more: Any) -> SpotFlow:
    parts = {"uow": application.uow, "clock": application.clock, "ids": application.ids} | more
    return SpotFlow(rules=SpotRules(share, most), **parts)


async def rows(application: Application, query: str) -> list[Any]:
    async with application.engine.connect() as connection:
        return list((await connection.execute(text(query))).all())


async def refs(application: Application) -> list[str]:
    return [row.ref for row in await rows(application, "SELECT ref FROM spot_checks ORDER BY ref")]


@pytest.fixture
async def yesterday(application: Application, seed: Seed, rules: None, clock: FrozenClock) -> None:
    """Four cases with drafts, and the first minute in which their day is closed."""
    await seed(*TEXTS)
    clock.move(timedelta(hours=16))


@pytest.mark.usefixtures("yesterday")
async def test_a_closed_day_is_drawn_from_once(
    application: Application, clock: FrozenClock
) -> None:
    spot = flow(application)
    clock.move(-timedelta(minutes=1))
    assert [one.made for one in await spot.run("acme")] == [0] * 14
    assert await spot.defer_due() == 0
    clock.move(timedelta(minutes=1))
    assert await spot.defer_due() == 1
    drawn = {one.about: one for one in await spot.run("acme")}
    assert {about: (one.made, one.drawn) for about, one in drawn.items()} == {
        About.REPLY: (4, 4),
        About.TRIAGE: (4, 4),
    }
    assert (await spot.run("acme"), await spot.defer_due()) == ((), 0)
    items = await rows(application, "SELECT rubric, ref, added_by FROM label_items")
    assert len(items) == 4 * 2 + 4
    assert {row.added_by for row in items} == {"spot"}
    assert {row.ref for row in items} == set(await refs(application))


@pytest.mark.usefixtures("yesterday")
async def test_two_workers_and_a_crash_draw_what_one_would(application: Application) -> None:
    made = await rows(application, "SELECT id FROM triages")
    wanted = set(draw([f"triage:{row.id}" for row in made], 1.0, 2))

    class Dying:
        """The process dies in the middle of a draw."""

        def new(self, prefix: str) -> str:
            raise KeyboardInterrupt(prefix)

    with pytest.raises(KeyboardInterrupt):
        await flow(application, most=2, ids=Dying()).run("acme")
    assert await refs(application) == []
    spot = flow(application, most=2)
    both = await asyncio.gather(spot.run("acme"), spot.run("acme"))
    assert sum(one.drawn for draws in both for one in draws) == 4
    assert {one for one in await refs(application) if one.startswith("triage")} == wanted
    assert len(await rows(application, "SELECT id FROM label_items")) == 2 * 2 + 2


@pytest.mark.usefixtures("yesterday")
async def test_what_was_decided_is_drawn_like_the_rest_and_not_shown_to_who_decided(
    application: Application,
) -> None:
    (task,) = await rows(
        application, "SELECT t.id FROM review_tasks t JOIN cases c ON c.id = t.case_id"
        " WHERE c.author = 'author1'",
    )  # fmt: skip
    view = await application.queries.task(task.id)
    assert view is not None
    ruling = Ruling(Verdict.REJECT, view.revisions[-1].hash, reason=RejectReason.TONE)
    await application.review.decide(task.id, "anna", ruling)
    found = {one.about: one.made for one in await flow(application).run("acme") if one.made}
    assert found[About.REPLY] == 4
    for person, count in (("anna", 3), ("ben", 4)):
        seen = 0
        while work := await application.labelling.next("acme", "answers", person):
            await application.labelling.put(work.item_id, None, person)
            seen += 1
        assert seen == count


@pytest.mark.usefixtures("yesterday")
async def test_a_person_sees_no_triage_they_corrected_and_the_engines_is_drawn(
    application: Application, clock: FrozenClock
) -> None:
    clock.move(-timedelta(hours=2))
    (case,) = await rows(application, "SELECT id FROM cases WHERE author = 'author0'")
    change = Change(categories=("complaint",))
    await application.overrides.override(case.id, change, by="anna")
    clock.move(timedelta(hours=2))
    found = {one.about: one.made for one in await flow(application).run("acme") if one.made}
    assert found[About.TRIAGE] == 4
    shown: dict[str, list[str]] = {"anna": [], "ben": []}
    for person, seen in shown.items():
        while work := await application.labelling.next("acme", "triage", person):
            seen.append(f"{work.material.question} {work.material.answer}")
            assert any(one.startswith("故障反馈：") for one in work.material.sources)
            await application.labelling.put(work.item_id, None, person)
    assert (len(shown["anna"]), len(shown["ben"])) == (3, 4)
    (corrected,) = set(shown["ben"]) - set(shown["anna"])
    assert "13812345678" not in corrected
    assert "退款" in corrected
    assert "投诉" not in corrected
    assert "86" not in corrected


@pytest.mark.usefixtures("yesterday")
async def test_staff_and_what_was_taken_back_are_left_out(
    application: Application, clock: FrozenClock
) -> None:
    async with application.uow() as uow:
        acme = await uow.communities.get("acme")
        assert acme is not None
        await uow.communities.save(acme.model_copy(update={"staff": ("author1",)}))
        await uow.commit()
    taken = {"kind": "withdrawn", "source": "wechat", "external_id": "m2"}
    await application.changes.take("acme", [taken])
    found = {one.about: one.made for one in await flow(application).run("acme") if one.made}
    assert found == {About.REPLY: 2, About.TRIAGE: 2}
    taken["external_id"] = "m0"
    await application.changes.take("acme", [taken])
    for rubric in ("triage", "grounded"):
        work = await application.labelling.next("acme", rubric, "anna")
        assert work is not None
        assert work.material.question == "谢谢"
        await application.labelling.put(work.item_id, 1, "anna")
        assert await application.labelling.next("acme", rubric, "anna") is None
    async with application.uow() as uow:
        left = await uow.labels.to_judge("acme", "triage", Lang.ZH, "j", 9, of=ToJudge.DRAWN)
    assert len(left) == 1


@pytest.mark.usefixtures("yesterday")
async def test_no_text_of_a_member_is_copied(application: Application) -> None:
    """What erases a member's drafts and triages leaves nothing of him to be judged."""
    await flow(application).run("acme")
    while work := await application.labelling.next("acme", "grounded", "anna"):
        await application.labelling.put(work.item_id, 1, "anna", note="电话 13812345678")
    for table in ("spot_checks", "spot_draws", "label_items", "labels"):
        kept = str(await rows(application, f"SELECT * FROM {table}"))  # noqa: S608 names above
        assert kept != "[]"
        assert not any(word in kept for word in ("退款", "闪退", "13812345678", "author0"))


async def test_nothing_is_drawn_where_it_is_off_and_strangers_are_not_found(
    application: Application,
) -> None:
    assert await flow(application, share=0).run("acme") == ()
    assert await flow(application, most=0).defer_due() == 0
    with pytest.raises(NotFound):
        await flow(application).run("nobody")


async def trust(application: Application, judge: Judge, count: int = 60) -> None:
    """People and the judge said the same of so many other texts."""
    rubric, now = rubric_of("grounded"), application.clock.now()
    async with application.uow() as uow:
        for n in range(count):
            item = LabelItem(
                id=f"itm_{n}", community="acme", rubric="grounded", ref=f"r{n}", draft_id=None,
                material=Material(answer="好"), lang=Lang.ZH, golden=None, wanted=1, added_by="t",
                created_at=now,
            )  # fmt: skip
            await uow.labels.add_items([item])
            for rater, by in ((Rater.PERSON, "anna"), (Rater.JUDGE, judge.id)):
                said = Label(
                    id=f"lab_{by}_{n}", item_id=item.id, rubric_version=rubric.version,
                    rubric_hash=rubric.hash, rater=rater, by=by, value=1 + n % 2, note="", at=now,
                )  # fmt: skip
                await uow.labels.add(said)
        await uow.commit()


@pytest.mark.usefixtures("yesterday")
async def test_only_a_judge_people_bear_out_is_asked(application: Application) -> None:
    handler = application.handlers()[Job.SPOT]
    vars(application)["spot"] = flow(application)
    chat = ScriptedChat([{"reason": "有据", "value": 1}] * 4)
    vars(application)["chat"] = chat
    await handler({"community": "acme"})
    assert await rows(application, "SELECT id FROM labels") == []
    await trust(
        application, Judge(application.shipped_prompts, chat, rubric_of("grounded"), Lang.ZH)
    )
    await handler({"community": "acme"})
    chat.assert_used_up()
    await handler({"community": "acme"})
    judged = await rows(
        application,
        "SELECT i.rubric FROM labels l JOIN label_items i ON i.id = l.item_id"
        " JOIN spot_checks c ON c.ref = i.ref WHERE l.rater = 'judge'",
    )
    assert [row.rubric for row in judged] == ["grounded"] * 4


_JUDGED = """
WITH c AS (
    INSERT INTO spot_checks (ref, community, about, triage_id, case_id, lang, made_at, drawn_at)
    SELECT 'triage:' || triage_id, community, 'triage', triage_id, case_id, 'zh', last_at, last_at
    FROM case_states RETURNING *
), i AS (
    INSERT INTO label_items
        (id, community, rubric, ref, triage_id, lang, wanted, added_by, created_at)
    SELECT 'itm_' || case_id, community, 'triage', ref, triage_id, lang, 1, 'spot', made_at
    FROM c RETURNING *
)
INSERT INTO labels
    (id, item_id, rubric_version, rubric_hash, rater, by, value, note, undone, at)
SELECT 'lab_' || i.id, i.id, 1, 'h', 'person', 'anna',
    CASE WHEN c.made_at > :since AND hashtext(i.id) % 2 = 0 THEN 2 ELSE 1 END, '', false, now()
FROM i JOIN c ON c.ref = i.ref
"""


async def test_a_clear_fall_is_told_by_the_radar(application: Application) -> None:
    now = application.clock.now()
    said = [
        (f"a{day}.{n}", now - timedelta(days=day, hours=1 + n))
        for day in range(34)
        for n in range(10)
    ]
    await store(application, said)
    async with application.engine.begin() as connection:
        await connection.execute(text(_JUDGED), {"since": now - timedelta(days=7)})
    shifts = await application.drift.run("acme")
    moved = {one.measure: one for one in shifts if one.level}
    assert set(moved) == {Measure.SPOT_TRIAGE}
    (move,) = moved[Measure.SPOT_TRIAGE].moves
    assert (move.key, move.before.value) == ("failed", 0)
    (alarm,) = (await application.insights.drift("acme", now)).alarms
    assert len(alarm.evidence) == 20

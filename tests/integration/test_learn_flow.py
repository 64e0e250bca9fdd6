"""Examples are adopted within seconds, for whom they were given, and not when they do harm."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from retrieval.embedders.hashing import HashingEmbedder
from retrieval.indexes.memory import MemoryStore
from service.bootstrap import Application, Parts, open_application
from service.bootstrap.engines import LOOK_S
from service.domain.base import Bilingual
from service.domain.community import Community
from service.domain.example import Example, ExampleStatus
from service.domain.refit import Comparison, Loss, RefitVerdict, SliceScore
from service.domain.taxonomy import LabelledExample
from service.errors import (
    Conflict,
    IllegalTransition,
    InvalidInput,
    NotFound,
    TransientProviderError,
)
from service.flows.learn import LearnFlow
from service.ports.queries import ExampleFilter
from service.settings import Settings
from service.triage.refit import set_stamp
from tests.plugins.app import FrozenClock

TEXT = "群里的竹筒机器人又罢工啦，电话 13812345678"


class Comparer:
    """Says what it is told of any two sets."""

    def __init__(self) -> None:
        self.losses: tuple[Loss, ...] = ()
        self.asked = 0

    def compare(
        self, before: Sequence[LabelledExample], after: Sequence[LabelledExample]
    ) -> Comparison:
        self.asked += 1
        score = SliceScore(
            name="all", texts=9, f1_before=0.8, f1_after=0.8, recall_before=0.8, recall_after=0.8
        )
        return Comparison(
            before=set_stamp(before), after=set_stamp(after), trained=len(after),
            held_back=len(before), slices=(score,), losses=self.losses,
        )  # fmt: skip


HARM = (Loss(name="safety_crisis", measure="recall", before=0.8, after=0.7),)


@pytest.fixture
def comparer() -> Comparer:
    return Comparer()


@pytest.fixture
async def learn(application: Application, comparer: Comparer) -> LearnFlow:
    async with application.uow() as uow:
        await uow.communities.save(Community(id="other", name=Bilingual(zh="别处", en="Other")))
        await uow.commit()
    return LearnFlow(
        uow=application.uow, taxonomy=application.taxonomy, comparer=comparer,
        redactor=application.redactor, clock=application.clock, ids=application.ids,
    )  # fmt: skip


async def versions(application: Application) -> dict[str, str]:
    async with application.uow() as uow:
        return dict(await uow.versions.all())


async def statuses(application: Application, community: str = "acme") -> dict[str, str]:
    page = await application.queries.examples(community, ExampleFilter())
    return {one.text: one.status.value for one in page.items}


async def propose(learn: LearnFlow, text: str = TEXT, category: str = "bug_report") -> Example:
    return await learn.add("acme", text, category, by="ann")


async def test_an_accepted_example_is_judged_by_at_once_where_it_was_given(
    application: Application, learn: LearnFlow
) -> None:
    example = await application.learn.add("acme", TEXT, "bug_report", by="ann")
    assert "[PHONE_1]" in example.text
    (before,) = await application.triage.judge_texts([TEXT], "acme")
    done = await application.learn.accept([example.id], by="ann", insist="test")
    assert done.examples[0].status is ExampleStatus.ACCEPTED
    application.engines.look_again()
    (after,) = await application.triage.judge_texts([TEXT], "acme")
    (elsewhere,) = await application.triage.judge_texts([TEXT], "other")
    assert after.primary == "bug_report"
    assert after.versions.heads.endswith(f"+{done.refit.report.after}")
    assert elsewhere.versions == before.versions
    evidence = after.evidence[0]
    assert (evidence.example_id, evidence.text) == (example.id, example.text)


async def test_what_does_harm_is_held_until_somebody_insists(
    application: Application, learn: LearnFlow, comparer: Comparer
) -> None:
    comparer.losses = HARM
    example = await propose(learn)
    held = await learn.accept([example.id], by="ann")
    assert held.refit.verdict is RefitVerdict.HELD
    assert held.examples[0].status is ExampleStatus.HELD
    assert await versions(application) == {}
    again = await learn.accept([example.id], by="ann")
    assert again.refit.verdict is RefitVerdict.HELD
    insisted = await learn.accept([example.id], by="li", insist="旧标签是错的")
    assert insisted.refit.verdict is RefitVerdict.INSISTED
    assert (insisted.examples[0].status, insisted.examples[0].reason) == (
        ExampleStatus.ACCEPTED, "旧标签是错的",
    )  # fmt: skip
    assert await versions(application) == {"examples/acme": insisted.refit.report.after}
    refits = (await application.queries.refits("acme")).items
    assert [one.verdict.value for one in refits] == ["insisted", "held", "held"]


async def test_everywhere_means_everywhere(application: Application, learn: LearnFlow) -> None:
    example = await propose(learn)
    done = await learn.accept([example.id], by="ann", everywhere=True)
    assert done.examples[0].community is None
    assert await versions(application) == {"examples": done.refit.report.after}
    assert list(await statuses(application, "other")) == [example.text]


async def test_a_later_label_of_the_same_text_takes_the_place(
    application: Application, learn: LearnFlow
) -> None:
    first = await propose(learn)
    await learn.accept([first.id], by="ann")
    with pytest.raises(Conflict):
        await propose(learn)
    second = await propose(learn, category="complaint")
    done = await learn.accept([second.id], by="ann")
    assert {one.id: one.status.value for one in done.examples} == {
        first.id: "retired", second.id: "accepted",
    }  # fmt: skip
    async with application.uow() as uow:
        assert [one.category for one in await uow.examples.accepted("acme")] == ["complaint"]


async def test_retiring_goes_back_to_what_was(application: Application, learn: LearnFlow) -> None:
    example = await propose(learn)
    adopted = await learn.accept([example.id], by="ann")
    with pytest.raises(InvalidInput):
        await learn.retire(example.id, by="ann", reason=" ")
    retired = await learn.retire(example.id, by="ann", reason="过时")
    assert retired.examples[0].status is ExampleStatus.RETIRED
    assert retired.refit.report.after == adopted.refit.report.before
    assert (await versions(application))["examples/acme"] == adopted.refit.report.before


async def test_decisions_are_made_once(learn: LearnFlow) -> None:
    example = await propose(learn)
    await learn.reject(example.id, by="ann", reason="太短")
    for step in (
        learn.accept([example.id], by="ann"),
        learn.reject(example.id, by="ann"),
        learn.retire(example.id, by="ann", reason="x"),
    ):
        with pytest.raises(IllegalTransition):
            await step
    with pytest.raises(NotFound):
        await learn.accept(["exm_none"], by="ann")
    with pytest.raises(InvalidInput):
        await learn.accept([], by="ann")
    with pytest.raises(InvalidInput):
        await learn.add("acme", " ", "bug_report", by="ann")
    with pytest.raises(InvalidInput):
        await learn.add("acme", "好", "nonsense", by="ann")


async def test_a_set_that_changed_meanwhile_is_compared_again(
    application: Application, learn: LearnFlow, comparer: Comparer
) -> None:
    one, other = await propose(learn, "一个例子"), await propose(learn, "另一个例子")
    plain = comparer.compare

    class Racing(Comparer):
        def compare(
            self, before: Sequence[LabelledExample], after: Sequence[LabelledExample]
        ) -> Comparison:
            report = plain(before, after)
            stale = {"before": "stale"} if comparer.asked < self.asked_until else {}
            return report.model_copy(update=stale)

        asked_until = 2

    racing = Racing()
    flow = LearnFlow(
        uow=application.uow, taxonomy=application.taxonomy, comparer=racing,
        redactor=application.redactor, clock=application.clock, ids=application.ids,
    )  # fmt: skip
    done = await flow.accept([one.id, other.id], by="ann")
    assert (comparer.asked, len(done.examples)) == (2, 2)
    racing.asked_until = 100
    third = await propose(learn, "第三个例子")
    with pytest.raises(TransientProviderError):
        await flow.accept([third.id], by="ann")


async def test_another_process_takes_it_up_without_a_restart(
    application: Application, settings: Settings, clock: FrozenClock
) -> None:
    parts = Parts(clock=clock, embedder=HashingEmbedder(), vectors=MemoryStore())
    async with open_application(settings, parts=parts) as worker:
        (before,) = await worker.triage.judge_texts([TEXT], "acme")
        example = await application.learn.add("acme", TEXT, "bug_report", by="ann")
        done = await application.learn.accept([example.id], by="ann", insist="test")
        item = {"source": "qq", "external_id": "1", "author": "a", "text": TEXT}
        (result,) = await worker.ingest.ingest("acme", [item])
        await asyncio.sleep(LOOK_S)
        await worker.triage.run("acme", [str(result.case_id)])
        async with worker.uow() as uow:
            (triage,) = (await uow.triages.latest([str(result.case_id)])).values()
    assert before.primary != "bug_report"
    assert triage.judgement.primary == "bug_report"
    assert triage.judgement.versions.heads.endswith(done.refit.report.after)

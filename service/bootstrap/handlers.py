"""What each job does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial

from service.bootstrap.flows import Flows
from service.domain.base import Lang
from service.errors import ConfigurationError, Conflict
from service.ports.jobs import Job

CHECKED = 40
"""Drawn texts a trusted judge is asked about in one run, of each rubric and language: two days of
them, so that what waits is caught up with and no comparison waits long for it."""

Handler = Callable[[Mapping[str, object]], Awaitable[None]]


def job_handlers(flows: Flows) -> Mapping[Job, Handler]:
    """What each job does; every handler may run twice without harm."""
    return {
        Job.TRIAGE: partial(_triage, flows),
        Job.DRAFT: partial(_draft, flows),
        Job.CLASSIFY: partial(_classify, flows),
        Job.POST: partial(_post, flows),
        Job.DELIVER: partial(_deliver, flows),
        Job.THEMES: partial(_themes, flows),
        Job.PLACE: partial(_place, flows),
        Job.CLOSE: partial(_close, flows),
        Job.NAME: partial(_name, flows),
        Job.RADAR: partial(_radar, flows),
        Job.DRIFT: partial(_drift, flows),
        Job.SPOT: partial(_spot, flows),
        Job.NOTIFY: partial(_notify, flows),
        Job.REHEARSE: partial(_rehearse, flows),
        Job.EVALUATE: partial(_evaluate, flows),
        Job.PREVIEW: partial(_preview, flows),
        Job.SUGGEST: partial(_suggest, flows),
        Job.PUBLISH: partial(_publish, flows),
        Job.HARVEST: partial(_harvest, flows),
    }


async def _triage(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.triage.run(str(payload["community"]), _case_ids(payload))


async def _classify(flows: Flows, payload: Mapping[str, object]) -> None:
    if flows.cascade is not None:
        await flows.cascade.label(str(payload["case_id"]))


async def _draft(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.draft.draft_due(str(payload["case_id"]))


async def _post(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.content.draft_due(str(payload["request_id"]))


async def _deliver(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.deliver.deliver(str(payload["entry_id"]))


async def _rehearse(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.rehearse.run(str(payload["report_id"]))


async def _evaluate(flows: Flows, payload: Mapping[str, object]) -> None:
    done = await flows.evaluations.run(str(payload["evaluation_id"]))
    await flows.rules.settle(done)


async def _preview(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.previews.run(str(payload["preview_id"]))


async def _suggest(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.knowledge.consider(str(payload["case_id"]))


async def _harvest(flows: Flows, payload: Mapping[str, object]) -> None:
    if "task_id" in payload:
        await flows.harvest.after_decision(str(payload["task_id"]))
    else:
        await flows.harvest.after_override(str(payload["case_id"]))


async def _publish(flows: Flows, payload: Mapping[str, object]) -> None:
    lang = Lang(str(payload["lang"]))
    await flows.knowledge_desk.publish(str(payload["community"]), lang, by=str(payload["by"]))


async def _themes(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.themes.run(str(payload["community"]))


async def _place(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.themes.place(str(payload["community"]), _case_ids(payload))


async def _name(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.theme_names.run(str(payload["community"]))


async def _close(flows: Flows, payload: Mapping[str, object]) -> None:
    with suppress(Conflict):  # answered, or redrafted too often: people have it in hand
        await flows.draft.redraft(str(payload["case_id"]), instruction=str(payload["instruction"]))


async def _radar(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.radar.run(str(payload["community"]))


async def _drift(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.drift.run(str(payload["community"]))


async def _spot(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.spot.run(str(payload["community"]))
    await flows.judging.check(str(payload["community"]), limit=CHECKED)


async def _notify(flows: Flows, payload: Mapping[str, object]) -> None:
    await flows.notify.send(str(payload["notice_id"]))


def _case_ids(payload: Mapping[str, object]) -> list[str]:
    case_ids = payload["case_ids"]
    if not isinstance(case_ids, list):
        raise ConfigurationError("This job carries a list of case ids.")
    return [str(item) for item in case_ids]

"""A judge labels the texts people judged; measured by them, it gates or is ignored."""

from __future__ import annotations

import pytest

from service.bootstrap import Application
from service.domain.labelling import Material, NewItem
from service.errors import ConfigurationError, TransientProviderError
from service.llm.scripted import ScriptedChat
from service.quality.agreement import accuracies

COUNT = 4


async def judged_by_people(application: Application) -> None:
    flow = application.labelling
    items = [
        NewItem(ref=f"r{n}", lang="zh", material=Material(answer=f"第{n}条"), golden=1 + n % 2)
        for n in range(COUNT)
    ]
    await flow.give("acme", "grounded", items, "test")
    while work := await flow.next("acme", "grounded", "anna"):
        bad = int(work.material.answer[1]) % 2
        await flow.put(work.item_id, 1 + bad, "anna")
    unseen = NewItem(ref="more", lang="zh", material=Material(answer="没人看过"))
    await flow.give("acme", "grounded", [unseen], "test")


async def run(application: Application, *, everything: bool = False) -> tuple[int, int, list[str]]:
    done = await application.judging.run(
        "acme", "grounded", limit=10, at_least=0.5, everything=everything
    )
    return done.labelled, done.unjudged, [one.verdict for one in done.shares]


async def test_a_flatterer_is_ignored_and_misses_golden_texts(keyword_triage: Application) -> None:
    application = keyword_triage
    await judged_by_people(application)
    chat = ScriptedChat(
        [TransientProviderError("away"), *[{"reason": "电话 13812345678", "value": 1}] * COUNT]
    )
    vars(application)["chat"] = chat
    assert await run(application) == (COUNT - 1, 1, ["ignored"])
    assert await run(application) == (1, 0, ["ignored"])
    chat.assert_used_up()
    assert await run(application) == (0, 0, ["ignored"])
    async with application.uow() as uow:
        found = await uow.labels.judged("acme", ["grounded"])
    assert "13812345678" not in str(found)
    golden = {one.by.split(":")[0]: (one.golden, one.right) for one in accuracies(found)}
    assert golden == {"anna": (COUNT, COUNT), "grounded@1": (COUNT, COUNT // 2)}


async def test_texts_no_person_judged_are_judged_when_asked_for(
    keyword_triage: Application,
) -> None:
    await judged_by_people(keyword_triage)
    chat = ScriptedChat([{"reason": "r", "value": 1}] * (COUNT + 1))
    vars(keyword_triage)["chat"] = chat
    assert (await run(keyword_triage, everything=True))[:2] == (COUNT + 1, 0)


async def test_without_a_model_there_is_no_judge(keyword_triage: Application) -> None:
    with pytest.raises(ConfigurationError, match="HUIYIN_LLM__BASE_URL"):
        await run(keyword_triage)

"""A model judges the texts people judged, so that it can be measured by them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import NamedTuple

from prompts.library import Library
from service.domain.base import Lang
from service.domain.labelling import Judged, Label, LabelItem, Material, Rater, Rubric
from service.domain.taxonomy import Taxonomy
from service.errors import ConfigurationError, ProviderError
from service.flows.label_material import material_of
from service.ports.clock import Clock, Ids
from service.ports.engines import Redactor
from service.ports.labelling import ToJudge
from service.ports.models import ChatModel
from service.ports.store import UowFactory
from service.quality.agreement import agreements
from service.quality.bar import JudgedShare, judged_shares
from service.quality.judge import Judge, JudgeVerdict
from service.quality.rubrics import load_rubrics, rubric_of


class Judging(NamedTuple):
    """How many texts got a label, and how many none because the model gave no value or was away;
    and what each judge of the rubric lets pass, where it may say so."""

    labelled: int
    unjudged: int
    shares: tuple[JudgedShare, ...]


class JudgingFlow:
    """Labels by judges. Calls happen outside of transactions; each label is kept at once."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        prompts: Library,
        chat: ChatModel | None,
        redactor: Redactor,
        taxonomy: Taxonomy,
        clock: Clock,
        ids: Ids,
    ) -> None:
        self._uow, self._prompts, self._chat = uow, prompts, chat
        self._redactor, self._taxonomy, self._clock, self._ids = redactor, taxonomy, clock, ids

    async def run(
        self, community: str, rubric_id: str, *, limit: int, at_least: float, everything: bool
    ) -> Judging:
        """Judge up to `limit` texts a language that this judge did not judge: those people judged,
        or `everything`. `at_least` is the share of texts that must pass.

        Raises:
            NotFound: no such rubric.
            ConfigurationError: no language model is configured.
        """
        rubric, labelled, unjudged = rubric_of(rubric_id), 0, 0
        if self._chat is None:
            raise ConfigurationError("No language model is configured: set HUIYIN_LLM__BASE_URL.")
        of = ToJudge.ALL if everything else ToJudge.JUDGED
        for lang in Lang:
            judge = Judge(self._prompts, self._chat, rubric, lang)
            said = await self._judge(judge, community, rubric, lang, limit, of)
            labelled, unjudged = labelled + said[0], unjudged + said[1]
        found = await self._judged(community, [rubric])
        return Judging(labelled, unjudged, judged_shares(found, rubric, at_least))

    async def check(self, community: str, *, limit: int) -> int:
        """Judge up to `limit` drawn texts of each rubric and language in which people bear the
        configured model out; how many got a label. Without a model nothing is done."""
        if self._chat is None:
            return 0
        rubrics, labelled = load_rubrics(), 0
        found = await self._judged(community, rubrics)
        known = await asyncio.to_thread(agreements, found, rubrics)
        trusted = {(one.judge, one.lang) for one in known if one.may_gate}
        for rubric in rubrics:
            for lang in Lang:
                judge = Judge(self._prompts, self._chat, rubric, lang)
                if (judge.id, lang) in trusted:
                    of = ToJudge.DRAWN
                    labelled += (await self._judge(judge, community, rubric, lang, limit, of))[0]
        return labelled

    async def _judge(
        self, judge: Judge, community: str, rubric: Rubric, lang: Lang, limit: int, of: ToJudge
    ) -> tuple[int, int]:
        """How many got a label, and how many none."""
        labelled, unjudged = 0, 0
        for item, material in await self._due(community, rubric, lang, judge.id, limit, of):
            verdict = await _verdict(judge, community, material)
            if verdict is None:
                unjudged += 1
            else:
                await self._keep(item, rubric, judge.id, verdict)
                labelled += 1
        return labelled, unjudged

    async def _judged(self, community: str, rubrics: Iterable[Rubric]) -> tuple[Judged, ...]:
        async with self._uow() as uow:
            return await uow.labels.judged(community, [one.id for one in rubrics])

    async def _due(
        self, community: str, rubric: Rubric, lang: Lang, judge: str, limit: int, of: ToJudge
    ) -> list[tuple[LabelItem, Material]]:
        async with self._uow() as uow:
            items = await uow.labels.to_judge(community, rubric.id, lang, judge, limit, of=of)
            return [
                (one, await material_of(uow, one, self._redactor, self._taxonomy)) for one in items
            ]

    async def _keep(self, item: LabelItem, rubric: Rubric, judge: str, said: JudgeVerdict) -> None:
        label = Label(
            id=self._ids.new("lab"),
            item_id=item.id,
            rubric_version=rubric.version,
            rubric_hash=rubric.hash,
            rater=Rater.JUDGE,
            by=judge,
            value=said.value,
            note=self._redactor.redact(said.reason).text,
            at=self._clock.now(),
        )
        async with self._uow() as uow:
            await uow.labels.add(label)
            await uow.commit()


async def _verdict(judge: Judge, community: str, material: Material) -> JudgeVerdict | None:
    try:
        return await judge.value(community, material)
    except ProviderError:
        return None

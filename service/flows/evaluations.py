"""Comparisons with production: asked for, carried out once, kept."""

from __future__ import annotations

import json
from typing import NamedTuple

from service.domain.evaluation import (
    AGREEMENT_FILE,
    OWN_FOLDER,
    Evaluation,
    EvaluationStatus,
    EvaluationVerdict,
    Findings,
    Trial,
    standing,
)
from service.domain.gave_up import TOLD
from service.domain.sample import SampleTask, golden_files
from service.errors import InvalidInput, NotFound, SuiteFailed
from service.flows.given_up import MOST_SWEPT, given_up
from service.ports.clock import Clock, Ids
from service.ports.evaluations import Suite
from service.ports.jobs import Job
from service.ports.store import UnitOfWork, UowFactory
from service.quality.agreement import agreements
from service.quality.rubrics import load_rubrics

MOST_REGRESSIONS = 200
"""Regressed cases that are kept."""

MOST_OWN = 100
"""Own test cases of a task that are asked, the newest; each costs two answers."""


class Requested(NamedTuple):
    """The comparison; `added` is False where one of the same hashes stands or is under way."""

    evaluation: Evaluation
    added: bool


class EvaluationsFlow:
    """Writes comparisons."""

    def __init__(self, *, uow: UowFactory, suite: Suite, clock: Clock, ids: Ids) -> None:
        self._uow, self._suite, self._clock, self._ids = uow, suite, clock, ids

    async def request(self, trial: Trial, *, by: str, queue: bool = True) -> Requested:
        """Store what is to be compared, and the job for it.

        What passed or failed stands for its hashes: nobody asks again until it passes. One that
        is inconclusive or could not be carried out can be asked for again.

        Raises:
            InvalidInput: the change is what production has.
        """
        async with self._uow() as uow:
            done = await self._ask(uow, trial, by, queue=queue)
            await uow.commit()
        return done

    async def ask(self, uow: UnitOfWork, trial: Trial, *, by: str) -> Evaluation:
        """See `service.ports.evaluations.Comparisons`."""
        return (await self._ask(uow, trial, by, queue=True)).evaluation

    async def run(self, evaluation_id: str) -> Evaluation:
        """Carry it out; one that is done or failed is left as it is.

        A comparison that cannot be carried out is kept as failed. When the process ends meanwhile,
        it stays as it was and the job runs again.

        Raises:
            NotFound: no such comparison.
        """
        evaluation = await self.get(evaluation_id)
        if evaluation.status.final:
            return evaluation
        evaluation = await self._advance(
            evaluation, status=EvaluationStatus.RUNNING, started_at=self._clock.now()
        )
        async with self._uow() as uow:
            trial = await uow.evaluations.trial(evaluation_id)
            if trial is None:
                raise NotFound("There is no such comparison.")
            trial = await _with_agreement(uow, await _with_own(uow, trial))
        try:
            findings = await self._suite.compare(trial)
        except SuiteFailed as error:
            return await self._end(
                evaluation, status=EvaluationStatus.FAILED, failure=error.message
            )
        return await self._end(evaluation, status=EvaluationStatus.DONE, findings=_kept(findings))

    async def sweep(self) -> int:
        """Write down as failed what no job carries on any more; how many."""
        async with self._uow() as uow:
            found = await uow.evaluations.unfinished(MOST_SWEPT)
            fates = await uow.jobs.fates([_key(one.id) for one in found])
        ended = 0
        for one in found:
            began = one.started_at or one.created_at
            if why := given_up(fates.get(_key(one.id)), began, self._clock.now()):
                await self._end(one, status=EvaluationStatus.FAILED, failure=TOLD[why])
                ended += 1
        return ended

    async def look(self, trial: Trial) -> Evaluation | None:
        """The comparison of exactly these hashes: the newest that passed or failed, else the
        newest."""
        async with self._uow() as uow:
            hashes = trial.candidate_hash, trial.baseline_hash
            found = await uow.evaluations.of(trial.subject, *hashes)
        return standing(found) or (found[0] if found else None)

    async def get(self, evaluation_id: str) -> Evaluation:
        """One comparison.

        Raises:
            NotFound: there is none.
        """
        async with self._uow() as uow:
            found = await uow.evaluations.get(evaluation_id)
        if found is None:
            raise NotFound("There is no such comparison.")
        return found

    async def _ask(self, uow: UnitOfWork, trial: Trial, by: str, *, queue: bool) -> Requested:
        if trial.candidate_hash == trial.baseline_hash:
            raise InvalidInput(
                "This is what is in production already; there is nothing to compare."
            )
        await uow.evaluations.lock()
        known = await self._known(uow, trial)
        if known is not None:
            return Requested(known, added=False)
        evaluation = self._evaluation(trial, by)
        await uow.evaluations.add(evaluation, trial)
        if queue:
            await uow.jobs.defer(
                Job.EVALUATE,
                {"evaluation_id": evaluation.id},
                key=_key(evaluation.id),
            )
        return Requested(evaluation, added=True)

    async def _known(self, uow: UnitOfWork, trial: Trial) -> Evaluation | None:
        """The comparison of these hashes that stands or is under way."""
        hashes = trial.candidate_hash, trial.baseline_hash
        for one in await uow.evaluations.of(trial.subject, *hashes):
            undecided = one.verdict is EvaluationVerdict.INCONCLUSIVE
            if one.status is not EvaluationStatus.FAILED and not undecided:
                return one
        return None

    def _evaluation(self, trial: Trial, by: str) -> Evaluation:
        return Evaluation(
            id=self._ids.new("evl"),
            **trial.subject.model_dump(),
            version=trial.version,
            candidate_hash=trial.candidate_hash,
            baseline_hash=trial.baseline_hash,
            status=EvaluationStatus.QUEUED,
            requested_by=by,
            created_at=self._clock.now(),
        )

    async def _end(self, evaluation: Evaluation, **changes: object) -> Evaluation:
        return await self._advance(evaluation, finished_at=self._clock.now(), **changes)

    async def _advance(self, evaluation: Evaluation, **changes: object) -> Evaluation:
        """Write the change; where another process was first, what that one wrote."""
        changed = evaluation.model_copy(update=changes)
        async with self._uow() as uow:
            if await uow.evaluations.advance(changed):
                await uow.commit()
                return changed
        return await self.get(evaluation.id)


def _key(evaluation_id: str) -> str:
    """Of its job."""
    return f"evaluate:{evaluation_id}"


def _kept(findings: Findings) -> Findings:
    return findings.model_copy(update={"regressions": findings.regressions[:MOST_REGRESSIONS]})


async def _with_own(uow: UnitOfWork, trial: Trial) -> Trial:
    """The trial with accepted test cases of those it is for. They are read when it runs and not
    kept with it: what a member has taken back meanwhile is no part of it."""
    community = trial.subject.community
    found = [await uow.samples.newest(community, task, MOST_OWN) for task in SampleTask]
    files = golden_files(one for samples in found for one in reversed(samples))
    own = {f"{OWN_FOLDER}/{name}": lines for name, lines in files.items()}
    return trial.model_copy(update={"files": {**trial.files, **own}})


async def _with_agreement(uow: UnitOfWork, trial: Trial) -> Trial:
    """The trial with how far each judge agrees with people now, as labels of those it is for say;
    without, where no judge and person judged the same text. Figures and names of judges alone."""
    rubrics = load_rubrics()
    judged = await uow.labels.judged(trial.subject.community, [one.id for one in rubrics])
    found = [one for one in agreements(judged, rubrics) if one.judge is not None]
    if not found:
        return trial
    told = json.dumps({"items": [one.model_dump(mode="json") for one in found]})
    return trial.model_copy(update={"files": {**trial.files, AGREEMENT_FILE: told}})

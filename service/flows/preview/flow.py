"""Replays of a change on a community's own cases: asked for, carried out once, kept.

Nothing is written to a case, and nothing leaves but a prompt's calls of the model, which are paid
from the community's budget like any other.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from retrieval.errors import EmbedderUnavailable
from service.domain.community import Community
from service.domain.evaluation import OWN_FOLDER, Subject, SubjectKind, Trial
from service.domain.gave_up import TOLD
from service.domain.preview import (
    LONGEST_DAYS,
    MOST_ASKED,
    MOST_CASES,
    Preview,
    PreviewFindings,
    PreviewFlip,
    PreviewStatus,
    PromptTrial,
    Window,
)
from service.errors import AppError, Conflict, InvalidInput, NotFound, TransientProviderError
from service.flows.given_up import MOST_SWEPT, given_up
from service.flows.preview.cases import Judging, Twice, chunks
from service.flows.preview.prices import paid_since, prices_of, with_day
from service.flows.preview.prompts import PromptReplay
from service.flows.preview.replies import ReplyReplay
from service.flows.preview.tally import Tally, replayed
from service.ports.clock import Clock, Ids
from service.ports.engines import Labeller
from service.ports.jobs import Job
from service.ports.models import ChatModel
from service.ports.previews import PreviewBench, Sides
from service.ports.queries import Queries
from service.ports.store import UowFactory

REPLIES = "reply/"
"""Beginning of the ids of prompts that can be replayed."""

OnProgress = Callable[[int], None]
"""Receives how many cases were gone over, or, of a prompt, tried."""


class Asked(NamedTuple):
    """The replay; `added` is False where the same one waits or is under way."""

    preview: Preview
    added: bool


class PreviewFlow:
    """Queues and runs replays."""

    def __init__(
        self,
        *,
        uow: UowFactory,
        queries: Queries,
        bench: PreviewBench,
        chat: ChatModel | None,
        labeller: Labeller | None,
        clock: Clock,
        ids: Ids,
    ) -> None:
        """Bind the parts. Without a `chat` no prompt can be replayed."""
        self._uow, self._queries, self._bench = uow, queries, bench
        self._chat, self._labeller = chat, labeller
        self._clock, self._ids = clock, ids

    async def request(
        self, community: str, trial: Trial, window: Window, *, by: str, queue: bool = True
    ) -> Asked:
        """Store what is to be replayed on this community's cases, and the job for it.

        Raises:
            NotFound: no such community.
            InvalidInput: the change is what production has, or is none that can be replayed.
            Conflict: a prompt needs a model and none is configured.
        """
        self._require(community, trial)
        async with self._uow() as uow:
            if await uow.communities.get(community) is None:
                raise NotFound("There is no such community.")
            await uow.previews.lock()
            preview = self._preview(community, trial, window, by)
            known = await uow.previews.waiting(preview)
            if known is None:
                await uow.previews.add(preview, _without_own(trial))
            asked = Asked(known or preview, added=known is None)
            if queue:  # also for a known one: should its job be lost, this one takes its place
                found = asked.preview.id
                await uow.jobs.defer(Job.PREVIEW, {"preview_id": found}, key=_key(found))
            await uow.commit()
        return asked

    async def run(self, preview_id: str, on_progress: OnProgress | None = None) -> Preview:
        """Carry it out; one that is done or failed is left as it is.

        Flips and counts are written at the end in one transaction, so a run that breaks off leaves
        nothing and the job runs again.

        Raises:
            NotFound: no such replay.
            TransientProviderError: the embedder or the database is not available now.
        """
        preview = await self.get(preview_id)
        if preview.status.final:
            return preview
        preview = preview.model_copy(
            update={"status": PreviewStatus.RUNNING, "started_at": self._clock.now()}
        )
        await self._advance(preview)
        try:
            return await self._carry_out(preview, on_progress or _quiet)
        except InvalidInput as error:
            return await self._fail(preview, error.message)
        except EmbedderUnavailable as error:
            raise TransientProviderError("The embedder is not available now.") from error
        except AppError:
            raise
        except Exception:
            await self._fail(preview, "The replay broke off; the log says why.")
            raise

    async def again(self, preview_id: str, window: Window, *, by: str) -> Asked:
        """Ask for a failed one once more, on the cases up to now.

        Raises:
            NotFound: no such replay.
            InvalidInput, Conflict: it cannot be replayed; see `request`.
        """
        preview = await self.get(preview_id)
        async with self._uow() as uow:
            trial = await uow.previews.trial(preview_id)
        if trial is None:
            raise NotFound("There is no such replay.")
        if preview.status is not PreviewStatus.FAILED:
            raise Conflict("Only a replay that failed can be started again.")
        return await self.request(preview.community, trial, window, by=by)

    async def sweep(self) -> int:
        """Write down as failed what no job carries on any more; how many."""
        async with self._uow() as uow:
            found = await uow.previews.unfinished(MOST_SWEPT)
            fates = await uow.jobs.fates([_key(one.id) for one in found])
        ended = 0
        for one in found:
            began = one.started_at or one.created_at
            if why := given_up(fates.get(_key(one.id)), began, self._clock.now()):
                await self._fail(one, TOLD[why])
                ended += 1
        return ended

    async def get(self, preview_id: str) -> Preview:
        """One replay.

        Raises:
            NotFound: there is none.
        """
        async with self._uow() as uow:
            found = await uow.previews.get(preview_id)
        if found is None:
            raise NotFound("There is no such replay.")
        return found

    async def look(
        self, community: str, subject: Subject, candidate: str, baseline: str
    ) -> Preview | None:
        """The last replay of exactly this change on the community's cases."""
        async with self._uow() as uow:
            found = await uow.previews.newest(community, subject, candidate)
        return found if found and found.baseline_hash == baseline else None

    def _require(self, community: str, trial: Trial) -> None:
        subject = trial.subject
        if trial.candidate_hash == trial.baseline_hash:
            raise InvalidInput("This is what is in production already; there is nothing to replay.")
        if subject.community not in (None, community):
            raise InvalidInput("This change is for another community.")
        if subject.kind is not SubjectKind.PROMPT:
            return
        if not subject.name.startswith(REPLIES):
            raise InvalidInput("Only prompts of replies can be replayed on stored cases.")
        if self._chat is None:
            raise Conflict(
                "No language model is configured, and without one no prompt can be replayed; "
                "set HUIYIN_LLM__KIND or compare it with production."
            )

    def _preview(self, community: str, trial: Trial, window: Window, by: str) -> Preview:
        return Preview(
            id=self._ids.new("prv"),
            community=community,
            kind=trial.subject.kind,
            name=trial.subject.name,
            scope=trial.subject.community,
            version=trial.version,
            candidate_hash=trial.candidate_hash,
            baseline_hash=trial.baseline_hash,
            window=window,
            status=PreviewStatus.QUEUED,
            requested_by=by,
            created_at=self._clock.now(),
        )

    async def _carry_out(self, preview: Preview, on_progress: OnProgress) -> Preview:
        async with self._uow() as uow:
            trial = await uow.previews.trial(preview.id)
            community = await uow.communities.get(preview.community)
        if trial is None or community is None:
            raise NotFound("There is no such replay.")
        sides = await self._bench.build(preview.community, trial)
        began = preview.started_at or self._clock.now()
        tally = Tally(began=began, model=self._chat is not None, labeller=self._labeller)
        if preview.kind is SubjectKind.PROMPT:
            found = await self._try_prompt(preview, community, (trial, sides), tally, on_progress)
        else:
            await self._go_over(preview, community, sides, tally, on_progress)
            found = await self._findings(preview, tally, None)
        done = preview.model_copy(
            update={
                "status": PreviewStatus.DONE,
                "findings": found,
                "in_force": sides.in_force,
                "finished_at": self._clock.now(),
            }
        )
        return await self._advance(done, tally.flips)

    async def _go_over(
        self, preview: Preview, community: Community, sides: Sides, tally: Tally,
        on_progress: OnProgress,
    ) -> None:  # fmt: skip
        judging = Judging(self._uow, sides, community)
        replies = ReplyReplay(sides, community, self._clock.now())
        async for stored in chunks(self._uow, preview, _since(preview)):
            cases = await judging.twice(stored)
            for one, both in zip(cases, await replies.of(cases), strict=True):
                tally.add(one, both)
            on_progress(tally.cases)

    async def _try_prompt(
        self, preview: Preview, community: Community, on: tuple[Trial, Sides], tally: Tally,
        on_progress: OnProgress,
    ) -> PreviewFindings:  # fmt: skip
        """All cases are counted, a few are tried."""
        trial, sides = on
        if self._chat is None:
            raise InvalidInput("No language model is configured any more.")
        judging, cases = Judging(self._uow, sides, community), list[Twice]()
        async for stored in chunks(self._uow, preview, _since(preview)):
            cases += await judging.twice(stored)
        for one in cases:
            tally.add(one, (None, None))
        prices = await prices_of(self._queries, community.id, self._clock.now())
        replay = PromptReplay(
            uow=self._uow, drafter=sides.after.drafter, chat=self._chat, trial=trial, prices=prices
        )
        tried, prompt = await replay.run(cases, preview.window.asked, on_progress)
        paid = await paid_since(self._queries, community.id, tally.began, self._clock.now())
        spent = prompt.spent.model_copy(update={"cost": paid if prompt.spent.calls else 0.0})
        prompt = prompt.model_copy(update={"spent": spent})
        for case, old, new in tried:
            before, after = replayed(case.before, old), replayed(case.after, new)
            tally.flip(case.stored.case.case.id, before, after)
        return with_day(await self._findings(preview, tally, prompt), prices)

    async def _findings(
        self, preview: Preview, tally: Tally, prompt: PromptTrial | None
    ) -> PreviewFindings:
        async with self._uow() as uow:
            total = await uow.previews.cases(preview.community, _since(preview))
        return tally.findings(preview, total=total, now=self._clock.now(), prompt=prompt)

    async def _fail(self, preview: Preview, failure: str) -> Preview:
        change = {"status": PreviewStatus.FAILED, "failure": failure}
        now = {"finished_at": self._clock.now()}
        return await self._advance(preview.model_copy(update=change | now))

    async def _advance(self, preview: Preview, flips: list[PreviewFlip] | None = None) -> Preview:
        """Write its state; where another process was first, what that one wrote."""
        async with self._uow() as uow:
            if await uow.previews.advance(preview, flips or ()):
                await uow.commit()
                return preview
        return await self.get(preview.id)


def window_of(days: int, most: int, asked: int) -> Window:
    """The window a person asks for.

    Raises:
        InvalidInput: one of them is out of its bounds; says which.
    """
    for name, value, limit in (
        ("days", days, LONGEST_DAYS), ("most", most, MOST_CASES), ("asked", asked, MOST_ASKED),
    ):  # fmt: skip
        if not 1 <= value <= limit:
            raise InvalidInput(f"Give 1 to {limit} for {name}.", field=name)
    return Window(days=days, most=most, asked=asked)


def _key(preview_id: str) -> str:
    """Of its job."""
    return f"preview:{preview_id}"


def _without_own(trial: Trial) -> Trial:
    """Test cases that people grew go into comparisons; a replay keeps no text of theirs."""
    kept = {k: v for k, v in trial.files.items() if not k.startswith(f"{OWN_FOLDER}/")}
    return trial.model_copy(update={"files": kept})


def _since(preview: Preview) -> datetime:
    return preview.created_at - timedelta(days=preview.window.days)


def _quiet(_: int) -> None:
    """Tell nobody."""

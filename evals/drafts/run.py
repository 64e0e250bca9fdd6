"""The whole run: whatever has no row yet is drafted, one after the other, until time is up."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from evals.drafts import posts, public
from evals.drafts.replies import (
    Asked,
    Writers,
    balanced,
    judged,
    reply,
    sample_messages,
    writer,
)
from evals.drafts.rows import Part, Row, append, load_rows
from evals.drafts.timed import Timed
from evals.production import ProductionEngines
from evals.sample_rules import SampleRules
from evals.wiring import Engines, Rules
from service.domain.triage import Judgement
from service.settings import Settings

_AWAY = "circuit_open"
"""Why a draft is a template when the model failed several times in a row."""


@dataclass(frozen=True)
class Plan:
    """What to draft; `until` is a reading of `time.monotonic`, None without an end.
    `verify`: replies are read by the model a second time, as the product does."""

    out: Path
    replies: int = 200
    posts: int = 3
    rules: Path | None = None
    hostile: tuple[Path, ...] = ()
    hostile_rows: int = 300
    until: float | None = None
    verify: bool = True


class Run:
    """Keeps the rows of a file and adds to them."""

    def __init__(self, plan: Plan, engines: Engines) -> None:
        """Read what is there.

        Raises:
            RunMismatch: the file is another writer's.
        """
        self._plan, self._engines = plan, engines
        self.writer = writer(engines)
        self.rows = load_rows(plan.out, self.writer)
        self._done = {row.id for row in self.rows}
        self._chat = Timed(engines.chat) if engines.chat else None
        self.left, self._away = 0, False

    async def go_on(self, settings: Settings | None, real: Rules | None = None) -> None:
        """Draft what has no row: posts only with settings, real questions only with rules."""
        plan, engines = self._plan, self._engines
        asked = sample_messages(engines)
        if plan.replies:
            said = judged(engines, [one.text for one in asked])
            for one, judgement in balanced(asked, said, plan.replies):
                if self._due(one.id):
                    self._add(await self._reply(engines.rules, one, judgement))
        if real is not None and plan.rules is not None:
            await self._loose(public.questions(plan.rules, plan.replies), real)
        if plan.hostile:
            await self._loose(public.hostile(plan.hostile, plan.hostile_rows), engines.rules)
        if plan.posts and settings is not None:
            await self._posts(settings)

    async def _loose(self, asked: Sequence[Asked], rules: Rules) -> None:
        """Texts of public sets."""
        for one in asked:
            if not self._due(one.id):
                continue
            judgement = judged(self._engines, [one.text])[0]
            row = await self._reply(rules, one, judgement)
            if one.part is Part.HOSTILE:
                low = public.lowered(self._engines, [one.text])[0]
                row = row.model_copy(update={"severity_lowered": low})
            self._add(row)

    async def _reply(self, rules: Rules, one: Asked, judgement: Judgement) -> Row:
        verifier = self._chat if self._plan.verify else None
        return await reply(self._engines, rules, one, judgement, Writers(self._chat, verifier))

    async def _posts(self, settings: Settings) -> None:
        due = [one for one in posts.wanted(self._plan.posts) if one.id not in self._done]
        if not due or self._late():
            self.left += len(due)
            return
        async with posts.sample_service(settings, self._chat) as application:
            for one in due:
                if self._due(one.id):
                    self._add(await posts.post(application, one, self._chat, self.writer))

    def _add(self, row: Row) -> None:
        if row.degraded == _AWAY:
            self._away = True  # a row without the model would say nothing of it
            self.left += 1
            return
        append(self._plan.out, row)
        self.rows.append(row)
        self._done.add(row.id)

    def _due(self, row_id: str) -> bool:
        if row_id in self._done:
            return False
        if self._late():
            self.left += 1
            return False
        return True

    def _late(self) -> bool:
        return self._away or (self._plan.until is not None and time.monotonic() >= self._plan.until)


async def run_drafts(plan: Plan, settings: Settings) -> Run:
    """Over the production engines."""
    engines = ProductionEngines(settings)
    run, real = Run(plan, engines), None
    if plan.rules is not None:
        real = SampleRules(engines.embedder, settings, public.documents(plan.rules))
    await run.go_on(settings, real)
    return run

"""Counting a replay while it goes over the cases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta

from service.domain.preview import (
    SOON,
    URGENT,
    FlipGroup,
    FlipKind,
    Load,
    Preview,
    PreviewFindings,
    PreviewFlip,
    PromptTrial,
    Replayed,
    Reply,
    flip_of,
)
from service.domain.triage import Judgement, SignalKind
from service.flows.preview.cases import Twice
from service.flows.preview.replies import Replies
from service.ports.engines import Labeller

_MINE = frozenset({SignalKind.SEVERITY, SignalKind.SPAM, SignalKind.INJECTION, SignalKind.NOISE})
"""Findings that a phrase bank gives or silences."""

_DAY = timedelta(days=1)


class Tally:
    """Numbers and flips; the window bounds how many."""

    def __init__(self, *, began: datetime, model: bool, labeller: Labeller | None) -> None:
        """Start counting.

        Args:
            model: whether a model drafts.
            labeller: what asks it about categories; None: it is not asked.
        """
        self.began, self._model, self._labeller = began, model, labeller
        self.flips: list[PreviewFlip] = []
        self._cases = self._messages = 0
        self._oldest: datetime | None = None
        self._before: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        self._moved: Counter[str] = Counter()

    @property
    def cases(self) -> int:
        """Counted so far."""
        return self._cases

    def add(self, one: Twice, replies: Replies) -> None:
        """Count a case, and keep its flip if it is one."""
        case = one.stored.case.case
        self._cases += 1
        self._messages += one.stored.triage.case_size
        self._oldest = min(self._oldest or case.last_at, case.last_at)
        self._before.update(self._load(one.before, case.last_at))
        self._after.update(self._load(one.after, case.last_at))
        before, after = replayed(one.before, replies[0]), replayed(one.after, replies[1])
        self._moved.update(after.categories)
        self._moved.subtract(before.categories)
        self.flip(case.id, before, after)

    def flip(self, case_id: str, before: Replayed, after: Replayed) -> None:
        """Keep the flip of a case, if it is one."""
        found = flip_of(case_id, before, after)
        if found is not None:
            self.flips.append(found)

    def findings(
        self, preview: Preview, *, total: int, now: datetime, prompt: PromptTrial | None
    ) -> PreviewFindings:
        """The counts so far; `total` is how many cases the days hold."""
        since = preview.created_at - timedelta(days=preview.window.days)
        if total > self._cases and self._oldest is not None:
            since = self._oldest
        covered = max((preview.created_at - since) / _DAY, 1 / 24)
        return PreviewFindings(
            cases=self._cases,
            messages=self._messages,
            total=max(total, self._cases),
            since=since,
            covered_days=round(covered, 3),
            flips=len(self.flips),
            groups=self._groups(prompt.cases if prompt else self._cases),
            before=self._summed(self._before),
            after=self._summed(self._after),
            categories=self._changed(),
            prompt=prompt,
            seconds=round((now - self.began).total_seconds(), 3),
        )

    def _load(self, judgement: Judgement, last_at: datetime) -> Mapping[str, int]:
        route = judgement.route
        asks = self._labeller is not None and self._labeller.due(judgement)
        return {
            "urgent": judgement.severity >= URGENT,
            "soon": route.reply_due and route.due_at - last_at <= SOON,
            "replies": route.reply_due,
            "abstained": not judgement.labels,
            "asked": route.reply_due + asks,
        }

    def _summed(self, counted: Counter[str]) -> Load:
        load = Load.model_validate({name: counted[name] for name in Load.model_fields})
        return load if self._model else load.model_copy(update={"asked": None})

    def _groups(self, cases: int) -> tuple[FlipGroup, ...]:
        counted = Counter(kind for flip in self.flips for kind in flip.kinds)
        return tuple(
            FlipGroup(kind=kind, cases=counted[kind], share=round(counted[kind] / cases, 4))
            for kind in FlipKind
            if counted[kind]
        )

    def _changed(self) -> dict[str, int]:
        moved = {name: count for name, count in self._moved.items() if count}
        return dict(sorted(moved.items(), key=lambda one: (-abs(one[1]), one[0])))


def replayed(judgement: Judgement, reply: Reply | None) -> Replayed:
    """A verdict without its text."""
    route = judgement.route
    hits = (f"{one.kind.value}:{one.code}" for one in judgement.signals if one.kind in _MINE)
    return Replayed(
        categories=tuple(label.category for label in judgement.labels),
        severity=judgement.severity,
        department=route.department.value,
        due_at=route.due_at,
        rule=route.rule,
        hits=tuple(sorted(hits)),
        reply=reply,
    )

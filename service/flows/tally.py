"""Counting a rehearsal while it goes over the cases."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection
from datetime import datetime

from service.domain.report import Flip, Moves, Outcome, Report, ReportKind, Summary

CATEGORY = "category"
"""Named as the rule of cases that go by their category's own route."""

_JUDGED = ("categories", "severity", "sentiment", "department")
_ROUTED = ("department", "pressing", "due_at")


class Tally:
    """Numbers and a running hash; holds no case, so that any number of them may pass."""

    def __init__(self, report: Report, began: datetime) -> None:
        """Start counting; `began` is kept for whoever wants to know how long it took."""
        self.began, self.cases, self._flips = began, 0, 0
        self._fields = _JUDGED if report.kind is ReportKind.SHADOW else _ROUTED
        self._categories, self._departments = _Names(), _Names()
        self._rules: Counter[str] = Counter()
        self._up = self._down = self._unsure_before = self._unsure_after = 0
        self._hash = hashlib.sha256(report.community.encode())
        self._hash.update(report.subject.model_dump_json().encode())

    def add(
        self, case_id: str, before: Outcome, after: Outcome, confidence: float | None
    ) -> Flip | None:
        """Count a case; the flip, if it is one."""
        self.cases += 1
        self._categories.add(before.categories, after.categories)
        self._departments.add((before.department,), (after.department,))
        self._rules[after.rule or CATEGORY] += 1
        self._up += after.severity > before.severity
        self._down += after.severity < before.severity
        self._unsure_before += not before.categories
        self._unsure_after += not after.categories
        if all(getattr(before, name) == getattr(after, name) for name in self._fields):
            return None
        self._flips += 1
        flip = Flip(
            number=self._flips, case_id=case_id, before=before, after=after, confidence=confidence
        )
        self._hash.update(flip.model_dump_json().encode())
        return flip

    def digest(self) -> str:
        """Names the subject and every flip."""
        counted = self._hash.copy()
        counted.update(f"{self.cases}".encode())
        return counted.hexdigest()

    def summary(self, *, since: datetime, seconds: float) -> Summary:
        """The counts so far."""
        return Summary(
            cases=self.cases,
            flips=self._flips,
            categories=self._categories.moves(),
            departments=self._departments.moves(),
            rules=dict(sorted(self._rules.items())),
            severity_up=self._up,
            severity_down=self._down,
            abstained_before=self._unsure_before,
            abstained_after=self._unsure_after,
            seconds=round(seconds, 3),
            since=since,
        )


class _Names:
    """How often each name stood before and after."""

    def __init__(self) -> None:
        self._before: Counter[str] = Counter()
        self._after: Counter[str] = Counter()
        self._gained: Counter[str] = Counter()
        self._lost: Counter[str] = Counter()

    def add(self, before: Collection[str], after: Collection[str]) -> None:
        self._before.update(before)
        self._after.update(after)
        self._gained.update(set(after) - set(before))
        self._lost.update(set(before) - set(after))

    def moves(self) -> tuple[Moves, ...]:
        return tuple(
            Moves(
                name=name,
                before=self._before[name],
                after=self._after[name],
                gained=self._gained[name],
                lost=self._lost[name],
            )
            for name in sorted(self._before | self._after)
        )

"""What the store keeps of texts to be judged and of labels."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Protocol

from service.domain.base import Lang
from service.domain.labelling import Judged, Label, LabelItem, Progress, Rater


class DecidedDraft(NamedTuple):
    """A draft a person decided on, and its language."""

    draft_id: str
    lang: Lang


class ToJudge(StrEnum):
    """Which items a judge is asked about."""

    JUDGED = "judged"
    """Those a person gave a value."""
    DRAWN = "drawn"
    """Those of spot checks."""
    ALL = "all"


class Labels(Protocol):
    """Items and append-only labels; part of the unit of work."""

    async def add_items(self, items: Sequence[LabelItem]) -> int:
        """Store those whose name is new for the rubric; how many were."""
        ...

    async def decided_drafts(
        self, community: str, rubric: str, limit: int
    ) -> tuple[DecidedDraft, ...]:
        """Drafts with a text that people decided on and that are no item of the rubric yet, in an
        order that has nothing to do with them."""
        ...

    async def get(self, item_id: str, *, lock: bool = False) -> LabelItem | None: ...
    async def claim(
        self, community: str, rubric: str, by: str, now: datetime, until: datetime
    ) -> LabelItem | None:
        """The next item for somebody, held for them until then: first the one they hold, then in
        an order of their own. Nothing they judged, decided on, corrected or somebody else holds,
        and nothing of a case of which the member took a message back."""
        ...

    async def hold(self, item_id: str, by: str | None, until: datetime | None) -> None:
        """Who holds an item; None lets it go."""
        ...

    async def holder(self, item_id: str, now: datetime) -> str | None:
        """Who holds it now."""
        ...

    async def add(self, label: Label) -> None: ...
    async def standing(self, item_id: str, rater: Rater, by: str) -> Label | None:
        """The label of a rater that counts, a skip as well."""
        ...

    async def last_by(self, community: str, rubric: str, by: str) -> Label | None:
        """The person's newest label of the rubric that is not taken back."""
        ...

    async def judged(self, community: str | None, rubrics: Collection[str]) -> tuple[Judged, ...]:
        """Every label that counts and has a value, oldest first; None: of all communities."""
        ...

    async def to_judge(
        self, community: str, rubric: str, lang: Lang, judge: str, limit: int, *, of: ToJudge
    ) -> tuple[LabelItem, ...]:
        """Items this judge gave no value, oldest first; likewise nothing that was taken back."""
        ...

    async def progress(self, community: str, by: str) -> tuple[Progress, ...]:
        """Of each rubric with items."""
        ...

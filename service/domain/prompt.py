"""Prompt versions, the labels that stand on them, and which one a case gets."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from pydantic import Field

from service.domain.base import Frozen, Instant, Lang
from service.errors import Conflict

REPLY_TEMPLATE = "grounded"
"""Name of the replies' prompt; its kind and language make the id."""

LONGEST_TEMPLATE = 20_000
"""Characters of a proposed text."""

MOST_PERCENT = 50
"""Largest share of cases a candidate may get."""

FIGURE_DAYS = 90
"""How far back acceptance is counted."""


class PromptLabel(StrEnum):
    """What a version is for."""

    PRODUCTION = "production"
    CANDIDATE = "candidate"


class PromptOrigin(StrEnum):
    """Where a version's text came from."""

    SHIPPED = "shipped"
    PROPOSED = "proposed"


class MoveKind(StrEnum):
    """Why a line of the history is there. `shipped` and `kept` are written by a release: it moved
    production to its own text, or left it where a person had put it."""

    MOVED = "moved"
    ROLLED_BACK = "rolled_back"
    SHIPPED = "shipped"
    KEPT = "kept"


class PromptVersion(Frozen):
    """One text of a template, never changed. `number` counts from 1 for each template; `hash`
    covers the text and the partials it includes (name to the whole file)."""

    id: str
    template: str
    number: int
    hash: str
    text: str
    partials: Mapping[str, str]
    note: str
    origin: PromptOrigin
    created_by: str
    created_at: Instant


class LabelMove(Frozen):
    """A label goes from one version to another; `version` None takes it away. `community` None
    means everybody who has nothing of their own."""

    id: str
    template: str
    community: str | None
    label: PromptLabel
    version: int | None
    previous: int | None
    kind: MoveKind
    reason: str
    by: str
    at: Instant


class PromptSplit(Frozen):
    """From now on this share of the cases gets the candidate."""

    id: str
    template: str
    community: str | None
    percent: int = Field(ge=0, le=MOST_PERCENT)
    reason: str
    by: str
    at: Instant


class PromptState(Frozen):
    """What holds for a template in a community (or for everybody else).

    `unfit` says that production's text does not fit this release, so the shipped text is used.
    """

    template: str
    lang: Lang
    kind: str
    description: str
    community: str | None
    production: int
    own_production: bool
    candidate: int | None
    percent: int
    shipped: int
    newest: int
    unfit: bool


class PromptFigures(Frozen):
    """What people decided about texts a model wrote from one version; `edited` were sent too."""

    version: int
    drafts: int
    accepted: int
    edited: int
    rejected: int

    @property
    def decided(self) -> int:
        """How many drafts were decided."""
        return self.accepted + self.edited + self.rejected


class Standing(NamedTuple):
    """Where every label and split stands: newest of each template and community."""

    labels: Mapping[tuple[str, str | None, PromptLabel], int]
    splits: Mapping[tuple[str, str | None], int]

    @classmethod
    def of(cls, moves: Iterable[LabelMove], splits: Iterable[PromptSplit]) -> Standing:
        """From the whole history, oldest first."""
        labels: dict[tuple[str, str | None, PromptLabel], int] = {}
        for move in moves:
            key = move.template, move.community, move.label
            labels.pop(key, None)
            if move.version is not None:
                labels[key] = move.version
        return cls(labels, {(one.template, one.community): one.percent for one in splits})

    def version(self, template: str, community: str | None, label: PromptLabel) -> int | None:
        """The version a label stands on: the community's own, else everybody's."""
        own = self.labels.get((template, community, label))
        return own if own is not None else self.labels.get((template, None, label))

    def percent(self, template: str, community: str | None) -> int:
        """The candidate's share. A community with a production version of its own takes no part in
        a split for everybody."""
        own = self.splits.get((template, community))
        if own is not None:
            return own
        if (template, community, PromptLabel.PRODUCTION) in self.labels and community is not None:
            return 0
        return self.splits.get((template, None), 0)

    def choose(self, template: str, community: str | None, case: str | None) -> int | None:
        """The version to use; without a case production's. None: nothing was ever recorded."""
        candidate = self.version(template, community, PromptLabel.CANDIDATE)
        share = self.percent(template, community)
        if case is not None and candidate is not None and takes_part(template, case, share):
            return candidate
        return self.version(template, community, PromptLabel.PRODUCTION)


def takes_part(template: str, case: str, percent: int) -> bool:
    """Whether a case is among the share that gets the candidate.

    A hash of template and case, so that redrafts stay on their side, and a larger share only adds
    cases to a smaller one.
    """
    digest = hashlib.sha256(f"{template}\0{case}".encode()).digest()
    return int.from_bytes(digest[:8]) * 100 < percent * 2**64


def standing_moves(moves: Iterable[LabelMove]) -> tuple[LabelMove, ...]:
    """The moves of one label of one template and community that were not rolled back, oldest
    first; `moves` are all of them."""
    standing: list[LabelMove] = []
    for move in moves:
        if move.kind is MoveKind.ROLLED_BACK:
            standing.pop()
        elif move.kind is not MoveKind.KEPT:
            standing.append(move)
    return tuple(standing)


def before_last(moves: Sequence[LabelMove]) -> int | None:
    """Where a label stood before the last move that still stands; None: nowhere.

    Raises:
        Conflict: there is no move to take back.
    """
    standing = standing_moves(moves)
    earlier = standing[-2].version if len(standing) > 1 else None
    if not standing or (earlier is None and _indispensable(standing[-1])):
        raise Conflict("There is nothing to roll back to.")
    return earlier


def _indispensable(move: LabelMove) -> bool:
    return move.community is None and move.label is PromptLabel.PRODUCTION

"""What people set on a case. A human decision outranks every later model output."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field, field_validator

from service.domain.base import Frozen, Instant
from service.domain.taxonomy import Department

MOST_CATEGORIES = 4
LONGEST_REASON = 1000


class Change(Frozen):
    """What a person sets; None leaves a field to the engine. No categories at all means: none of
    these."""

    categories: tuple[Annotated[str, Field(min_length=1, max_length=64)], ...] | None = Field(
        None, max_length=MOST_CATEGORIES, description="Leading one first; [] for none of these."
    )
    severity: int | None = Field(None, ge=0, le=4, description="0 none to 4 critical.")
    sentiment: Annotated[str, Field(pattern="^(negative|neutral|positive)$")] | None = None
    department: Department | None = None

    @field_validator("categories")
    @classmethod
    def _once_each(cls, given: tuple[str, ...] | None) -> tuple[str, ...] | None:
        return None if given is None else tuple(dict.fromkeys(given))

    @property
    def fields(self) -> tuple[str, ...]:
        """Names of what is set."""
        return tuple(name for name, value in self if value is not None)

    def over(self, earlier: Change) -> Change:
        """Both together; where both set a field, this one counts."""
        mine = {name: value for name, value in self if value is not None}
        return earlier.model_copy(update=mine)


class Override(Frozen):
    """One correction: who set what on which messages, when and why. Append-only.

    `before` is what stood there; `seen_floors` counts the severity findings of each kind that the
    person had before them, so that only later ones raise what they set.
    """

    id: str
    case_id: str
    community: str
    case_size: int
    change: Change
    before: Change
    seen_floors: Mapping[str, int]
    by: str
    reason: str = ""
    created_at: Instant


class Standing(Frozen):
    """What people decided of a case, as it stands with one of its triages.

    `change` joins all overrides so far. `engine` is what the engine said of the same messages.
    `moved_on`: the case grew since, and the engine now says otherwise or found new danger.
    """

    override_id: str
    change: Change
    seen_floors: Mapping[str, int]
    by: str
    reason: str
    at: Instant
    case_size: int
    engine: Change
    moved_on: bool = False

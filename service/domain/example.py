"""Labelled examples people gave, and what became of them."""

from __future__ import annotations

from enum import StrEnum

from service.domain.base import Frozen, Instant, Lang
from service.errors import IllegalTransition

LONGEST = 1000
"""Characters of an example; longer texts teach a head little but their length."""


class ExampleStatus(StrEnum):
    """`held`: accepted by a person, but the refit made a slice worse than the stated bound."""

    PROPOSED = "proposed"
    HELD = "held"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETIRED = "retired"


class ExampleOrigin(StrEnum):
    """Where an example comes from."""

    OVERRIDE = "override"
    ADDED = "added"


class Example(Frozen):
    """A redacted text with the category a person gave it. `community` None: for every community.

    Its `refit` is the comparison it was adopted or held by.
    """

    id: str
    community: str | None
    text: str
    category: str
    lang: Lang
    status: ExampleStatus
    origin: ExampleOrigin
    case_id: str | None = None
    override_id: str | None = None
    refit_id: str | None = None
    content_hash: str
    proposed_by: str
    decided_by: str | None = None
    reason: str = ""
    created_at: Instant
    decided_at: Instant | None = None

    def decided(self, to: ExampleStatus, by: str, at: Instant, reason: str = "") -> Example:
        """The example after a person's decision.

        Raises:
            IllegalTransition: there is no such step from where it stands.
        """
        if to not in _STEPS[self.status]:
            raise IllegalTransition(
                f"A {self.status.value} example cannot become {to.value}.", status=self.status.value
            )
        return self.model_copy(
            update={"status": to, "decided_by": by, "decided_at": at, "reason": reason}
        )


_STEPS: dict[ExampleStatus, frozenset[ExampleStatus]] = {
    ExampleStatus.PROPOSED: frozenset(
        {ExampleStatus.ACCEPTED, ExampleStatus.HELD, ExampleStatus.REJECTED}
    ),
    ExampleStatus.HELD: frozenset({ExampleStatus.ACCEPTED, ExampleStatus.REJECTED}),
    ExampleStatus.ACCEPTED: frozenset({ExampleStatus.RETIRED}),
    ExampleStatus.REJECTED: frozenset(),
    ExampleStatus.RETIRED: frozenset(),
}

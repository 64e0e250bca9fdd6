"""Terms a community watches for, beside the phrase bank the product ships."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import Field, model_validator

from service.domain.base import Frozen, Instant
from service.errors import IllegalTransition

LONGEST_TERM = 200
MOST_TERMS = 20_000
"""Active terms of one community, or of those every community shares."""


class TermKind(StrEnum):
    """What a term is a sign of."""

    SEVERITY = "severity"
    SPAM = "spam"
    INJECTION = "injection"


class TermStatus(StrEnum):
    """Whether a term is matched."""

    ACTIVE = "active"
    RETIRED = "retired"


class TermDraft(Frozen):
    """A phrase and what it means. Parts are joined by " ~ " (a few characters of the same sentence
    may stand between them), "|" separates alternatives of a part.

    A term can raise a severity and demand a category; nothing it says can lower one.
    """

    phrase: Annotated[str, Field(min_length=1, max_length=LONGEST_TERM)]
    kind: TermKind = TermKind.SEVERITY
    code: Annotated[str, Field(pattern="^[a-z][a-z_]{0,39}$")] = "managed"
    floor: int | None = Field(None, ge=1, le=4, description="Least severity; severity terms only.")
    category: Annotated[str, Field(min_length=1, max_length=64)] | None = None

    @model_validator(mode="after")
    def _floor_fits(self) -> TermDraft:
        if (self.floor is not None) != (self.kind is TermKind.SEVERITY):
            raise ValueError("a severity term names its floor, any other has none")
        return self


class BankTerm(Frozen):
    """A term of one community, or of every one (`community` None)."""

    id: str
    community: str | None
    phrase: str
    kind: TermKind
    code: str
    floor: int | None
    category: str | None
    status: TermStatus = TermStatus.ACTIVE
    created_by: str
    created_at: Instant
    retired_by: str | None = None
    retired_at: Instant | None = None
    reason: str = ""

    def retired(self, by: str, at: Instant, reason: str) -> BankTerm:
        """The term out of use.

        Raises:
            IllegalTransition: it is retired already.
        """
        if self.status is TermStatus.RETIRED:
            raise IllegalTransition("This term is retired already.", status=self.status.value)
        change = {"status": TermStatus.RETIRED, "retired_by": by, "retired_at": at}
        return self.model_copy(update=change | {"reason": reason})


def draft_of(term: BankTerm) -> TermDraft:
    """What a term says, without who said it."""
    return TermDraft.model_validate({name: getattr(term, name) for name in TermDraft.model_fields})

"""Test cases that grow from what people set, edited and refused."""

from __future__ import annotations

import json
from collections.abc import Iterable
from enum import StrEnum
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, model_validator

from service.domain.base import Frozen, Instant, Lang
from service.domain.draft import RefusalKind
from service.domain.triage import Sentiment
from service.errors import IllegalTransition

LONGEST_TEXT = 4000
"""Characters of a case; what is longer is several matters, and no test of one."""

LONGEST_REASON = 1000

MOST_PHRASES = 8
"""Clauses or wordings one case may name."""

Name = Annotated[str, StringConstraints(min_length=1, max_length=120, strip_whitespace=True)]
Phrase = Annotated[str, StringConstraints(min_length=2, max_length=200, strip_whitespace=True)]
Names = Annotated[tuple[Name, ...], Field(max_length=MOST_PHRASES)]
Phrases = Annotated[tuple[Phrase, ...], Field(max_length=MOST_PHRASES)]


class SampleTask(StrEnum):
    """What a case tests; named as the evaluation suite names its tasks."""

    TRIAGE = "triage"
    DRAFT = "draft"
    RETRIEVAL = "retrieval"

    @property
    def file(self) -> str:
        """Name of the file the suite keeps such cases in."""
        return "drafts.jsonl" if self is SampleTask.DRAFT else f"{self.value}.jsonl"


ABOUT_RULES = (SampleTask.RETRIEVAL, SampleTask.DRAFT)
"""Tasks whose answers rest on the rules."""


class SampleStatus(StrEnum):
    """Only `accepted` ones are exported."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"
    RETIRED = "retired"


class SampleOrigin(StrEnum):
    """How a case came to be proposed; all but `person` are suggested by the service itself."""

    PERSON = "person"
    OVERRIDE = "override"
    """A person corrected the triage."""
    EDITED = "edited"
    """A reviewer changed much of a draft."""
    REJECTED = "rejected"
    """A reviewer refused a draft for what it says."""


class TriageWanted(Frozen):
    """What triage must say of the text; the first category leads."""

    task: Literal["triage"] = "triage"
    categories: Annotated[tuple[Name, ...], Field(max_length=2)] = ()
    sentiment: Sentiment | None = None
    min_severity: int | None = Field(None, ge=1, le=4, description="Least severity, 1 to 4.")
    abstain: bool = Field(False, description="No category fits, and none may be given.")

    @model_validator(mode="after")
    def _wants_something(self) -> TriageWanted:
        if not self.categories and self.min_severity is None and not self.abstain:
            raise ValueError("expect a category, a severity or an abstention")
        if self.categories and self.abstain:
            raise ValueError("expect a category or an abstention, not both")
        return self

    def golden(self) -> dict[str, Any]:
        """`expect` of a golden case."""
        found: dict[str, Any] = {"categories": list(self.categories)}
        if self.sentiment is not None:
            found["sentiment"] = self.sentiment.value
        if self.min_severity is not None:
            found["min_severity"] = self.min_severity
        return found | ({"abstain": True} if self.abstain else {})


class DraftWanted(Frozen):
    """What a reply must be: cite one of `cite`, or refuse; hold all of `must_say` and nothing of
    `must_not_say`."""

    task: Literal["draft"] = "draft"
    cite: Names = ()
    refusal: RefusalKind | None = None
    must_say: Phrases = ()
    must_not_say: Phrases = ()
    reply_lang: Lang

    @model_validator(mode="after")
    def _wants_something(self) -> DraftWanted:
        if not (self.cite or self.refusal or self.must_say or self.must_not_say):
            raise ValueError("expect a clause to cite, a refusal or a wording")
        return self

    def golden(self) -> dict[str, Any]:
        """`expect` of a golden case."""
        found: dict[str, Any] = {
            "cite": list(self.cite),
            "refusal": self.refusal.value if self.refusal else None,
            "reply_lang": self.reply_lang.value,
            "must_not_say": list(self.must_not_say),
        }
        return found | ({"must_say": list(self.must_say)} if self.must_say else {})


class RetrievalWanted(Frozen):
    """The clauses of which any answers the question, or that none does."""

    task: Literal["retrieval"] = "retrieval"
    clauses: Names = ()
    no_answer: bool = False

    @model_validator(mode="after")
    def _either(self) -> RetrievalWanted:
        if bool(self.clauses) == self.no_answer:
            raise ValueError("expect clauses, or that none answers: one of the two")
        return self

    def golden(self) -> dict[str, Any]:
        """`expect` of a golden case."""
        return {"none": True} if self.no_answer else {"clauses": list(self.clauses)}


Wanted = Annotated[
    TriageWanted | DraftWanted | RetrievalWanted,
    Field(discriminator="task"),
]


class Sample(Frozen):
    """A proposed or accepted test case; `text` is redacted. `category` is what the draft was
    written for. `proposed_by` is the person whose work it comes from, also where the service
    suggested it; `review_task` the task it was seen on."""

    id: str
    community: str
    status: SampleStatus
    origin: SampleOrigin
    lang: Lang
    text: str = Field(min_length=1, max_length=LONGEST_TEXT)
    category: str | None = None
    wanted: Wanted
    case_id: str
    review_task: str | None = None
    proposed_by: str
    decided_by: str | None = None
    note: str = ""
    """Why it was rejected or retired."""
    created_at: Instant
    decided_at: Instant | None = None

    @property
    def task(self) -> SampleTask:
        """What it tests."""
        return SampleTask(self.wanted.task)

    def decided(self, to: SampleStatus, by: str, at: Instant, note: str = "") -> Sample:
        """The sample after a person's decision.

        Raises:
            IllegalTransition: there is no such step from where it stands.
        """
        if to not in _STEPS[self.status]:
            raise IllegalTransition(
                f"This case is {self.status.value} and cannot become {to.value}.",
                status=self.status.value,
            )
        return self.model_copy(
            update={"status": to, "decided_by": by, "decided_at": at, "note": note}
        )


def golden_line(sample: Sample) -> str:
    """The sample as a line of the evaluation suite's data sets."""
    line = json.dumps(_golden_row(sample), ensure_ascii=False)
    return line.translate(_LINE_ENDS) + "\n"


def golden_files(samples: Iterable[Sample]) -> dict[str, str]:
    """File name to lines, as the suite takes a folder of them; tasks without a case have none."""
    found: dict[str, str] = {}
    for one in samples:
        found[one.task.file] = found.get(one.task.file, "") + golden_line(one)
    return found


def _golden_row(sample: Sample) -> dict[str, Any]:
    asked = "query" if sample.task is SampleTask.RETRIEVAL else "text"
    row: dict[str, Any] = {"id": sample.id, "lang": sample.lang.value}
    if sample.task is SampleTask.DRAFT:
        row["category"] = sample.category
    return row | {asked: sample.text, "expect": sample.wanted.golden()}


_LINE_ENDS = {0x85: "\\u0085", 0x2028: "\\u2028", 0x2029: "\\u2029"}
"""Characters that readers of lines take for an end and JSON does not."""

_STEPS: dict[SampleStatus, frozenset[SampleStatus]] = {
    SampleStatus.PROPOSED: frozenset({SampleStatus.ACCEPTED, SampleStatus.REJECTED}),
    SampleStatus.ACCEPTED: frozenset({SampleStatus.RETIRED}),
    SampleStatus.REJECTED: frozenset(),
    SampleStatus.RETIRED: frozenset(),
}

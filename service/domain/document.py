"""Rule, FAQ and fact documents under version."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from retrieval.types import DocumentKind
from service.domain.base import Frozen, Instant


class DocumentStatus(StrEnum):
    """Only live versions ground replies; a staged one waits for its comparison."""

    STAGED = "staged"
    LIVE = "live"
    SUPERSEDED = "superseded"
    RETIRED = "retired"
    DISCARDED = "discarded"


class Document(Frozen):
    """One version of a document; `slug` is the same through all versions."""

    id: str
    community: str
    slug: str
    version: int
    title: str
    kind: DocumentKind
    lang: str
    status: DocumentStatus
    filename: str
    content_hash: str
    clause_count: int
    created_at: Instant
    created_by: str


class Ground(StrEnum):
    """Why a change of rules does or does not wait for a comparison."""

    SETTING = "setting"
    GOLDEN = "golden"
    CASES = "cases"
    FEW = "few"


_SAID = {
    ("required", Ground.SETTING): "the settings require a passing comparison",
    ("off", Ground.SETTING): "the settings ask for no comparison",
    (
        "required",
        Ground.GOLDEN,
    ): "the golden cases are about these rules, so a comparison must pass",
    ("required", Ground.CASES): "{cases} test cases of the community are about these rules, so a "
    "comparison must pass",
    (
        "advised",
        Ground.FEW,
    ): "only {cases} test cases are about these rules, too few to compare by, "
    "so a change goes live at once and is noted as not compared",
}


class RulesPolicy(Frozen):
    """What holds for a change of a community's rules: `required`, `advised` or `off`, and why."""

    policy: str
    ground: Ground
    cases: int = Field(description="Test cases of the community that name a clause it has.")

    @property
    def sentence(self) -> str:
        """The same in words."""
        said = _SAID.get((self.policy, self.ground), "the settings decide")
        return said.format(cases=self.cases)

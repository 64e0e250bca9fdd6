"""What engines are built from: the shipped parts, and what stands in the place of one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from pydantic import Field

from evals.sample_rules import clauses_at
from prompts.library import Picked
from prompts.loader import Prompts, load_prompts
from prompts.template import PromptTemplate
from service.domain.bank import BankTerm
from service.domain.base import Frozen
from service.triage.bank import FILES
from service.triage.bank_terms import terms_stamp
from service.triage.taxonomy import DEFAULT_FILE, load_taxonomy


class ThresholdSet(Frozen):
    """Limits people may set; None leaves the calibrated or configured one."""

    label_confidence: float | None = Field(
        None, ge=0, le=1, description="From it on a category is given."
    )
    rule_confidence: float | None = Field(
        None, ge=0, le=1, description="Under it no rule is found."
    )
    supported: float | None = Field(None, ge=0, le=1, description="From it on a claim is.")
    unsupported: float | None = Field(None, ge=0, le=1, description="Under it a claim is.")

    @property
    def given(self) -> dict[str, float]:
        """Those that are set."""
        return self.model_dump(exclude_none=True)


@dataclass(frozen=True)
class State:
    """What stands in the place of what is shipped; left out: as shipped.

    `terms` are active bank terms beside the files, `rules` a folder with the whole set of rule
    documents.
    """

    prompts: Mapping[str, PromptTemplate] = field(default_factory=dict)
    taxonomy: Path = DEFAULT_FILE
    bank_files: tuple[Path, ...] = FILES
    terms: tuple[BankTerm, ...] = ()
    thresholds: ThresholdSet = field(default_factory=ThresholdSet)
    rules: Path | None = None

    @cached_property
    def library(self) -> Library:
        """The prompts, with the shipped ones behind them."""
        return Library(load_prompts(), self.prompts)

    def taxonomy_version(self) -> str:
        """Hash of the categories.

        Raises:
            TaxonomyError: the file cannot be used.
        """
        return load_taxonomy(self.taxonomy).version

    def bank_version(self) -> str:
        """Hash of the bank files and terms."""
        files = sorted((path.name, path.read_bytes()) for path in self.bank_files)
        digest = hashlib.sha256(b"\0".join(name.encode() + b"\0" + data for name, data in files))
        digest.update(terms_stamp(self.terms).encode())
        return digest.hexdigest()[:12]

    def rules_version(self) -> str:
        """Hash of the clauses."""
        from retrieval.corpus import corpus_version

        return corpus_version(clauses_at(self.rules))

    def thresholds_version(self) -> str:
        """Hash of the limits that are set."""
        return hashlib.sha256(json.dumps(self.thresholds.given).encode()).hexdigest()[:12]


class Library:
    """Implements `prompts.library.Library`: the given texts in the place of the shipped ones."""

    def __init__(self, shipped: Prompts, given: Mapping[str, PromptTemplate]) -> None:
        self._shipped, self._given = shipped, given

    def templates(self) -> dict[str, PromptTemplate]:
        """All that are used, by id."""
        return {one.id: one for one in self._shipped} | dict(self._given)

    def pick(
        self,
        template_id: str,
        community: str | None = None,
        case: str | None = None,
    ) -> Picked:
        """See the protocol: the same for every community and case."""
        if template_id not in self._given:
            return self._shipped.pick(template_id, community, case)
        template = self._given[template_id]
        return Picked(template, template.version)

    def known(self, template_id: str, digest: str) -> PromptTemplate | None:
        """See the protocol."""
        given = self._given.get(template_id)
        found = given is not None and given.hash == digest
        return given if found else self._shipped.known(template_id, digest)

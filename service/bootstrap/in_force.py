"""Taxonomies and limits: what files and settings say, and what a stored content means."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from retrieval.config import RetrieverConfig
from service.domain.evaluation import Part, SubjectKind
from service.domain.report import LONGEST_TAXONOMY
from service.domain.taxonomy import Taxonomy
from service.errors import ConfigurationError, InvalidInput
from service.settings import Settings
from service.triage.errors import TaxonomyError
from service.triage.taxonomy import DEFAULT_FILE, SHIPPED, parse_taxonomy


class Limits(BaseModel):
    """Limits an operator sets; the suite knows them by these names. A new one needs a default: what
    was stored before does not name it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    rule_confidence: float = Field(ge=0, le=1)


class PartFiles:
    """See `service.ports.evaluations.PartSource`.

    Args:
        settings: those of this process.
    """

    def __init__(self, settings: Callable[[], Settings]) -> None:
        self._settings = settings

    def configured(self) -> tuple[Part, ...]:
        """See the port."""
        settings = self._settings()
        own = settings.taxonomy_file
        return _file(own.expanduser() if own else DEFAULT_FILE), _limits(_given(settings.retriever))

    def shipped(self, kind: SubjectKind) -> Part:
        """See the port."""
        if kind is SubjectKind.THRESHOLDS:
            return _limits(_given(RetrieverConfig()))
        part = _file(DEFAULT_FILE)
        if part.problem:
            raise ConfigurationError(part.problem)
        return part

    def read(self, kind: SubjectKind, content: str) -> Part:
        """See the port."""
        if kind is SubjectKind.TAXONOMY:
            try:
                return _taxonomy(content, DEFAULT_FILE)
            except TaxonomyError as error:
                raise InvalidInput(error.message, entry=error.details["entry"]) from error
        if kind is SubjectKind.THRESHOLDS:
            return _limits(limits_of(content))
        raise InvalidInput("Nothing of this kind is taken from files or settings.")


class InUse(NamedTuple):
    """What a process works with."""

    taxonomy: Taxonomy
    limits: Limits

    @classmethod
    def of(cls, parts: Sequence[Part]) -> InUse:
        """From one part of each kind, read before."""
        content = {part.kind: part.content for part in parts}
        taxonomy = _parsed(content[SubjectKind.TAXONOMY], DEFAULT_FILE)
        return cls(taxonomy, limits_of(content[SubjectKind.THRESHOLDS]))


def limits_of(content: str) -> Limits:
    """Limits from their JSON.

    Raises:
        InvalidInput: they cannot be used.
    """
    try:
        return Limits.model_validate_json(content)
    except ValidationError as error:
        raise InvalidInput(
            'Give the thresholds as JSON, such as {"rule_confidence": 0.6}.'
        ) from error


def _file(path: Path) -> Part:
    try:
        with path.open(encoding="utf-8") as file:
            return _taxonomy(file.read(LONGEST_TAXONOMY + 1), path)
    except (OSError, ValueError):
        problem = f"The taxonomy file {path} cannot be read."
    except TaxonomyError as error:
        problem = f"The taxonomy file {path} cannot be used: {error.message}."
    return Part(kind=SubjectKind.TAXONOMY, problem=problem)


def _taxonomy(content: str, path: Path) -> Part:
    if len(content) > LONGEST_TAXONOMY:
        raise TaxonomyError(path, "file", f"is longer than {LONGEST_TAXONOMY} characters")
    text = content.encode("utf-8", "replace").decode("utf-8")
    version = _parsed(text, path).version
    return Part(kind=SubjectKind.TAXONOMY, hash=version, content=text, shipped=version == SHIPPED)


@lru_cache(maxsize=4)
def _parsed(text: str, path: Path) -> Taxonomy:
    """Reading takes some 20 ms, and the same few texts are looked at again and again."""
    return parse_taxonomy(text, path)


def _given(config: RetrieverConfig) -> Limits:
    return Limits(rule_confidence=config.min_confidence)


def _limits(given: Limits) -> Part:
    content = json.dumps(given.model_dump(), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    shipped = given == _given(RetrieverConfig())
    return Part(kind=SubjectKind.THRESHOLDS, hash=digest, content=content, shipped=shipped)

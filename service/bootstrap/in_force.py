"""What is in force from files and settings, as the gate compares it."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from service.domain.evaluation import InForce, SubjectKind
from service.errors import ConfigurationError, InvalidInput
from service.settings import Settings
from service.triage.taxonomy import DEFAULT_FILE, load_taxonomy


class _Thresholds(BaseModel):
    """Limits an operator sets; the suite knows them by these names."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    rule_confidence: float = Field(ge=0, le=1)


def parts_in_force(settings: Settings) -> tuple[InForce, ...]:
    """The taxonomy file and the limits of this process.

    Raises:
        ConfigurationError: the taxonomy cannot be used.
    """
    limits = _Thresholds(rule_confidence=settings.retriever.min_confidence)
    taxonomy = InForce(
        kind=SubjectKind.TAXONOMY,
        hash=load_taxonomy().version,
        content=DEFAULT_FILE.read_text(encoding="utf-8"),
    )
    return taxonomy, _limits(limits)


def read_part(kind: SubjectKind, content: str) -> InForce:
    """A content that somebody wants to put in force.

    Raises:
        InvalidInput: it cannot be used; says why.
    """
    if kind is SubjectKind.TAXONOMY:
        return _taxonomy(content)
    if kind is SubjectKind.THRESHOLDS:
        try:
            return _limits(_Thresholds.model_validate_json(content))
        except ValidationError as error:
            raise InvalidInput(
                'Give the thresholds as JSON, such as {"rule_confidence": 0.6}.'
            ) from error
    raise InvalidInput("Nothing of this kind is taken from files or settings.")


def _taxonomy(content: str) -> InForce:
    with tempfile.TemporaryDirectory(prefix="huiyin-taxonomy-") as name:
        file = Path(name) / "taxonomy.toml"
        file.write_text(content, encoding="utf-8", errors="replace")
        try:
            version = load_taxonomy(file).version
        except ConfigurationError as error:
            raise InvalidInput(error.message, **error.details) from error
    return InForce(kind=SubjectKind.TAXONOMY, hash=version, content=content)


def _limits(given: _Thresholds) -> InForce:
    content = json.dumps(given.model_dump(), sort_keys=True)
    digest = hashlib.sha256(content.encode()).hexdigest()[:12]
    return InForce(kind=SubjectKind.THRESHOLDS, hash=digest, content=content)

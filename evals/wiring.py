"""The production engines over the sample community, built when first asked for."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from evals.record import Record
from evals.tariff import Tariff
from retrieval.types import Retrieval
from service.domain.community import Community
from service.ports.engines import Drafter, Redactor, ThemeFinder, Triager
from service.ports.models import ChatModel


class Rules(Protocol):
    """Search over the live clauses of the sample community."""

    @property
    def titles(self) -> Mapping[str, str]:
        """Document id to title."""
        ...

    def search(self, text: str) -> Retrieval:
        """Clauses for a redacted text. Blocking."""
        ...

    def versions(self) -> dict[str, str]:
        """Corpus version and embedder fingerprint."""
        ...


class Engines(Protocol):
    """What tasks evaluate. Reading a property may load a model."""

    @property
    def triager(self) -> Triager: ...
    @property
    def themes(self) -> ThemeFinder: ...
    @property
    def redactor(self) -> Redactor: ...
    @property
    def rules(self) -> Rules: ...
    @property
    def drafter(self) -> Drafter: ...
    @property
    def chat(self) -> ChatModel | None: ...
    @property
    def community(self) -> Community: ...
    @property
    def settings(self) -> dict[str, str]:
        """What was configured, without secrets."""
        ...

    @property
    def tariff(self) -> Tariff:
        """What the model's answers cost."""
        ...

    def record(self) -> Record:
        """Versions of everything the engines are built from; loads no model."""
        ...

    def now(self) -> datetime:
        """The moment all cases are judged at; fixed, so that runs can be repeated."""
        ...

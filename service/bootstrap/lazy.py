"""Heavy parts, built on first use in the thread that needs them.

Flows call engines and stores from worker threads; building there keeps the event loop free while
a model loads.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from threading import Lock
from typing import Generic, TypeVar

from retrieval.ports import VectorIndex, VectorStore
from retrieval.types import EmbedderInfo, FloatMatrix
from service.domain.duplicates import Likeness
from service.domain.refit import Comparison
from service.domain.taxonomy import LabelledExample, Taxonomy
from service.domain.triage import DuplicateOf
from service.ports.engines import (
    Candidate,
    Clustering,
    HeadComparer,
    Judged,
    Placed,
    Side,
    ThemeFinder,
    ThemeFrame,
    Triager,
)

T = TypeVar("T")


class Lazy(Generic[T]):
    """Builds once, whichever thread comes first; a failed build is tried again next time."""

    def __init__(self, build: Callable[[], T]) -> None:
        self._build, self._lock = build, Lock()
        self._built: T | None = None

    @property
    def built(self) -> T | None:
        """The part, if it was needed so far."""
        return self._built

    def get(self) -> T:
        """The part."""
        with self._lock:
            if self._built is None:
                self._built = self._build()
            return self._built


class LazyTriager:
    """A Triager whose heads are trained or loaded at the first judgement."""

    def __init__(self, taxonomy: Callable[[], Taxonomy], build: Callable[[], Triager]) -> None:
        self._taxonomy, self._part = Lazy(taxonomy), Lazy(build)

    @property
    def taxonomy(self) -> Taxonomy:
        """The categories, without building the engine."""
        return self._taxonomy.get()

    @property
    def prepared(self) -> bool:
        """Whether the engine is built."""
        return self._part.built is not None

    def prepare(self) -> None:
        """Build the engine now, in this thread."""
        self._part.get()

    def judge(self, texts: Sequence[str], at: Sequence[datetime]) -> tuple[Judged, ...]:
        """See `Triager.judge`."""
        return self._part.get().judge(texts, at)

    def duplicate(self, redacted: str, candidates: Sequence[Candidate]) -> DuplicateOf | None:
        """See `Triager.duplicate`."""
        return self._part.get().duplicate(redacted, candidates)

    def likeness(self, one: Side, others: Sequence[Side]) -> tuple[Likeness | None, ...]:
        """See `Triager.likeness`."""
        return self._part.get().likeness(one, others)


class LazyComparer:
    """A HeadComparer built at the first comparison."""

    def __init__(self, build: Callable[[], HeadComparer]) -> None:
        self._part = Lazy(build)

    def compare(
        self, before: Sequence[LabelledExample], after: Sequence[LabelledExample]
    ) -> Comparison:
        """See `HeadComparer.compare`."""
        return self._part.get().compare(before, after)


class LazyThemeFinder:
    """A ThemeFinder built at the first clustering."""

    def __init__(self, build: Callable[[], ThemeFinder]) -> None:
        self._part = Lazy(build)

    def cluster(self, texts: Sequence[str], vectors: FloatMatrix) -> Clustering:
        """See `ThemeFinder.cluster`."""
        return self._part.get().cluster(texts, vectors)

    def place(
        self, frame: ThemeFrame, texts: Sequence[str], vectors: FloatMatrix
    ) -> tuple[Placed | None, ...]:
        """See `ThemeFinder.place`."""
        return self._part.get().place(frame, texts, vectors)


class LazyVectorStore:
    """A VectorStore opened, and its lock taken, at the first collection."""

    def __init__(self, build: Callable[[], VectorStore]) -> None:
        self._part = Lazy(build)

    def collection(self, name: str, info: EmbedderInfo) -> VectorIndex:
        """See `VectorStore.collection`."""
        return self._part.get().collection(name, info)

    def drop(self, name: str) -> None:
        """See `VectorStore.drop`."""
        self._part.get().drop(name)

    def close(self) -> None:
        """Close what was opened."""
        if self._part.built is not None:
            self._part.built.close()

"""What each sentence of a draft rests on."""

from __future__ import annotations

from enum import StrEnum

from service.domain.base import Frozen, Probability


class SupportKind(StrEnum):
    """`courtesy` stands for everything that claims nothing: thanks, questions, opinions, next
    steps. `uncertain` is for a person to look at."""

    SUPPORTED = "supported"
    UNCERTAIN = "uncertain"
    UNSUPPORTED = "unsupported"
    COURTESY = "courtesy"


class Conflict(StrEnum):
    """What speaks against a claim beside its nearest source."""

    NONE = ""
    NUMBER = "number"
    POLARITY = "polarity"
    SCOPE = "scope"
    EXCEPTION = "exception"
    MODEL = "model"
    """A model read both and denied it."""
    PROMISE = "promise"
    """It undertakes something in the desk's name."""


class SentenceSupport(Frozen):
    """One sentence by its place in the text, in characters.

    `source` is the nearest clause's id, `fact:<id>`, `brief` or `instruction`; None where nothing
    was compared. `score` is the calibrated chance that the sources say it (1 for their own words).
    """

    start: int
    end: int
    kind: SupportKind
    source: str | None = None
    score: Probability = 1.0
    conflict: Conflict = Conflict.NONE


class SupportLedger(Frozen):
    """Every sentence of a text once, in order; `engine` names the measure that judged."""

    sentences: tuple[SentenceSupport, ...] = ()
    engine: str = ""

    def of_kind(self, kind: SupportKind) -> tuple[SentenceSupport, ...]:
        """The sentences of one kind."""
        return tuple(one for one in self.sentences if one.kind is kind)

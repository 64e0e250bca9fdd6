"""What LLM judges said of a run's answers, kept beside the answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pydantic import Field, model_validator

from service.domain.base import Frozen, Lang
from service.domain.labelling import Scale
from service.quality.bar import passes

PREFIX = "judge_"
"""Begins the name of a judge's measure; the rubric follows."""

AWAY = "judge away: "
"""Begins the reason where the harness could not ask the judge."""

NO_VALUE = "the judge gave no value"


class JudgeWord(Frozen):
    """A judge's word on one text: a value of the rubric's scale, none, or why it was not asked.

    `digest` is of what was shown, so that a changed text is asked about again.
    """

    id: str
    digest: str
    value: int | None = None
    failure: str | None = None
    reason: str = ""

    @model_validator(mode="after")
    def _not_both(self) -> JudgeWord:
        if self.value is not None and self.failure is not None:
            raise ValueError("a word holds a value or a failure, not both")
        return self


class JudgeWords(Frozen):
    """One judge's words in one language: who it is, and what it says of the run's answers and of
    texts whose value is known."""

    judge: str = Field(description="Rubric, prompt and model, as labels name the judge.")
    rubric: str
    rubric_version: int
    rubric_hash: str
    scale: Scale
    prompt_hash: str
    model: str
    lang: Lang
    words: tuple[JudgeWord, ...] = ()
    golden: tuple[JudgeWord, ...] = ()

    @property
    def metric(self) -> str:
        """The measure these words give."""
        return f"{PREFIX}{self.rubric}"

    def passed(self, word: JudgeWord) -> bool | None:
        """Whether the text passes; None where nothing was said."""
        return None if word.value is None else passes(word.value, self.scale)

    def lost(self) -> int:
        """Texts the harness could not ask about."""
        return sum(word.failure is not None for word in (*self.words, *self.golden))


def unsaid(word: JudgeWord) -> str:
    """Why there is no value."""
    return f"{AWAY}{word.failure}" if word.failure else NO_VALUE


def same_judge(one: Iterable[JudgeWords], other: Iterable[JudgeWords]) -> set[tuple[str, Lang]]:
    """Measure and language where both were judged by the same judge."""
    before, after = ({(w.metric, w.lang): w.judge for w in words} for words in (one, other))
    return {key for key, judge in before.items() if after.get(key) == judge}


def merged(known: Iterable[JudgeWords], new: Iterable[JudgeWords]) -> tuple[JudgeWords, ...]:
    """All, the new in the place of those of the same rubric and language."""
    table = {(words.rubric, words.lang): words for words in (*known, *new)}
    return tuple(table.values())


def flat(judged: Iterable[JudgeWords]) -> Iterator[tuple[JudgeWords, JudgeWord]]:
    """Every word on an answer, with whose it is."""
    for words in judged:
        for word in words.words:
            yield words, word

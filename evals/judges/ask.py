"""Asks judges about a run's answers and about texts whose value is known."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from evals.asking import AskedChat
from evals.judged import JudgeWord, JudgeWords
from evals.judges.chat import OneText
from evals.judges.golden import GoldenText
from evals.judges.material import digest
from evals.model import EvalRun
from evals.run import Progress
from prompts.library import Library
from service.domain.base import Lang
from service.domain.labelling import Material, Rubric
from service.quality.judge import Judge


@dataclass(frozen=True, slots=True)
class Asking:
    """Who judges by what: shipped prompts, the model for the first, second and third time, a
    rubric, the community texts are charged to, and how many texts are in flight."""

    prompts: Library
    chats: Sequence[AskedChat]
    rubric: Rubric
    community: str
    concurrency: int = 4


class WordsFile:
    """Words of one judge, appended as they come; those of another text or failed are asked anew."""

    def __init__(self, folder: Path, words: JudgeWords) -> None:
        self._path = folder / f"{words.rubric}-{words.lang}-{_short(words.judge)}.jsonl"

    def append(self, word: JudgeWord) -> None:
        """Keep one; a line is whole or ignored."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        with self._path.open("a", encoding="utf-8") as file:
            file.write(word.model_dump_json() + "\n")

    def known(self) -> dict[tuple[str, str], JudgeWord]:
        """By id and digest; failures are left out."""
        lines = self._path.read_text(encoding="utf-8").splitlines() if self._path.is_file() else ()
        words = (_parsed(line) for line in lines)
        return {(word.id, word.digest): word for word in words if word and not word.failure}


async def judged(
    run: EvalRun,
    shown: Mapping[str, Material],
    golden: Sequence[GoldenText],
    asking: Asking,
    folder: Path,
    progress: Progress,
) -> tuple[JudgeWords, ...]:
    """The words of the judge of each language that has answers; `shown` are the materials by case
    id. Words are kept in `folder` at once, and not asked for again."""
    limit = asyncio.Semaphore(asking.concurrency)
    found = []
    for lang in Lang:
        texts = {s.id: shown[s.id] for s in run.samples if s.lang is lang and s.id in shown}
        known = [one for one in golden if (one.rubric, one.lang) == (asking.rubric.id, lang)]
        if texts:
            blank = _blank(asking, lang)
            kept = WordsFile(folder, blank)
            texts |= {one.id: one.material for one in known}
            said = await _words(texts, asking, lang, kept, limit, progress)
            probes = {one.id for one in known}
            words = tuple(word for word in said if word.id not in probes)
            probed = tuple(word for word in said if word.id in probes)
            found.append(blank.model_copy(update={"words": words, "golden": probed}))
    return tuple(found)


async def _words(
    texts: Mapping[str, Material],
    asking: Asking,
    lang: Lang,
    kept: WordsFile,
    limit: asyncio.Semaphore,
    progress: Progress,
) -> list[JudgeWord]:
    known = kept.known()

    async def one(key: str, material: Material) -> JudgeWord:
        if (word := known.get((key, digest(material)))) is None:
            async with limit:
                word = await _word(key, material, asking, lang)
            kept.append(word)
        progress(1)
        return word

    return list(await asyncio.gather(*(one(key, text) for key, text in texts.items())))


async def _word(key: str, material: Material, asking: Asking, lang: Lang) -> JudgeWord:
    judge, seen = judge_of(asking, lang), digest(material)
    try:
        said = await judge.value(asking.community, material)
    except Exception as error:  # the harness must outlive its own faults and report them as such
        return JudgeWord(id=key, digest=seen, failure=f"{type(error).__name__}: {error}"[:500])
    if said is None:
        return JudgeWord(id=key, digest=seen)
    return JudgeWord(id=key, digest=seen, value=said.value, reason=said.reason)


def judge_of(asking: Asking, lang: Lang) -> Judge:
    """A judge for one text: how often it asked the same is counted."""
    return Judge(asking.prompts, OneText(asking.chats), asking.rubric, lang)


def _blank(asking: Asking, lang: Lang) -> JudgeWords:
    rubric = asking.rubric
    return JudgeWords(
        judge=judge_of(asking, lang).id,
        rubric=rubric.id,
        rubric_version=rubric.version,
        rubric_hash=rubric.hash,
        scale=rubric.scale,
        prompt_hash=asking.prompts.pick(f"judge/verdict.{lang.value}").template.hash,
        model=asking.chats[0].name,
        lang=lang,
    )


def drawn(run: EvalRun, limit: int | None) -> Iterator[str]:
    """Ids of the first so many cases of each language."""
    for lang in Lang:
        ids = [sample.id for sample in run.samples if sample.lang is lang]
        yield from ids if limit is None else ids[:limit]


def _short(judge: str) -> str:
    return hashlib.sha256(judge.encode()).hexdigest()[:12]


def _parsed(line: str) -> JudgeWord | None:
    try:
        return JudgeWord.model_validate_json(line)
    except ValidationError:
        return None

"""Which of two runs' answers a judge prefers, whichever of them it sees first."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from typing import Literal

from evals.judges.ask import Asking, judge_of
from evals.model import EvalRun
from evals.run import Progress
from service.domain.base import Frozen, Lang
from service.domain.labelling import Material
from service.domain.quality import Estimate
from service.quality.intervals import share

Better = Literal["run", "against", "tie"]
_BETTER: dict[int, Better] = {0: "run", 1: "against", -1: "tie"}


class Preference(Frozen):
    """The better answer to one case; a tie where neither is or the orders disagree. None with the
    failure where the judge could not be asked. `same` answers are a tie and not asked about."""

    id: str
    lang: Lang
    better: Better | None = None
    same: bool = False
    failure: str | None = None


class Wins(Frozen):
    """Over all cases (None) or in a language: how often each run was preferred, and the share of
    the run's wins in those that are no tie, with a 95 % interval (Wilson)."""

    lang: Lang | None
    won: int
    lost: int
    ties: int
    failed: int
    rate: Estimate


class Preferences(Frozen):
    """Two runs beside each other by one judge a language."""

    run: str
    against: str
    judges: dict[Lang, str]
    found: tuple[Preference, ...]
    wins: tuple[Wins, ...]


async def preferences(
    runs: tuple[EvalRun, EvalRun],
    shown: tuple[Mapping[str, Material], Mapping[str, Material]],
    ids: Sequence[str],
    asking: Asking,
    progress: Progress,
) -> Preferences:
    """Ask about the cases of `ids` that both runs answered, in both orders."""
    limit = asyncio.Semaphore(asking.concurrency)
    langs = {sample.id: sample.lang for sample in runs[0].samples}
    both = [key for key in ids if key in shown[0] and key in shown[1]]

    async def one(key: str) -> Preference:
        async with limit:
            found = await _preferred(key, langs[key], shown[0][key], shown[1][key], asking)
        progress(1)
        return found

    found = tuple(await asyncio.gather(*map(one, both)))
    return Preferences(
        run=runs[0].manifest.id,
        against=runs[1].manifest.id,
        judges={lang: judge_of(asking, lang).pair_id for lang in Lang},
        found=found,
        wins=tuple(_wins(lang, found) for lang in (None, *Lang)),
    )


async def _preferred(
    key: str, lang: Lang, one: Material, other: Material, asking: Asking
) -> Preference:
    if one.answer == other.answer:
        return Preference(id=key, lang=lang, better="tie", same=True)
    try:
        said = await judge_of(asking, lang).prefers(asking.community, one, other)
    except Exception as error:  # the harness must outlive its own faults and report them as such
        return Preference(id=key, lang=lang, failure=f"{type(error).__name__}: {error}"[:500])
    return Preference(id=key, lang=lang, better=_BETTER[said])


def _wins(lang: Lang | None, found: Sequence[Preference]) -> Wins:
    mine = [one for one in found if lang in (None, one.lang)]
    won, lost, ties = (sum(one.better == said for one in mine) for said in _BETTER.values())
    failed = sum(one.better is None for one in mine)
    rate = share(won, won + lost)
    return Wins(lang=lang, won=won, lost=lost, ties=ties, failed=failed, rate=rate)

"""Whether texts reach a bar by a judge's word; a judge that people do not bear out says nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Literal

from service.domain.base import Frozen, Lang
from service.domain.labelling import Judged, Rater, Rubric, Scale
from service.domain.quality import Estimate
from service.quality.agreement import agreements
from service.quality.intervals import share


class JudgedShare(Frozen):
    """The share of texts a judge lets pass in a language. `verdict` is `ignored` where the judge
    may not gate there, whatever it says; `kappa` is why."""

    judge: str
    lang: Lang
    passed: Estimate
    kappa: Estimate | None
    verdict: Literal["pass", "fail", "ignored"]


def judged_shares(
    labels: Iterable[Judged], rubric: Rubric, at_least: float
) -> tuple[JudgedShare, ...]:
    """Of each judge of the rubric in each language it judged."""
    given = [one for one in labels if one.rubric_version == rubric.version]
    return tuple(_shares([one for one in given if one.rubric == rubric.id], rubric, at_least))


def _shares(labels: list[Judged], rubric: Rubric, at_least: float) -> Iterator[JudgedShare]:
    known = {(one.judge, one.lang): one for one in agreements(labels, [rubric])}
    said = sorted({(one.by, one.lang) for one in labels if one.rater is Rater.JUDGE})
    for judge, lang in said:
        values = [one.value for one in labels if (one.by, one.lang) == (judge, lang)]
        passed = share(sum(passes(value, rubric.scale) for value in values), len(values))
        agreement = known.get((judge, lang))
        trusted = agreement is not None and agreement.may_gate
        reached: Literal["pass", "fail"] = "pass" if (passed.value or 0) >= at_least else "fail"
        yield JudgedShare(
            judge=judge,
            lang=lang,
            passed=passed,
            kappa=agreement and agreement.kappa,
            verdict=reached if trusted else "ignored",
        )


def passes(value: int, scale: Scale) -> bool:
    """Whether a value lets a text pass: 1 of two, 2 or 3 of three."""
    return value == 1 if scale is Scale.PASS_FAIL else value > 1

"""How a share that moved is told, in both languages."""

from __future__ import annotations

from typing import NamedTuple

from fastapi import Request

from service.domain.base import Bilingual, Lang
from service.domain.drift import DAY, Cause, DriftAlarm, Measure, Move, Shift
from service.domain.quality import Estimate
from service.web.render import Pages, pages_of

_SPOT = (Measure.SPOT_GROUNDED, Measure.SPOT_ANSWERS, Measure.SPOT_TRIAGE)
_OWN_KEYS = (
    Measure.ABSTENTION,
    Measure.LANGUAGE,
    Measure.SUPPORT,
    Measure.OUTCOME,
    *_SPOT,
)


class Told(NamedTuple):
    """One key: its name, shares as text, and a page with what is behind it."""

    name: str
    before: str
    after: str
    link: str | None


def moves_of(pages: Pages, lang: Lang, shift: Shift) -> tuple[Told, ...]:
    """Every key that moved."""
    return tuple(
        Told(
            _key(pages, lang, shift.measure, move.key),
            percent(move.before),
            percent(move.after),
            _link(shift.measure, move),
        )
        for move in shift.moves
    )


def reason(pages: Pages, lang: Lang, shift: Shift) -> str:
    """A sentence: what moved from where to where, over which time, beside which time."""
    texts = pages.catalogue
    told = texts.text(lang, "drift.and").join(
        texts.text(lang, "drift.move", name=one.name, before=one.before, after=one.after)
        for one in moves_of(pages, lang, shift)
    )
    values = {
        "measure": texts.term(lang, "measure", shift.measure.value),
        "moves": told,
        "window": texts.term(lang, "drift_window", shift.window.value),
        "days": (shift.since - shift.reference_since) // DAY,
    }
    return texts.text(lang, "drift.reason", **values)


def both(request: Request, alarm: DriftAlarm) -> Bilingual:
    """The sentence in both languages."""
    pages = pages_of(request)
    return Bilingual(**{lang.value: reason(pages, lang, alarm.shift) for lang in Lang})


def cause_text(pages: Pages, lang: Lang, cause: Cause) -> str:
    """What was changed, to which version."""
    kind = pages.catalogue.term(lang, "drift_cause", cause.kind.value)
    return " ".join(part for part in (kind, cause.name, cause.version[:12]) if part)


def percent(estimate: Estimate) -> str:
    """A share with its interval."""
    if estimate.value is None:
        return "–"
    whole = f"{estimate.value:.1%}"
    if estimate.low is None or estimate.high is None:
        return whole
    return f"{whole} ({estimate.low * 100:.0f}–{estimate.high * 100:.0f})"


def _key(pages: Pages, lang: Lang, measure: Measure, key: str) -> str:
    if measure is Measure.CATEGORY:
        return pages.category_title(lang, key)
    if measure is Measure.CONFIDENCE:
        return pages.catalogue.text(lang, "drift.upto", value=f"{int(key) / 100 + 0.05:.2f}")
    if measure in _OWN_KEYS or key == "answered":
        return pages.catalogue.term(lang, "drift_key", key)
    return pages.catalogue.term(lang, "refusal", key)


def _link(measure: Measure, move: Move) -> str | None:
    if measure is Measure.CATEGORY:
        return f"/cases?category={move.key}"
    if measure is Measure.REFUSAL and move.key != "answered":
        return f"/gaps?refusal={move.key}"
    if measure in _SPOT:
        return "/labels#spot"
    return None

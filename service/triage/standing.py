"""A judgement under what people decided: pure functions over frozen values.

Severity rises by signals and people. It never falls because a text grew and reads otherwise now;
only a person lowers it, and then a later finding of danger raises it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from service.domain.override import Change, Override, Standing
from service.domain.taxonomy import Category, Taxonomy
from service.domain.triage import Judgement, Label, Sentiment, SignalKind, Triage
from service.triage.priority import route_for, urgency_of

CERTAIN = 1.0
"""Confidence stated for what a person set."""


def said(judgement: Judgement) -> Change:
    """A judgement in the words of a correction."""
    return Change(
        categories=tuple(label.category for label in judgement.labels),
        severity=judgement.severity,
        sentiment=judgement.sentiment.value,
        department=judgement.route.department,
    )


def floors(judgement: Judgement) -> Mapping[str, int]:
    """How often each finding that raises a severity is there."""
    return dict(Counter(signal.code for signal in judgement.signals if signal.floor))


def corrected(triage: Triage, override: Override, taxonomy: Taxonomy, at: datetime) -> Triage:
    """The triage with a person's correction on it; id and time are the caller's to set.

    A graver category raises the severity; only a severity that is set lowers one.

    Args:
        at: when the case was last written to, for the due time.
    """
    former = triage.standing
    standing = Standing(
        override_id=override.id,
        change=override.change.over(former.change) if former else override.change,
        seen_floors=override.seen_floors,
        by=override.by,
        reason=override.reason,
        at=override.created_at,
        case_size=override.case_size,
        engine=former.engine if former else said(triage.judgement),
    )
    severity = override.change.severity
    if severity is None:
        graver = [c.severity for c in _known(override.change.categories or (), taxonomy)]
        severity = max([triage.judgement.severity, *graver])
    judgement = _under(triage.judgement, standing.change, severity, taxonomy, at)
    return triage.model_copy(update={"judgement": judgement, "standing": standing})


def carried(
    judgement: Judgement, former: Triage | None, taxonomy: Taxonomy, at: datetime
) -> tuple[Judgement, Standing | None]:
    """A later judgement of a grown case, with what people decided kept, and never less severe."""
    if former is None:
        return judgement, None
    standing = former.standing
    if standing is None:
        severity = max(judgement.severity, former.judgement.severity)
        return _under(judgement, Change(), severity, taxonomy, at), None
    new = _new_floor(judgement, standing)
    set_by_person = standing.change.severity is not None
    severity = max(former.judgement.severity, new if set_by_person else judgement.severity)
    engine = said(judgement)
    standing = standing.model_copy(
        update={"engine": engine, "moved_on": _moved_on(standing, engine, new, former)}
    )
    return _under(judgement, standing.change, severity, taxonomy, at), standing


def as_decided(
    judgement: Judgement, standing: Standing | None, taxonomy: Taxonomy, at: datetime
) -> Judgement:
    """Another judgement of the same messages, with what people decided on it."""
    if standing is None:
        return judgement
    change = standing.change
    graver = [category.severity for category in _known(change.categories or (), taxonomy)]
    severity = max([judgement.severity, *graver]) if change.severity is None else change.severity
    return _under(judgement, change, severity, taxonomy, at)


def by_category(judgement: Judgement, taxonomy: Taxonomy, at: datetime) -> Judgement:
    """The judgement with its categories' own route, whatever rule or person routed it before.

    Args:
        at: when the case was last written to, for the due time.
    """
    known = _known([label.category for label in judgement.labels], taxonomy)
    noise = any(signal.kind is SignalKind.NOISE for signal in judgement.signals)
    route = route_for(known, judgement.severity, noise=noise, at=at)
    return judgement.model_copy(update={"route": route})


def _under(
    judgement: Judgement, change: Change, severity: int, taxonomy: Taxonomy, at: datetime
) -> Judgement:
    """The judgement with these fields set and this severity, routed after them."""
    set_now: dict[str, object] = {"severity": severity, "urgency": urgency_of(severity)}
    labels = judgement.labels
    if change.categories is not None:
        labels = tuple(Label(category=c, confidence=CERTAIN) for c in change.categories)
        set_now |= {"labels": labels, "abstained": False}
    if change.sentiment is not None:
        sentiment = Sentiment(change.sentiment)
        set_now |= {"sentiment": sentiment, "sentiment_confidence": CERTAIN}
    route = judgement.route
    if change.categories is not None or severity != judgement.severity:
        noise = any(signal.kind is SignalKind.NOISE for signal in judgement.signals)
        known = _known([label.category for label in labels], taxonomy)
        route = route_for(known, severity, noise=noise and change.categories is None, at=at)
    if change.department is not None:
        route = route.model_copy(update={"department": change.department})
    return judgement.model_copy(update=set_now | {"route": route})


def _known(ids: Sequence[str], taxonomy: Taxonomy) -> list[Category]:
    """Categories the taxonomy still has, in the order given."""
    by_id = {category.id: category for category in taxonomy.categories}
    return [by_id[one] for one in ids if one in by_id]


def _new_floor(judgement: Judgement, standing: Standing) -> int:
    """The gravest finding the person had not before them; 0 without one."""
    now, seen = floors(judgement), standing.seen_floors
    fresh = {code for code, count in now.items() if count > seen.get(code, 0)}
    return max((s.floor or 0 for s in judgement.signals if s.code in fresh), default=0)


def _moved_on(standing: Standing, engine: Change, new_floor: int, former: Triage) -> bool:
    """Whether a person should look again: new danger, or another category than before."""
    if standing.moved_on or new_floor > former.judgement.severity:
        return True
    before, now = standing.engine.categories or (), engine.categories or ()
    wanted = standing.change.categories
    return wanted is not None and bool(now) and now[:1] not in (before[:1], wanted[:1])

"""What a text says beside what may be an order: whatever is added to a danger dilutes its vector,
so that an order the product does not even mark can hide it."""

from __future__ import annotations

from collections.abc import Iterator

from service.domain.triage import Judgement, SignalKind
from service.triage.clauses import windows

_MOST_CUTS = 6
_THIRDS = (1 / 3, 1 / 2, 2 / 3)
_GRAVE = 3
_SHORTEST = 40
"""Characters under which a text without sentences is not cut."""


def beginnings_and_endings(text: str) -> tuple[str, ...]:
    """What is left of a text when something before or after it is taken away: cut between
    sentences, or at thirds and in the middle where it has but one. At most twelve parts."""
    cuts = [window.start for window in windows(text)[1:]] or list(_within(text))
    chosen = cuts if len(cuts) <= _MOST_CUTS else cuts[:3] + cuts[-3:]
    parts = (part.strip() for cut in chosen for part in (text[:cut], text[cut:]))
    return tuple(dict.fromkeys(part for part in parts if part))


def graver(whole: Judgement, part: Judgement) -> Judgement:
    """The judgement of a text, raised where a part of it tells of danger: its labels then lead, and
    what it found stays, without places: they are of another text."""
    if part.severity <= whole.severity or part.severity < _GRAVE:
        return whole
    found = (one for one in part.signals if one.kind is SignalKind.SEVERITY)
    moved = tuple(one.model_copy(update={"start": None, "end": None}) for one in found)
    taken = {name: getattr(part, name) for name in _JUDGED}
    return whole.model_copy(update=taken | {"signals": (*whole.signals, *moved)})


_JUDGED = ("labels", "candidates", "abstained", "severity", "urgency", "route", "evidence")


def _within(text: str) -> Iterator[int]:
    """Places inside a single sentence, between words where words are spaced."""
    if len(text) < _SHORTEST:
        return
    for share in _THIRDS:
        place = round(len(text) * share)
        spaced = text.find(" ", place)
        yield spaced if 0 < spaced < place + _SHORTEST else place

"""What a text says beside the orders in it: an order dilutes the vector of what stands beside."""

from __future__ import annotations

from collections.abc import Iterable

from service.domain.triage import Signal, SignalKind
from service.triage.clauses import Window, windows


def beside_orders(text: str, signals: Iterable[Signal]) -> str:
    """The sentences in which no order was found; empty where none or all of them hold one."""
    orders = [
        (one.start, one.end)
        for one in signals
        if one.kind is SignalKind.INJECTION and one.start is not None and one.end is not None
    ]
    found = windows(text)
    left = [one.text for one in found if not any(_overlap(one, span) for span in orders)]
    return "\n".join(left) if len(left) < len(found) else ""


def _overlap(sentence: Window, span: tuple[int, int]) -> bool:
    return sentence.start < span[1] and span[0] < sentence.end

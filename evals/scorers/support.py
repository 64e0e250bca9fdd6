"""Are invented claims found, and honest ones left alone."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import SupportAnswer, SupportExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored
from service.domain.support import SupportKind

KINDS = ("number", "polarity", "scope", "exception", "invented", "other")
"""How an unsupported claim was made from its clause."""

_PASSED = (SupportKind.SUPPORTED, SupportKind.COURTESY)


@case_scorer("support", "claims")
def claims(case: Answered) -> Iterator[Score]:
    """`blocked`: unsupported claims called so, `blocked_<kind>` by how they were made; `looked_at`:
    those or uncertain, so that a person looks; `precision`: what is called unsupported is;
    `unblocked`: supported claims not called unsupported; `courtesy`: courtesy left alone."""
    sample, expect, answer = unpack(case, SupportExpect, SupportAnswer)
    blocked, invented = answer.kind is SupportKind.UNSUPPORTED, expect.state == "unsupported"
    measures = {
        "blocked": (invented, blocked),
        "looked_at": (invented, answer.kind not in _PASSED),
        "precision": (blocked, invented),
        "unblocked": (expect.state == "supported", not blocked),
        "courtesy": (expect.state == "courtesy", not blocked),
        **{f"blocked_{kind}": (kind in sample.tags, blocked) for kind in KINDS},
    }
    for metric, (meant, good) in measures.items():
        yield right(sample, metric, good) if meant else unscored(sample, metric, "not meant")

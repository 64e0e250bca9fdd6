"""Are invented claims found, and honest ones left alone."""

from __future__ import annotations

from collections.abc import Iterator

from evals.cases import SupportAnswer, SupportExpect
from evals.model import Score
from evals.registry import Answered, case_scorer
from evals.scoring import right, unpack, unscored
from service.domain.support import SupportKind

_HELD = ("applied", "dropped", "written")
KINDS = ("number", "polarity", "scope", "exception", "invented", "promise", *_HELD, "other")
"""How an unsupported claim was made from its clause. `promise`: in the desk's name; `applied`: to
another matter; `dropped`: its condition left out; `written`: by a model, however. The last three
keep the clause's words, so they are only kept from one key, as what is uncertain in a model's text
is."""

_PASSED = (SupportKind.SUPPORTED, SupportKind.COURTESY)


@case_scorer("support", "claims")
def claims(case: Answered) -> Iterator[Score]:
    """`blocked`: unsupported claims called so, `blocked_<kind>` by how they were made; `looked_at`:
    those or uncertain, so that a person looks, `looked_at_<kind>` too; `precision`: what is called
    unsupported is; `unblocked`: supported claims not called unsupported; `free`: supported claims
    nobody has to look at; `courtesy`: courtesy left alone."""
    sample, expect, answer = unpack(case, SupportExpect, SupportAnswer)
    blocked, invented = answer.kind is SupportKind.UNSUPPORTED, expect.state == "unsupported"
    looked, held = answer.kind not in _PASSED, bool({*sample.tags} & {*_HELD})
    measures = {
        "blocked": (invented and not held, blocked),
        "looked_at": (invented, looked),
        "precision": (blocked, invented),
        "unblocked": (expect.state == "supported", not blocked),
        "free": (expect.state == "supported", not looked),
        "free_near": ("near" in sample.tags, not looked),
        "courtesy": (expect.state == "courtesy", not blocked),
        **{
            f"blocked_{kind}": (kind in sample.tags, blocked) for kind in KINDS if kind not in _HELD
        },
        **{
            f"looked_at_{kind}": (invented and kind in sample.tags, looked)
            for kind in ("promise", *_HELD)
        },
    }
    for metric, (meant, good) in measures.items():
        yield right(sample, metric, good) if meant else unscored(sample, metric, "not meant")

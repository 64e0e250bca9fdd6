"""What speaks for and against a claim beside one source."""

from __future__ import annotations

import numpy as np

from retrieval.types import FloatMatrix, FloatVector
from service.domain.support import Conflict
from service.drafting.support.binding import misbound
from service.drafting.support.bounds import crossed
from service.drafting.support.ground import Source, Unit
from service.drafting.support.marks import marks_of, negated_apart, opposed
from service.drafting.support.quantities import quantities, unmatched
from service.drafting.support.rarity import Rarity
from service.drafting.support.reading import Claim

NAMES = (
    "near", "worst_part", "mean_part", "words", "crossed", "crossed_words",
    "number", "opposed", "negated", "universal", "exception",
)  # fmt: skip
"""`near`, `worst_part`, `mean_part`: cosine of the claim, of its least and of its average part with
the nearest unit. `words`: rarity-weighted share of its terms in the source; `crossed_words` the
same where claim and source are of different languages (`crossed`). The rest are 0 or 1: a number
the source does not have or gives to something else, or the other side of a limit it sets; permits
what the unit forbids or the like; denies what the unit affirms or the reverse; reaches as far, or
excepts, as the sentences it faces do not."""

_CONFLICTS = (
    ("number", Conflict.NUMBER),
    ("opposed", Conflict.POLARITY),
    ("negated", Conflict.POLARITY),
    ("universal", Conflict.SCOPE),
    ("exception", Conflict.EXCEPTION),
)


def features(
    claim: Claim, source: Source, own: FloatMatrix, units: FloatMatrix, rarity: Rarity
) -> FloatVector:
    """The values of `NAMES`, shape (11,).

    Args:
        own: vectors of the claim and its parts, shape (1 + parts, dim).
        units: vectors of the source's units, shape (units, dim).
    """
    cosines = own @ units.T
    nearest = cosines.argmax(axis=1)
    best = cosines[1:].max(axis=1)
    crossed = claim.lang != source.lang
    share = rarity.share(claim.terms, source.words)
    facing = [source.units[row] for row in nearest]
    own_marks = (claim.marks, *map(marks_of, claim.pieces))
    pairs = [(mine, unit.marks) for mine, unit in zip(own_marks, facing, strict=True)]
    said = frozenset().union(*(unit.families for unit in facing))
    values = {
        "near": cosines[0].max(),
        "worst_part": best.min(),
        "mean_part": best.mean(),
        "words": 0.0 if crossed else share,
        "crossed": crossed,
        "crossed_words": share if crossed else 0.0,
        "number": _wrong_number(claim, source, facing),
        "opposed": any(opposed(*pair) for pair in pairs),
        "negated": negated_apart(*pairs[0]),
        "universal": "universal" in claim.marks.families - said,
        "exception": "exception" in claim.marks.families - said,
    }
    return np.array([float(values[name]) for name in NAMES], dtype=np.float32)


def _wrong_number(claim: Claim, source: Source, facing: list[Unit]) -> bool:
    missing = bool(unmatched(claim.counted, source.counted))
    return missing or _beyond(claim, facing) or misbound(claim, source)


def _beyond(claim: Claim, facing: list[Unit]) -> bool:
    """Whether the claim is on the other side of a limit one of its units sets."""
    return any(
        crossed(claim.text, claim.counted, unit.text, quantities(unit.text)) for unit in facing
    )


def conflict_of(found: FloatVector) -> Conflict:
    """The gravest of what speaks against the claim."""
    return next(
        (conflict for name, conflict in _CONFLICTS if found[NAMES.index(name)]), Conflict.NONE
    )

"""Text that has passed the redaction choke point.

Engines, models, logs and exports accept `Redacted`, never a bare message: the type is the proof
that personal data was removed first.
"""

from __future__ import annotations

from service.domain.base import Frozen


class PiiSpan(Frozen):
    """One piece of personal data found in the original text.

    `start` and `end` are offsets into the original, in characters; `token` stands in its place.
    """

    kind: str
    start: int
    end: int
    token: str


class Redacted(Frozen):
    """A text with personal data replaced by tokens such as `[PHONE_1]`."""

    text: str
    spans: tuple[PiiSpan, ...] = ()

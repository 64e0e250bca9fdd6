"""Names an editor states in a brief on purpose, such as what a member wants to be called."""

from __future__ import annotations

from collections.abc import Sequence

from service.domain.post import PostBrief
from service.domain.post_kind import PostKind
from service.domain.text import PiiSpan, Redacted
from service.ports.engines import Redactor

_NAME = "NAME"


class NamingRedactor:
    """The choke point, but for names that stand in the `named` inputs of a brief.

    Everything else, also in these inputs, is redacted as ever: a number, an address, a name that
    is stated nowhere.
    """

    def __init__(self, inner: Redactor, stated: Sequence[str]) -> None:
        """`stated` are the values of the named inputs."""
        self._inner, self._stated = inner, [text.casefold() for text in stated]

    @classmethod
    def of(cls, inner: Redactor, kind: PostKind, brief: PostBrief) -> NamingRedactor:
        """For the texts of one brief."""
        named = (field.name for field in kind.inputs if field.named)
        return cls(inner, [value for name in named if (value := brief.inputs.get(name))])

    def redact(self, text: str) -> Redacted:
        """See `service.ports.engines.Redactor`."""
        return self.named(text, self._inner.redact(text))

    def named(self, text: str, redacted: Redacted) -> Redacted:
        """`redacted`, which was made of `text`, with the stated names put back."""
        hidden = tuple(span for span in redacted.spans if not self._keeps(text, span))
        if len(hidden) == len(redacted.spans):
            return redacted
        pieces, last = list[str](), 0
        for span in hidden:
            pieces += [text[last : span.start], span.token]
            last = span.end
        return Redacted(text="".join([*pieces, text[last:]]), spans=hidden)

    def _keeps(self, text: str, span: PiiSpan) -> bool:
        value = text[span.start : span.end].casefold()
        return span.kind == _NAME and any(_holds(stated, value) for stated in self._stated)


def _holds(text: str, name: str) -> bool:
    """Whether a name stands in a text and is no piece of a longer Latin word."""
    at = text.find(name)
    while at >= 0:
        before, after = text[at - 1 : at] if at else "", text[at + len(name) :][:1]
        if not (_latin(before + name[0]) or _latin(name[-1] + after)):
            return True
        at = text.find(name, at + 1)
    return False


def _latin(pair: str) -> bool:
    """Whether two characters are letters of one Latin word."""
    return len(pair) == 2 and pair.isalpha() and max(pair) < "\u0250"

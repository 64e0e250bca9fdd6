"""What a check looks at, and how it reports."""

from __future__ import annotations

from typing import NamedTuple

from prompts.library import Library
from service.domain.draft import Composition, DraftContext, DraftKind, Finding, Severity
from service.domain.support import SupportLedger
from service.drafting.render import render
from service.drafting.standing import disclosure_of
from service.errors import Conflict


class Checked(NamedTuple):
    """A text with everything it may rest on.

    `ground` is what may be repeated as true: clauses, facts, the instruction, the disclosure, a
    post's title, points and inputs. A member's own words are not among it. `system` is the prompt's
    system text. `support` has no sentences where nothing was compared yet.
    """

    context: DraftContext
    composition: Composition
    ground: str
    system: str
    support: SupportLedger = SupportLedger()

    @property
    def text(self) -> str:
        """The text under check."""
        return self.composition.text

    @property
    def stated(self) -> str:
        """The ground without the facts, whose numbers are accounted for one by one."""
        return _ground(self.context.model_copy(update={"facts": ()}))

    @classmethod
    def of(
        cls,
        prompts: Library,
        context: DraftContext,
        composition: Composition,
        support: SupportLedger | None = None,
    ) -> Checked:
        """Gather it from a context."""
        return cls(
            context,
            composition,
            _ground(context),
            _system(prompts, context),
            support or SupportLedger(),
        )


def finding(
    check: str,
    severity: Severity,
    *,
    key: str | None = None,
    detail: str = "",
    span: tuple[int, int] | None = None,
) -> Finding:
    """A finding whose catalogue key is `finding.<key>`, the check's name by default."""
    start, end = span or (None, None)
    return Finding(
        check=check,
        severity=severity,
        message_key=f"finding.{key or check}",
        detail=detail[:120],
        start=start,
        end=end,
    )


def _ground(context: DraftContext) -> str:
    parts = [context.instruction, disclosure_of(context)]
    for passage in context.passages:
        parts += [passage.document_title, *passage.headings, passage.number, passage.text]
    for fact in context.facts:
        parts += [fact.label, fact.value]
    if context.kind is DraftKind.POST:
        names = ("title", "audience", "channel")
        parts += [context.member_text.text, *(context.parameters[name] for name in names)]
        parts += [text for one in context.inputs for text in (one.label, one.value, one.shown)]
    return "\n".join(parts)


def _system(prompts: Library, context: DraftContext) -> str:
    try:
        messages = render(prompts, context)
    except Conflict:
        return ""  # the template's text is gone: nothing to compare with
    return "\n".join(message.content for message in messages if message.role == "system")

"""Freeze everything a post will rest on."""

from __future__ import annotations

from zoneinfo import ZoneInfo

from service.domain.draft import DraftContext, DraftKind, TemplateRef
from service.domain.post_kind import PostKind
from service.drafting.context import Budget, freeze_passages, probability
from service.drafting.naming import NamingRedactor
from service.drafting.standing import standing
from service.drafting.values import brief_values
from service.ports.engines import PostInput, Redactor


def post_context(
    given: PostInput, kind: PostKind, template: TemplateRef, redactor: Redactor, budget: Budget
) -> DraftContext:
    """The frozen input of one variant; the points stand in `member_text`, one a line.

    Names the editor states in a `named` input stay, in every text of the brief.
    """
    brief, community = given.brief, given.community
    naming = NamingRedactor.of(redactor, kind, brief)
    return DraftContext(
        id=given.context_id,
        community=community.id,
        kind=DraftKind.POST,
        case_id=None,
        post_request_id=given.request_id,
        case_size=0,
        lang=brief.lang,
        category=None,
        member_text=naming.named("\n".join(brief.points), given.redacted_points),
        passages=freeze_passages(given.retrieval, given.titles, budget),
        rule_found=given.retrieval.found,
        retrieval_confidence=probability(given.retrieval.confidence),
        facts=given.facts,
        inputs=brief_values(kind, brief, ZoneInfo(community.timezone), naming),
        tone=community.tone.get(brief.lang).strip()[: budget.tone_chars],
        instruction=given.instruction.strip()[: budget.instruction_chars],
        parameters=_parameters(given, kind, naming),
        template=template,
        created_at=given.created_at,
    )


def _parameters(given: PostInput, kind: PostKind, redactor: Redactor) -> dict[str, str]:
    brief, variant = given.brief, given.variant
    most = brief.max_chars or kind.lengths[variant.format].get(brief.lang)
    return {
        "community_name": given.community.name.get(brief.lang),
        "max_chars": str(most),
        "title": redactor.redact(brief.title).text,
        "audience": redactor.redact(brief.audience).text,
        "channel": redactor.redact(variant.channel).text,
        "format": variant.format.value,
        "platform": _platform(given),
        "manner": redactor.redact(brief.tone).text or kind.tone.get(brief.lang),
        "post_kind": brief.kind,
        "clauses": "yes" if kind.clauses else "no",
        "not_before": brief.not_before.isoformat() if brief.not_before else "",
        **standing(given.community, brief.lang),
    }


def _platform(given: PostInput) -> str:
    """The platform of the variant's channel, as the community has said; "" if it has not."""
    on = {channel.name: channel.platform for channel in given.community.channels}
    return on.get(given.variant.channel, "")

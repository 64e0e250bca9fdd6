"""The prompt that is tried beside production's. Part of drafting and comparing."""

from __future__ import annotations

from service.domain.base import Lang
from service.domain.draft import DraftKind, TemplateRef
from service.domain.prompt import REPLY_TEMPLATE, PromptLabel, Standing
from service.ports.engines import Drafter
from service.ports.store import UnitOfWork


async def candidate_prompt(
    uow: UnitOfWork, drafter: Drafter, community: str, lang: Lang
) -> TemplateRef | None:
    """The candidate of the replies' prompt, whatever its share of the cases; None without one."""
    used = drafter.template_for(DraftKind.REPLY, REPLY_TEMPLATE, lang, community=community)
    standing = Standing.of(await uow.prompts.moves(), ())
    number = standing.version(used.id, community, PromptLabel.CANDIDATE)
    found = None if number is None else await uow.prompts.version(used.id, number)
    if found is None:
        return None
    return TemplateRef(id=used.id, version=found.number, hash=found.hash)

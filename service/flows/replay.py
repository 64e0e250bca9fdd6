"""A stored draft's prompt, rendered again from the context that was frozen for it."""

from __future__ import annotations

from service.domain.draft import PromptReplay, prompt_hash
from service.errors import NotFound
from service.ports.engines import Drafter
from service.ports.store import UowFactory


class ReplayFlow:
    """Renders; asks no model."""

    def __init__(self, *, uow: UowFactory, drafter: Drafter) -> None:
        self._uow, self._drafter = uow, drafter

    async def prompt(self, draft_id: str) -> PromptReplay:
        """What the model was asked for this draft, and whether it is the same byte for byte.

        Raises:
            NotFound: no such draft.
            Conflict: the text of its prompt version is gone.
        """
        await self._drafter.ready()
        async with self._uow() as uow:
            draft = await uow.drafts.get(draft_id)
            context = await uow.drafts.context(draft.context_id) if draft else None
        if draft is None or context is None:
            raise NotFound("There is no such draft.")
        request = self._drafter.prompt(context)
        digest = prompt_hash(request.messages)
        return PromptReplay(
            draft_id=draft.id,
            community=draft.community,
            template=context.template,
            messages=request.messages,
            json_schema=request.json_schema,
            max_tokens=request.max_tokens,
            temperature=request.temperature,
            prompt_hash=digest,
            same=digest == context.prompt_hash if context.prompt_hash else None,
            model=draft.composition.model,
        )

"""What a labeller or a judge sees of an item."""

from __future__ import annotations

from service.domain.labelling import LabelItem, Material
from service.errors import NotFound
from service.ports.engines import Redactor
from service.ports.store import UnitOfWork


async def material_of(uow: UnitOfWork, item: LabelItem, redactor: Redactor) -> Material:
    """The stored text, or the draft's where it stands, redacted.

    Raises:
        NotFound: the draft is gone.
    """
    if item.material is not None:
        return item.material
    draft = await uow.drafts.get(str(item.draft_id))
    context = await uow.drafts.context(draft.context_id) if draft else None
    if draft is None or context is None:
        raise NotFound("The draft is gone.")
    # The limits are for what comes in; a stored draft is shown whole.
    return Material.model_construct(
        question=context.member_text.text or context.instruction,
        answer=redactor.redact(draft.composition.text).text,
        sources=tuple(one.text for one in context.passages),
    )

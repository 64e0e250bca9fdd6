"""What a labeller or a judge sees of an item."""

from __future__ import annotations

from service.domain.labelling import LabelItem, Material
from service.domain.taxonomy import Taxonomy
from service.errors import NotFound
from service.ports.engines import Redactor
from service.ports.store import UnitOfWork
from service.quality.triage_text import told


async def material_of(
    uow: UnitOfWork, item: LabelItem, redactor: Redactor, taxonomy: Taxonomy
) -> Material:
    """The stored text, or the draft's or the triage's where it stands, redacted.

    Raises:
        NotFound: the draft or the triage is gone.
    """
    if item.material is not None:
        return item.material
    if item.triage_id is not None:
        return await _of_triage(uow, item, item.triage_id, taxonomy)
    return await _of_draft(uow, str(item.draft_id), redactor)


async def _of_triage(
    uow: UnitOfWork, item: LabelItem, triage_id: str, taxonomy: Taxonomy
) -> Material:
    triage = await uow.triages.get(triage_id)
    if triage is None:
        raise NotFound("The triage is gone.")
    return told(triage.judgement, taxonomy, item.lang)


async def _of_draft(uow: UnitOfWork, draft_id: str, redactor: Redactor) -> Material:
    draft = await uow.drafts.get(draft_id)
    context = await uow.drafts.context(draft.context_id) if draft else None
    if draft is None or context is None:
        raise NotFound("The draft is gone.")
    # The limits are for what comes in; a stored draft is shown whole.
    return Material.model_construct(
        question=context.member_text.text or context.instruction,
        answer=redactor.redact(draft.composition.text).text,
        sources=tuple(one.text for one in context.passages),
    )

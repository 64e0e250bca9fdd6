"""What compares a version of a prompt with the one in production."""

from __future__ import annotations

import json

from service.domain.evaluation import Subject, SubjectKind, Trial
from service.domain.prompt import PromptLabel, PromptVersion, Standing
from service.errors import Conflict
from service.flows.prompt_texts import stored_version
from service.ports.store import UnitOfWork


async def prompt_trial(
    uow: UnitOfWork, template_id: str, number: int, community: str | None
) -> Trial:
    """The version beside what the community (None: everybody) gets now. A community without
    production of its own is compared with everybody's.

    Raises:
        NotFound: no such version.
        Conflict: nothing is in production yet.
    """
    version = await stored_version(uow, template_id, number)
    standing = Standing.of(await uow.prompts.moves(), ())
    now = standing.version(template_id, community, PromptLabel.PRODUCTION)
    if now is None:
        raise Conflict("Nothing is in production yet; try again in a moment.")
    before = await stored_version(uow, template_id, now)
    return Trial(
        subject=Subject(kind=SubjectKind.PROMPT, name=template_id, community=community),
        version=str(number),
        candidate_hash=version.hash,
        baseline_hash=before.hash,
        candidate="candidate.json",
        files={
            "candidate.json": _stored(version),
            f"production/prompts/{template_id}.json": _stored(before),
        },
    )


def _stored(version: PromptVersion) -> str:
    return json.dumps(
        {"text": version.text, "partials": dict(version.partials)}, ensure_ascii=False
    )

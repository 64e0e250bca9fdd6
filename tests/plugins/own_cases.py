"""Accepted test cases of a community, as its people would have curated them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

import pytest

from service.bootstrap import Application
from service.domain.base import Lang
from service.domain.sample import RetrievalWanted, Sample, SampleOrigin, SampleStatus
from tests.plugins.app import START

OwnCases = Callable[[Sequence[tuple[str, str]]], Awaitable[None]]
"""`own_cases([(question, clause id), …])`."""


@pytest.fixture
def own_cases(application: Application) -> OwnCases:
    async def make(asked: Sequence[tuple[str, str]]) -> None:
        async with application.uow() as uow:
            for number, (text, clause) in enumerate(asked):
                await uow.samples.save(
                    Sample(
                        id=f"smp_{number}",
                        community="acme",
                        status=SampleStatus.ACCEPTED,
                        origin=SampleOrigin.PERSON,
                        lang=Lang.EN,
                        text=text,
                        wanted=RetrievalWanted(clauses=(clause,)),
                        case_id=f"case_{number}",
                        proposed_by="ann",
                        decided_by="ed",
                        created_at=START,
                        decided_at=START,
                    )
                )
            await uow.commit()

    return make

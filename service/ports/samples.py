"""What the store keeps of test cases that grow from people's work."""

from __future__ import annotations

from typing import Protocol

from service.domain.sample import Sample, SampleTask


class Samples(Protocol):
    """Proposed and accepted test cases; part of the unit of work."""

    async def lock(self, community: str) -> None:
        """Hold the community's samples until the transaction ends."""
        ...

    async def get(self, sample_id: str, *, lock: bool = False) -> Sample | None: ...
    async def save(self, sample: Sample) -> None:
        """Insert or replace."""
        ...

    async def live(self, community: str, task: SampleTask) -> tuple[Sample, ...]:
        """Proposed and accepted ones of a task, oldest first."""
        ...

    async def of_case(self, case_id: str, task: SampleTask) -> tuple[Sample, ...]:
        """Of any status, oldest first."""
        ...

    async def newest(
        self, community: str | None, task: SampleTask, limit: int
    ) -> tuple[Sample, ...]:
        """The accepted ones decided last, of one community or of all, newest first; taken back ones
        left out as in `accepted`."""
        ...

    async def accepted(self, community: str, task: SampleTask) -> tuple[Sample, ...]:
        """In the order they were accepted, without those whose member took a message back."""
        ...

"""Legal steps of a review task."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from service.domain.draft import DraftKind
from service.domain.review import LEASE, ReviewTask, TaskStatus
from service.errors import AlreadyClaimed, IllegalTransition

NOW = datetime(2026, 4, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def task() -> ReviewTask:
    return ReviewTask(
        id="task_1",
        community="acme",
        draft_id="draft_1",
        kind=DraftKind.REPLY,
        case_id="case_1",
        status=TaskStatus.OPEN,
        priority=1.0,
        created_at=NOW,
    )


def test_a_claim_holds_for_one_lease(task: ReviewTask) -> None:
    held = task.claim("ann", NOW)
    with pytest.raises(AlreadyClaimed):
        held.claim("bob", NOW + LEASE - timedelta(seconds=1))
    assert held.claim("bob", NOW + LEASE).claimed_by == "bob"


def test_claiming_again_renews(task: ReviewTask) -> None:
    later = NOW + timedelta(minutes=5)
    assert task.claim("ann", NOW).claim("ann", later).claim_expires_at == later + LEASE


def test_another_reviewers_claim_blocks_a_decision(task: ReviewTask) -> None:
    with pytest.raises(AlreadyClaimed):
        task.claim("ann", NOW).decide("bob", NOW)


def test_a_closed_task_takes_no_step(task: ReviewTask) -> None:
    decided = task.decide("ann", NOW)
    for step in (
        lambda: decided.claim("ann", NOW),
        lambda: decided.decide("ann", NOW),
        decided.release,
    ):
        with pytest.raises(IllegalTransition):
            step()


def test_only_a_decided_task_is_taken_back(task: ReviewTask) -> None:
    assert task.decide("ann", NOW).reopen("ann", NOW).status is TaskStatus.CLAIMED
    with pytest.raises(IllegalTransition):
        task.reopen("ann", NOW)


def test_released_tasks_are_open_to_all(task: ReviewTask) -> None:
    assert task.claim("ann", NOW).release().claim("bob", NOW).claimed_by == "bob"

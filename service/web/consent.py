"""What the policy asks of a task, and who agreed already, for pages and the API."""

from __future__ import annotations

from service.domain.approval import ApprovalPolicy, Requirement, proposal, requirement
from service.domain.draft import Severity
from service.domain.review import Decision, Verdict
from service.domain.views import TaskView
from service.ports.engines import PostKindSet


def required_of(view: TaskView, policy: ApprovalPolicy, kinds: PostKindSet) -> Requirement:
    """What it takes to send the newest text of a task."""
    newest, draft = view.revisions[-1].text, view.draft
    blocking = any(one.severity is Severity.BLOCKING for one in draft.findings)
    doubtful = blocking or draft.composition.refusal is not None
    weighty = view.post is not None and kinds.weighty(view.post.brief.kind)
    asked = proposal(draft.kind, view.triage, view.post, newest, weighty=weighty, doubtful=doubtful)
    return requirement(policy, asked)


def endorsements_of(view: TaskView) -> tuple[Decision, ...]:
    """Approvals of the newest text that wait for a second person."""
    digest = view.revisions[-1].hash
    return tuple(
        one
        for one in view.history
        if one.verdict is Verdict.ENDORSE and one.undone_at is None and one.revision_hash == digest
    )

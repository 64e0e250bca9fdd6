"""All tables, in the order facts flow: foreign keys point only to earlier ones."""

from service.db.tables.base import metadata
from service.db.tables.desk import (
    decisions,
    delivery_attempts,
    draft_contexts,
    drafts,
    outbox_entries,
    post_requests,
    review_tasks,
    revisions,
)
from service.db.tables.facts import (
    case_states,
    cases,
    communities,
    duplicate_links,
    messages,
    tallies,
    triages,
)
from service.db.tables.knowledge import (
    clauses,
    documents,
    vectors,
)
from service.db.tables.learning import examples, overrides, refits
from service.db.tables.routing import (
    report_flips,
    reports,
    routing_activations,
    routing_sets,
    sla_breaches,
)
from service.db.tables.system import (
    api_keys,
    engine_versions,
    idempotency,
    job_failures,
    llm_calls,
    login_tokens,
    users,
)
from service.db.tables.themes import (
    case_themes,
    theme_changes,
    theme_links,
    theme_runs,
    theme_snapshots,
    themes,
)

__all__ = [
    "api_keys",
    "case_states",
    "case_themes",
    "cases",
    "clauses",
    "communities",
    "decisions",
    "delivery_attempts",
    "documents",
    "draft_contexts",
    "drafts",
    "duplicate_links",
    "engine_versions",
    "examples",
    "idempotency",
    "job_failures",
    "llm_calls",
    "login_tokens",
    "messages",
    "metadata",
    "outbox_entries",
    "overrides",
    "post_requests",
    "refits",
    "report_flips",
    "reports",
    "review_tasks",
    "revisions",
    "routing_activations",
    "routing_sets",
    "sla_breaches",
    "tallies",
    "theme_changes",
    "theme_links",
    "theme_runs",
    "theme_snapshots",
    "themes",
    "triages",
    "users",
    "vectors",
]

"""All tables, in the order facts flow: foreign keys point only to earlier ones."""

from service.db.tables.bank import bank_terms, reveals
from service.db.tables.base import metadata
from service.db.tables.calendar import post_moves, post_series, series_posts
from service.db.tables.desk import (
    approval_policies,
    decisions,
    delivery_attempts,
    draft_contexts,
    drafts,
    outbox_entries,
    post_requests,
    review_tasks,
    revisions,
)
from service.db.tables.drift import drift_alarms, drift_states
from service.db.tables.evaluations import evaluations, promotions
from service.db.tables.events import events
from service.db.tables.facts import (
    case_states,
    cases,
    communities,
    duplicate_links,
    message_changes,
    messages,
    tallies,
    triages,
)
from service.db.tables.knowledge import (
    clauses,
    documents,
    vectors,
)
from service.db.tables.labels import label_items, labels
from service.db.tables.learning import examples, overrides, refits
from service.db.tables.llm import llm_budgets, llm_calls, llm_reservations, llm_spend
from service.db.tables.previews import preview_flips, previews
from service.db.tables.prompts import prompt_moves, prompt_splits, prompt_versions
from service.db.tables.radar import (
    alerts,
    author_days,
    incident_entries,
    incidents,
    notices,
    pulses,
    radar_states,
    stale_buckets,
)
from service.db.tables.results import post_results
from service.db.tables.routing import (
    report_flips,
    reports,
    routing_activations,
    routing_sets,
    sla_breaches,
)
from service.db.tables.samples import samples
from service.db.tables.spot import spot_checks, spot_draws
from service.db.tables.suggestions import suggestions
from service.db.tables.system import (
    api_keys,
    engine_versions,
    idempotency,
    job_failures,
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
    "alerts",
    "api_keys",
    "approval_policies",
    "author_days",
    "bank_terms",
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
    "drift_alarms",
    "drift_states",
    "duplicate_links",
    "engine_versions",
    "evaluations",
    "events",
    "examples",
    "idempotency",
    "incident_entries",
    "incidents",
    "job_failures",
    "label_items",
    "labels",
    "llm_budgets",
    "llm_calls",
    "llm_reservations",
    "llm_spend",
    "login_tokens",
    "message_changes",
    "messages",
    "metadata",
    "notices",
    "outbox_entries",
    "overrides",
    "post_moves",
    "post_requests",
    "post_results",
    "post_series",
    "preview_flips",
    "previews",
    "promotions",
    "prompt_moves",
    "prompt_splits",
    "prompt_versions",
    "pulses",
    "radar_states",
    "refits",
    "report_flips",
    "reports",
    "reveals",
    "review_tasks",
    "revisions",
    "routing_activations",
    "routing_sets",
    "samples",
    "series_posts",
    "sla_breaches",
    "spot_checks",
    "spot_draws",
    "stale_buckets",
    "suggestions",
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

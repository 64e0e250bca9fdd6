"""Pages and searches over many stored messages beside the same over few.

A few hundred messages go the product's whole way; the rest are copies of their rows, made in the
database, so that every derived column is what the product would write. Triages are not copied: no
list reads them.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING

from sqlalchemy import text

from evals.bench.figures import NotMeasured
from evals.bench.messages import made_messages
from evals.bench.own_service import COMMUNITY, items, own_service
from service.ports.queries import CaseFilter
from service.settings import Settings

if TYPE_CHECKING:
    from service.bootstrap import Application

FEW, MANY = 10_000, 1_000_000
TEMPLATES, DRAFTED = 500, 25
REPEATS = 25
ASKED = ("queue", "queue_next", "cases", "category", "words", "rare_words", "no_such_words")
KEYS = ("queue.growth", *(f"queue.growth_{name}" for name in ASKED), "queue.slowest_ms")

# Every copy lies further back in time. The triggers that count rows stay on.
_COPY = (
    """INSERT INTO cases (id, community, author, source, channel, thread, opened_at, last_at, size)
    SELECT id || '+' || n, community, author || '+' || n, source, channel, thread,
        opened_at - n * interval '3 min', last_at - n * interval '3 min', size
    FROM cases, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE id NOT LIKE '%+%'""",
    """INSERT INTO messages (id, community, source, external_id, author, text, sent_at, received_at,
        channel, thread, reply_to, case_id)
    SELECT id || '+' || n, community, source, external_id || '+' || n, author || '+' || n, text,
        sent_at - n * interval '3 min', received_at - n * interval '3 min', channel, thread,
        reply_to, case_id || '+' || n
    FROM messages, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE id NOT LIKE '%+%'""",
    """INSERT INTO case_states (case_id, community, author, last_at, size, triaged_size,
        drafted_size, reply_due, triage_id, category, guess, confidence, severity, sentiment,
        department, due_at, excerpt, searchable, grams, by_person, pressing, sla)
    SELECT case_id || '+' || n, community, author || '+' || n, last_at - n * interval '3 min', size,
        triaged_size, triaged_size, reply_due, triage_id, category, guess, confidence, severity,
        sentiment, department, due_at, excerpt, searchable, grams, by_person, pressing, sla
    FROM case_states, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE case_id NOT LIKE '%+%'""",
    """INSERT INTO draft_contexts (id, community, case_id, post_request_id, payload, created_at)
    SELECT id || '+' || n, community, case_id || '+' || n, NULL, payload, created_at
    FROM draft_contexts, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE id NOT LIKE '%+%'""",
    """INSERT INTO drafts (id, community, kind, context_id, case_id, post_request_id, lang,
        composition, findings, supersedes, created_at)
    SELECT id || '+' || n, community, kind, context_id || '+' || n, case_id || '+' || n, NULL, lang,
        composition, findings, NULL, created_at
    FROM drafts, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE id NOT LIKE '%+%'""",
    """INSERT INTO review_tasks (id, community, draft_id, kind, case_id, status, priority,
        claimed_by, claim_expires_at, created_at)
    SELECT id || '+' || n, community, draft_id || '+' || n, kind, case_id || '+' || n, status,
        priority + 0.0001 * n, NULL, NULL, created_at
    FROM review_tasks, generate_series(CAST(:first AS int), CAST(:last AS int)) n
    WHERE id NOT LIKE '%+%'""",
)

Ask = Callable[[], Awaitable[object]]


def growth(settings: Settings, many: int = MANY, few: int = FEW) -> dict[str, float]:
    """Times with `many` messages by those with `few`, each question alone and the worst; the
    fastest of several answers counts, which other processes disturb least."""
    small, large = asyncio.run(_measure(settings, many, few))
    ratios = {name: large[name] / small[name] for name in ASKED}
    return {
        "queue.growth": max(ratios.values()),
        **{f"queue.growth_{name}": ratio for name, ratio in ratios.items()},
        "queue.slowest_ms": max(large.values()) * 1e3,
    }


async def _measure(
    settings: Settings, many: int, few: int
) -> tuple[Mapping[str, float], Mapping[str, float]]:
    if not TEMPLATES < few < many:
        raise NotMeasured(f"needs more than {few} rows, and more than {TEMPLATES} to begin with")
    async with own_service(settings) as application:
        await _templates(application)
        await _copy(application, 1, few // TEMPLATES - 1)
        small = await _times(application)
        await _copy(application, few // TEMPLATES, many // TEMPLATES - 1)
        return small, await _times(application)


async def _templates(application: Application) -> None:
    """Messages that are ingested, triaged and in part drafted by the product."""
    results = await application.ingest.ingest(COMMUNITY, items(made_messages(TEMPLATES)))
    case_ids = [result.case_id for result in results if result.case_id]
    await application.triage.run(COMMUNITY, case_ids)
    drafted = 0
    for case_id in case_ids:
        drafted += await application.draft.draft_due(case_id) is not None
        if drafted == DRAFTED:
            return


async def _copy(application: Application, first: int, last: int) -> None:
    """Add copies `first` to `last` of every template, then bring the planner's numbers up."""
    async with application.engine.connect() as connection:
        await connection.execute(text("SET statement_timeout = 0"))
        for statement in _COPY:
            await connection.execute(text(statement), {"first": first, "last": last})
        await connection.execute(text("ANALYZE"))
        await connection.commit()


async def _times(application: Application) -> Mapping[str, float]:
    """Seconds of the fastest answer to each question."""
    page = await application.queries.queue(COMMUNITY)
    asked: dict[str, Ask] = {
        "queue": lambda: application.queries.queue(COMMUNITY),
        "queue_next": lambda: application.queries.queue(COMMUNITY, cursor=page.cursor),
        "cases": lambda: _cases(application, CaseFilter()),
        "category": lambda: _cases(application, CaseFilter(category="bug_report")),
        "words": lambda: _cases(application, CaseFilter(text="同步")),
        "rare_words": lambda: _cases(application, CaseFilter(text="#77 ")),
        "no_such_words": lambda: _cases(application, CaseFilter(text="无此一词")),
    }
    return {name: await _fastest(ask) for name, ask in asked.items()}


async def _cases(application: Application, where: CaseFilter) -> object:
    return await application.queries.cases(COMMUNITY, where)


async def _fastest(ask: Ask) -> float:
    taken = list[float]()
    for _ in range(REPEATS):
        started = time.perf_counter()
        await ask()
        taken.append(time.perf_counter() - started)
    return min(taken)

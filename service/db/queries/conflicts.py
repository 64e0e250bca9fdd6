"""Pairs of clauses that contradict each other, by the drafts they held."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from pathlib import Path

from sqlalchemy import ARRAY, RowMapping, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from service.db.types import SafeText
from service.domain.conflict import ClauseConflict, ConflictSide, Span
from service.domain.draft import ContextPassage
from service.ports.insights import ClausePair, PairSide

_PAIRS = text(Path(__file__).with_name("conflicts.sql").read_text(encoding="utf-8")).bindparams(
    bindparam("staff", type_=ARRAY(SafeText))
)


async def list_conflicts(
    connection: AsyncConnection, community: str, since: datetime, staff: Collection[str]
) -> tuple[ClausePair, ...]:
    """See `service.ports.insights.Insights.conflicts`."""
    given = {"community": community, "since": since, "staff": list(staff)}
    rows = (await connection.execute(_PAIRS, given)).mappings()
    return tuple(_pair(row) for row in rows)


def _pair(row: RowMapping) -> ClausePair:
    conflict = ClauseConflict.model_validate(row["conflict"])
    clauses = {one["clause_id"]: ContextPassage.model_validate(one) for one in row["clauses"]}
    one, other = (
        _side(clauses[side.clause_id], side, side.clause_id in row["standing"])
        for side in conflict.sides
    )
    return ClausePair(
        differs=conflict.differs,
        sides=(one, other),
        open=one.standing and other.standing,
        drafts=row["drafts"],
        cases=row["cases"],
        authors=row["authors"],
        last_at=row["last_at"],
        evidence=tuple(row["evidence"]),
    )


def _side(clause: ContextPassage, side: ConflictSide, standing: bool) -> PairSide:
    at = side.sentence.start
    marks = (Span(start=mark.start - at, end=mark.end - at) for mark in side.marks)
    return PairSide(
        clause_id=clause.clause_id,
        document_title=clause.document_title,
        number=clause.number,
        version=clause.version,
        lang=clause.lang,
        sentence=side.sentence.of(clause.text),
        marks=tuple(marks),
        standing=standing,
    )

"""Figures of themes and topics, counted from the cases that are in them now."""

from __future__ import annotations

from sqlalchemy import text

_FIGURES = """
    count(s.case_id) AS size, count(DISTINCT s.author) AS authors,
    min(s.last_at) AS first_at, max(s.last_at) AS last_at,
    (count(*) FILTER (WHERE s.last_at > :now - interval '7 days') + 1)::float
    / (count(*) FILTER (WHERE s.last_at > :now - interval '14 days'
                        AND s.last_at <= :now - interval '7 days') + 1) AS growth
"""
_SET = """
    size = f.size, authors = f.authors, growth = f.growth,
    first_at = least(t.first_at, coalesce(f.first_at, t.first_at)),
    last_at = coalesce(f.last_at, t.last_at)
"""

COUNT_THEMES = text(f"""
    UPDATE themes t SET {_SET} FROM (
        SELECT w.id, {_FIGURES} FROM unnest(CAST(:ids AS text[])) AS w(id)
        LEFT JOIN case_themes c ON c.theme_id = w.id
        LEFT JOIN case_states s ON s.case_id = c.case_id GROUP BY w.id
    ) f WHERE f.id = t.id AND t.level = 'theme'
""")  # noqa: S608 - our own parts

COUNT_TOPICS = text(f"""
    UPDATE themes t SET {_SET} FROM (
        SELECT p.parent_id AS id, {_FIGURES} FROM themes p
        LEFT JOIN case_themes c ON c.theme_id = p.id
        LEFT JOIN case_states s ON s.case_id = c.case_id
        WHERE p.retired_at IS NULL AND p.parent_id IN (
            SELECT coalesce(parent_id, id) FROM themes WHERE id = ANY(CAST(:ids AS text[]))
        ) GROUP BY p.parent_id
    ) f WHERE f.id = t.id
""")  # noqa: S608 - our own parts

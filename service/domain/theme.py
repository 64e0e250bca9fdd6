"""Themes: what many cases are about."""

from __future__ import annotations

from service.domain.base import Bilingual, Frozen, Instant


class Theme(Frozen):
    """A cluster of cases with readable keywords; `id` is permanent."""

    id: str
    community: str
    run_id: str
    name: Bilingual
    keywords_zh: tuple[str, ...]
    keywords_en: tuple[str, ...]
    size: int
    authors: int
    first_at: Instant
    last_at: Instant
    growth: float
    """Cases of the last 7 days over those of the 7 days before (both plus one)."""
    created_at: Instant


class ThemeMember(Frozen):
    """A case in a theme; `similarity` is to the theme's centre."""

    theme_id: str
    case_id: str
    similarity: float


class ThemeRun(Frozen):
    """One clustering of a community."""

    id: str
    community: str
    clustered: int
    unclustered: int
    created_at: Instant

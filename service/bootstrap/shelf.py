"""The grown FAQ among the community's documents."""

from __future__ import annotations

from contextlib import suppress

from retrieval.types import DocumentKind
from service.errors import Conflict, NotCompared, NotFound
from service.flows.rules import RulesFlow, Upload


class RulesShelf:
    """See `service.ports.knowledge.Shelf`; an upload like any other, known by its file name."""

    def __init__(self, rules: RulesFlow) -> None:
        self._rules = rules

    async def require_ours(self, community: str, slug: str) -> None:
        with suppress(NotFound):
            document, _ = await self._rules.get(community, slug)
            if document.filename != _filename(slug):
                raise Conflict(
                    f"Somebody uploaded another document as {slug!r}; retire it first.", slug=slug
                )

    async def put(self, community: str, slug: str, page: bytes, *, by: str) -> None:
        given = Upload(_filename(slug), page, "text/html", slug, DocumentKind.FAQ)
        await self._rules.upload(community, given, by=by)

    async def take_down(self, community: str, slug: str, *, by: str) -> None:
        with suppress(NotFound):
            try:
                await self._rules.retire(community, slug, by=by)
            except NotCompared:  # the job is tried again, by then it may have passed
                await self._rules.ask_without(community, slug, by=by)
                raise


def _filename(slug: str) -> str:
    return f"{slug}.grown.html"

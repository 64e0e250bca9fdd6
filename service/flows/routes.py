"""Routing rules as the flows apply them."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from service.domain.case import Case
from service.domain.community import Community
from service.domain.override import Standing
from service.domain.routing import AuthorKind, RoutingRules, RoutingSet
from service.domain.triage import Judgement
from service.ports.store import UnitOfWork
from service.triage.routing import Router, Setting


class Routes:
    """A set of rules, with what it asks about the cases of one chunk."""

    def __init__(
        self, router: Router, community: Community | None, themes: Mapping[str, Collection[str]]
    ) -> None:
        self._router, self._community, self._themes = router, community, themes

    def routed(self, judgement: Judgement, case: Case, standing: Standing | None) -> Judgement:
        """The judgement with its route; a department that a person set stays.

        The route it comes with must be its category's, not that of an earlier rule.
        """
        setting = Setting(
            source=case.source,
            channel=case.channel,
            author=author_kind(self._community, case.author),
            themes=self._themes.get(case.id, ()),
        )
        route = self._router.route(judgement, setting, case.last_at)
        if standing is not None and standing.change.department is not None:
            route = route.model_copy(update={"department": standing.change.department})
        return judgement.model_copy(update={"route": route})


async def routes_of(
    uow: UnitOfWork, community: str, case_ids: Collection[str], given: RoutingSet | None = None
) -> Routes | None:
    """The rules in force, or those of `given`; None where there are none."""
    rules = given or await uow.routing.active(community)
    if rules is None:
        return None
    router = Router(RoutingRules(rules=rules.rules, default_queue=rules.default_queue))
    themes = await uow.routing.themes_of(case_ids) if router.reads_themes else {}
    return Routes(router, await uow.communities.get(community), themes)


def silent(judgement: Judgement) -> Judgement:
    """What the community's own people write asks for no reply."""
    route = judgement.route.model_copy(update={"reply_due": False})
    return judgement.model_copy(update={"route": route})


def author_kind(community: Community | None, author: str) -> AuthorKind:
    """What the community has said of an author."""
    if community is not None and author in community.staff:
        return AuthorKind.STAFF
    if community is not None and author in community.partners:
        return AuthorKind.PARTNER
    return AuthorKind.MEMBER

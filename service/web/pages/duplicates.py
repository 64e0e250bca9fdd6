"""What the case page says of duplicates: the group, what may join it, what was parted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from fastapi import Request

from service.domain.duplicates import LinkVerdict
from service.domain.views import GroupMember, GroupView
from service.flows.duplicates import Similar, SimilarFilter
from service.web.pages.people import names
from service.web.state import application_of

SUGGESTED = 5


class Row(NamedTuple):
    """Another case of the group; `linked` directly, and by whom where a person did it."""

    member: GroupMember
    linked: bool
    by: str | None


class Same(NamedTuple):
    """The group of a case (None: it stands alone) and what resembles it from outside."""

    group: GroupView | None
    rows: tuple[Row, ...]
    suggestions: tuple[Similar, ...]


async def same_case(request: Request, case_id: str) -> Same:
    """What is known and what is suggested; a pair that a person parted is not suggested again."""
    application = application_of(request)
    group = await application.queries.group_of(case_id)
    similar = await application.duplicates.similar(case_id, SimilarFilter(grouped=False))
    offered = tuple(one for one in similar if one.said is not LinkVerdict.UNMERGED)
    return Same(group, await _rows(request, case_id, group), offered[:SUGGESTED])


async def _rows(request: Request, case_id: str, group: GroupView | None) -> tuple[Row, ...]:
    if group is None:
        return ()
    people = await names(request)
    links = {
        (link.second_id if link.first_id == case_id else link.first_id): link.by
        for link in group.links
        if case_id in (link.first_id, link.second_id)
    }
    return tuple(
        Row(one, one.case_id in links, _name(people, links.get(one.case_id)))
        for one in group.members
        if one.case_id != case_id
    )


def _name(people: Mapping[str, str], by: str | None) -> str | None:
    return people.get(by, by) if by else None

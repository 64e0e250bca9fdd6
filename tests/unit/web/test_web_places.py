"""One list of places: each has one key, a name in both languages, and its own part of the site."""

from __future__ import annotations

from service.domain.account import ROLE_SCOPES, Role
from service.domain.base import Lang
from service.web.i18n import Catalogue
from service.web.places import GROUPS, groups_for

PLACES = [place for group in GROUPS for place in group.places]


def test_no_two_places_share_a_key_or_an_address() -> None:
    assert len({place.key for place in PLACES}) == len(PLACES)
    assert len({place.href for place in PLACES}) == len(PLACES)


def test_every_place_and_group_has_a_name() -> None:
    keys = Catalogue().keys(Lang.ZH)
    assert {f"nav.{place.name}" for place in PLACES} <= keys
    assert {f"nav_group.{group.name}" for group in GROUPS if group.name} <= keys


def test_a_path_belongs_to_one_place_at_most() -> None:
    for path, name in {
        "/queue": "queue",
        "/tasks/task_1": "queue",
        "/reports/rep_1": "routing",
        "/radar/inc_1": "radar",
        "/casesick": None,
    }.items():
        assert [place.name for place in PLACES if place.holds(path)] == ([name] if name else [])


def test_a_group_nobody_may_enter_is_left_out() -> None:
    def shown(role: Role) -> dict[str, list[str]]:
        groups = groups_for(lambda scope: scope in ROLE_SCOPES[role])
        return {group.name: [place.name for place in group.places] for group in groups}

    assert shown(Role.VIEWER)["outgoing"] == ["deliveries"]
    assert "settings" not in shown(Role.EDITOR)["manage"]
    assert sum(map(len, shown(Role.ADMIN).values())) == len(PLACES)
    assert groups_for(lambda _: False) == ()

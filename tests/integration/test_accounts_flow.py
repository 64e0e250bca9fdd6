"""Credentials: checked, one-time, rotated, revoked, never stored in clear."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from service.bootstrap import Application
from service.domain.account import Role, Scope
from service.errors import Conflict, InvalidInput, NotAuthenticated, NotFound

PASSWORD = "correct horse battery"


async def test_a_password_lets_its_owner_in(application: Application) -> None:
    await application.accounts.create_user("小满", Role.MODERATOR, password=PASSWORD)
    assert (await application.accounts.log_in("小满", PASSWORD)).role is Role.MODERATOR
    for name, password in (("小满", "wrong password"), ("nobody", PASSWORD)):
        with pytest.raises(NotAuthenticated):
            await application.accounts.log_in(name, password)


async def test_hashes_are_argon2_and_never_the_password(application: Application) -> None:
    user = await application.accounts.create_user("ann", Role.VIEWER, password=PASSWORD)
    assert user.password_hash.startswith("$argon2id$")
    assert PASSWORD not in user.password_hash


async def test_short_passwords_and_taken_names_are_refused(application: Application) -> None:
    with pytest.raises(InvalidInput):
        await application.accounts.create_user("ann", Role.VIEWER, password="short")
    await application.accounts.create_user("ann", Role.VIEWER)
    with pytest.raises(Conflict):
        await application.accounts.create_user("ann", Role.VIEWER)


async def test_a_login_link_works_once(application: Application) -> None:
    await application.accounts.create_user("ann", Role.VIEWER)
    token = await application.accounts.login_link("ann")
    assert (await application.accounts.use_link(token)).name == "ann"
    with pytest.raises(NotAuthenticated):
        await application.accounts.use_link(token)


async def test_a_login_link_expires(application: Application, clock: Any) -> None:
    await application.accounts.create_user("ann", Role.VIEWER)
    token = await application.accounts.login_link("ann")
    clock.move(timedelta(minutes=31))
    with pytest.raises(NotAuthenticated):
        await application.accounts.use_link(token)


async def test_an_ended_key_is_not_rotated_back_to_life(
    application: Application, clock: Any
) -> None:
    soon = clock.now() + timedelta(hours=1)
    key, secret = await application.accounts.create_key("ops", [Scope.TRIAGE], expires_at=soon)
    await application.accounts.rotate_key(key.id, overlap=timedelta(days=1))
    clock.move(timedelta(hours=2))
    with pytest.raises(Conflict):
        await application.accounts.rotate_key(key.id, overlap=timedelta(days=1))
    with pytest.raises(NotAuthenticated):
        await application.accounts.authenticate(secret)


async def test_a_key_carries_its_scopes_and_community(application: Application) -> None:
    key, secret = await application.accounts.create_key("ops", [Scope.TRIAGE], community="acme")
    actor = await application.accounts.authenticate(secret)
    assert (actor.id, actor.scopes, actor.community) == (key.id, {Scope.TRIAGE}, "acme")
    assert secret.rpartition("_")[2] not in key.secret_hash


@pytest.mark.parametrize("presented", ["", "hy_", "hy_x_y", "nonsense", "hy_" + "a" * 5000])
async def test_unknown_keys_are_refused(application: Application, presented: str) -> None:
    with pytest.raises(NotAuthenticated):
        await application.accounts.authenticate(presented)


async def test_rotation_leaves_an_overlap_and_revocation_none(
    application: Application, clock: Any
) -> None:
    key, old = await application.accounts.create_key("ops", [Scope.TRIAGE])
    successor, new = await application.accounts.rotate_key(key.id, overlap=timedelta(hours=1))
    await application.accounts.authenticate(old)
    clock.move(timedelta(hours=2))
    with pytest.raises(NotAuthenticated):
        await application.accounts.authenticate(old)
    await application.accounts.authenticate(new)
    await application.accounts.revoke_key(successor.id)
    with pytest.raises(NotAuthenticated):
        await application.accounts.authenticate(new)


async def test_keys_need_a_scope_and_must_exist(application: Application) -> None:
    with pytest.raises(InvalidInput):
        await application.accounts.create_key("none", [])
    with pytest.raises(NotFound):
        await application.accounts.revoke_key("key_missing")

"""People and API clients."""

from __future__ import annotations

from enum import StrEnum

from service.domain.base import Frozen, Instant, Lang


class Role(StrEnum):
    """What a person may do in the page."""

    VIEWER = "viewer"
    MODERATOR = "moderator"
    EDITOR = "editor"
    ADMIN = "admin"


class Scope(StrEnum):
    """What an API key may do."""

    MESSAGES_WRITE = "messages:write"
    TRIAGE = "triage"
    CASES_READ = "cases:read"
    RULES_READ = "rules:read"
    RULES_WRITE = "rules:write"
    DRAFTS_WRITE = "drafts:write"
    REVIEW = "review"
    OVERRIDES_WRITE = "overrides:write"
    EXAMPLES_WRITE = "examples:write"
    ROUTING_WRITE = "routing:write"
    BANK_WRITE = "bank:write"
    PROMPTS_WRITE = "prompts:write"
    PII_REVEAL = "pii:reveal"
    POSTS_WRITE = "posts:write"
    DELIVERY = "delivery"
    ADMIN = "admin"


ROLE_SCOPES: dict[Role, frozenset[Scope]] = {
    Role.VIEWER: frozenset({Scope.CASES_READ, Scope.RULES_READ}),
    Role.MODERATOR: frozenset(
        {
            Scope.CASES_READ,
            Scope.RULES_READ,
            Scope.TRIAGE,
            Scope.DRAFTS_WRITE,
            Scope.REVIEW,
            Scope.OVERRIDES_WRITE,
        }
    ),
    Role.EDITOR: frozenset(
        {
            Scope.CASES_READ,
            Scope.RULES_READ,
            Scope.RULES_WRITE,
            Scope.TRIAGE,
            Scope.DRAFTS_WRITE,
            Scope.REVIEW,
            Scope.OVERRIDES_WRITE,
            Scope.EXAMPLES_WRITE,
            Scope.ROUTING_WRITE,
            Scope.BANK_WRITE,
            Scope.PROMPTS_WRITE,
            Scope.POSTS_WRITE,
        }
    ),
    Role.ADMIN: frozenset(Scope),
}


class User(Frozen):
    """A person who can log in; `password_hash` is argon2id."""

    id: str
    name: str
    role: Role
    lang: Lang
    password_hash: str
    active: bool = True
    created_at: Instant


class ApiKey(Frozen):
    """An API client's key. The secret is shown once; only its SHA-256 is kept.

    `community` None means every community.
    """

    id: str
    name: str
    prefix: str
    secret_hash: str
    scopes: frozenset[Scope]
    community: str | None
    created_at: Instant
    expires_at: Instant | None = None
    revoked_at: Instant | None = None


class Actor(Frozen):
    """Whoever makes a request: a user or an API key."""

    id: str
    scopes: frozenset[Scope]
    community: str | None = None

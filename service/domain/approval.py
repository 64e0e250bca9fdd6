"""Who must agree before a text leaves: rules as data, every matching one counts."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Annotated

from pydantic import Field, field_validator, model_validator

from service.domain.base import Bilingual, Frozen, Instant
from service.domain.draft import DraftKind
from service.domain.post import PostRequest
from service.domain.triage import Triage

MOST_RULES = 100
MOST_APPROVALS = 2

Word = Annotated[str, Field(min_length=1, max_length=100)]
Words = Annotated[tuple[Word, ...], Field(max_length=200)]


class ApprovalWhen(Frozen):
    """What a draft must be like. Every condition given must hold; of the values of one, any."""

    kinds: tuple[DraftKind, ...] = Field((), max_length=2)
    categories: Words = Field(
        (), description="Categories of the case; a guess counts too, unless the rule allows bulk."
    )
    min_severity: int | None = Field(None, ge=0, le=4)
    max_severity: int | None = Field(None, ge=0, le=4)
    post_kinds: Words = ()
    says: Words = Field((), description="Plain substrings of the text that is to leave.")


class ApprovalRule(Frozen):
    """One class of drafts and what it takes to send one."""

    id: str = Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,63}$")
    title: Bilingual
    when: ApprovalWhen = ApprovalWhen()
    approvals: int = Field(1, ge=1, le=MOST_APPROVALS, description="People who must agree.")
    bulk: bool = Field(False, description="May be approved in a list, several at once.")

    @model_validator(mode="after")
    def _one_or_the_other(self) -> ApprovalRule:
        if self.bulk and self.approvals > 1:
            raise ValueError("what needs a second approver cannot be approved in bulk")
        if self.bulk and not self.when.categories:
            raise ValueError("name the categories that may be approved in bulk")
        return self


class ApprovalPolicy(Frozen):
    """All classes of a community. No class sends by itself."""

    rules: tuple[ApprovalRule, ...] = Field(max_length=MOST_RULES)

    @field_validator("rules")
    @classmethod
    def _named_once(cls, rules: tuple[ApprovalRule, ...]) -> tuple[ApprovalRule, ...]:
        if len({rule.id for rule in rules}) < len(rules):
            raise ValueError("two rules carry the same id")
        return rules


class PolicyVersion(Frozen):
    """A stored policy; the newest of a community decides. Append-only."""

    id: str
    community: str
    policy: ApprovalPolicy
    by: str
    reason: str
    at: Instant


class Proposal(Frozen):
    """What a policy is asked about: a draft and the text that is to leave."""

    kind: DraftKind
    labels: frozenset[str] = frozenset()
    """Categories triage or a person is sure of."""
    guess: str | None = None
    severity: int = 0
    post_kind: str | None = None
    text: str = ""
    weighty: bool = False
    """Its kind of post says itself that a second person must agree."""
    doubtful: bool = False
    """It has blocking findings, or says that there is no answer yet."""


class Requirement(Frozen):
    """What it takes to send one draft, and the rules that say so."""

    approvals: int
    bulk: bool
    rules: tuple[ApprovalRule, ...]

    @property
    def strict(self) -> tuple[ApprovalRule, ...]:
        """The rules that ask for a second person."""
        return tuple(rule for rule in self.rules if rule.approvals > 1)


def proposal(
    kind: DraftKind,
    triage: Triage | None,
    post: PostRequest | None,
    text: str,
    *,
    weighty: bool,
    doubtful: bool,
) -> Proposal:
    """What the stored facts say of a draft with this text."""
    judged = triage.judgement if triage else None
    return Proposal(
        kind=kind,
        labels=frozenset(label.category for label in judged.labels) if judged else frozenset(),
        guess=judged.guess if judged else None,
        severity=judged.severity if judged else 0,
        post_kind=post.brief.kind if post else None,
        text=text,
        weighty=weighty,
        doubtful=doubtful,
    )


def requirement(policy: ApprovalPolicy, asked: Proposal) -> Requirement:
    """The strictest of all matching rules; bulk only where every one of them allows it, for
    replies without a doubt."""
    matching = tuple(rule for rule in policy.rules if _fits(rule, asked))
    return Requirement(
        approvals=max((2 if asked.weighty else 1, *(rule.approvals for rule in matching))),
        bulk=(
            bool(matching)
            and all(rule.bulk for rule in matching)
            and asked.kind is DraftKind.REPLY
            and not asked.doubtful
        ),
        rules=matching,
    )


def _fits(rule: ApprovalRule, asked: Proposal) -> bool:
    when = rule.when
    guessed = {asked.guess} - {None} if not rule.bulk else set()
    floor = 0 if when.min_severity is None else when.min_severity
    ceiling = asked.severity if when.max_severity is None else when.max_severity
    return (
        _any(when.kinds, {asked.kind})
        and _any(when.categories, asked.labels | guessed)
        and _any(when.post_kinds, {asked.post_kind})
        and floor <= asked.severity <= ceiling
        and _said(when.says, asked.text)
    )


def _any(wanted: Collection[object], given: Iterable[object]) -> bool:
    return not wanted or any(one in wanted for one in given)


def _said(wanted: Collection[str], text: str) -> bool:
    folded = text.casefold()
    return not wanted or any(one.casefold() in folded for one in wanted)

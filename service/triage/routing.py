"""Which rule decides a case. Rules only say; whoever calls acts, so anything can be rehearsed.

Total and deterministic: the first rule whose conditions all hold decides, else the default queue,
else the category's own route. Keywords are substrings of the folded text, never expressions.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import NamedTuple

from service.domain.routing import STEPS, AuthorKind, RoutingRules, Rule, Then, When
from service.domain.triage import Judgement, Route
from service.triage.folding import fold

DEFAULT = "default"
"""Named as the rule where none fitted and the set has a default queue."""

KEPT_SEVERITY = 3
"""From this severity on a rule may bring a deadline forward, never put it off."""


class Setting(NamedTuple):
    """What is known of a case beside its judgement."""

    source: str
    channel: str
    author: AuthorKind
    themes: Collection[str] = ()


class Router:
    """A set of rules, ready to decide. Safe to share between threads."""

    def __init__(self, rules: RoutingRules) -> None:
        """Fold the keywords once."""
        self._rules = [(rule, _folded(rule.when)) for rule in rules.rules]
        self._default = rules.default_queue
        self._reads_text = any(rule.when.keywords for rule in rules.rules)

    @property
    def reads_themes(self) -> bool:
        """Whether any rule asks for themes."""
        return any(rule.when.themes for rule, _ in self._rules)

    def decide(self, judgement: Judgement, setting: Setting) -> tuple[str | None, Then | None]:
        """The deciding rule's id and what it sets; nothing where the category's route stands."""
        text = fold(judgement.redacted.text).text if self._reads_text else ""
        for rule, keywords in self._rules:
            if _fits(rule, keywords, judgement, setting, text):
                return rule.id, rule.then
        return (DEFAULT, self._default) if self._default else (None, None)

    def route(self, judgement: Judgement, setting: Setting, at: datetime) -> Route:
        """The route of a judged case.

        Args:
            at: when the case was last written to, for the due time.
        """
        name, then = self.decide(judgement, setting)
        route = judgement.route.model_copy(update={"rule": name, "pressing": 0})
        return _applied(then, route, judgement.severity, at) if then else route


def _applied(then: Then, route: Route, severity: int, at: datetime) -> Route:
    changed: dict[str, object] = {}
    if then.department is not None:
        changed["department"] = then.department
    if then.pressing is not None:
        changed["pressing"] = STEPS[then.pressing]
    if then.sla_hours is not None:
        due = at + timedelta(hours=then.sla_hours)
        changed["due_at"] = min(due, route.due_at) if severity >= KEPT_SEVERITY else due
    return route.model_copy(update=changed)


def _folded(when: When) -> tuple[str, ...]:
    """Keywords in search form; one that folds to nothing fits no text."""
    return tuple(folded for word in when.keywords if (folded := fold(word).text.strip()))


def _fits(
    rule: Rule, keywords: tuple[str, ...], judgement: Judgement, setting: Setting, text: str
) -> bool:
    when = rule.when
    return (
        (when.min_severity is None or judgement.severity >= when.min_severity)
        and _any(when.categories, [label.category for label in judgement.labels])
        and _any(when.sentiments, [judgement.sentiment.value])
        and _any(when.langs, [judgement.lang])
        and _any(when.sources, [setting.source])
        and _any(when.channels, [setting.channel])
        and _any(when.authors, [setting.author])
        and _any(when.themes, setting.themes)
        and (not when.keywords or any(word in text for word in keywords))
    )


def _any(wanted: Collection[object], found: Collection[object]) -> bool:
    return not wanted or any(one in wanted for one in found)

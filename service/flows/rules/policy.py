"""Whether a change of a community's rules waits for a comparison."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from service.domain.document import Ground, RulesPolicy
from service.domain.sample import ABOUT_RULES, DraftWanted, RetrievalWanted
from service.flows.rules.rule_set import RuleSet
from service.ports.store import UnitOfWork

TELLING = 4
"""Cases about a community's clauses from which on a comparison can tell; the suite needs them."""


class PolicyOf(NamedTuple):
    """What decides.

    Args:
        configured: what settings say.
        golden: slugs of the documents that the suite's golden cases are about.
    """

    configured: str
    golden: Callable[[], frozenset[str]]

    async def of(self, uow: UnitOfWork, community: str, rules: RuleSet) -> RulesPolicy:
        """What holds for a community that has these rules now."""
        cases = await _telling(uow, community, {one.id for one in rules.clauses})
        if self.configured != "advised":
            return RulesPolicy(policy=self.configured, ground=Ground.SETTING, cases=cases)
        slugs = {one.document.slug for one in rules.held}
        if 2 * len(slugs & self.golden()) > len(self.golden()):
            return RulesPolicy(policy="required", ground=Ground.GOLDEN, cases=cases)
        if cases >= TELLING:
            return RulesPolicy(policy="required", ground=Ground.CASES, cases=cases)
        return RulesPolicy(policy="advised", ground=Ground.FEW, cases=cases)


async def _telling(uow: UnitOfWork, community: str, known: set[str]) -> int:
    """Accepted cases that name a clause there is."""
    found = 0
    for task in ABOUT_RULES:
        for one in await uow.samples.accepted(community, task):
            named = one.wanted.cite if isinstance(one.wanted, DraftWanted) else ()
            if isinstance(one.wanted, RetrievalWanted):
                named = one.wanted.clauses
            found += not known.isdisjoint(named)
    return found

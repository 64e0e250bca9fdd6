"""One use case: facts for texts. One function a group, named in `flow.py`."""

from service.flows.facts.flow import FactsFlow

__all__ = ["FactsFlow"]

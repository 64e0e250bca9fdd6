"""Where an engine gets its templates from, whoever keeps them."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from prompts.template import PromptTemplate


class Picked(NamedTuple):
    """A template and the number of its version."""

    template: PromptTemplate
    version: int


class Library(Protocol):
    """Templates by id, and every text that was ever used by its hash."""

    def pick(
        self, template_id: str, community: str | None = None, case: str | None = None
    ) -> Picked:
        """The version to use now for a community and a case; the same case gives the same one
        while nothing is changed.

        Raises:
            KeyError: there is no such template.
        """
        ...

    def known(self, template_id: str, digest: str) -> PromptTemplate | None:
        """The text with this hash, of whatever version; None where it was never kept."""
        ...

"""The taxonomy as data."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from service.domain.base import Bilingual, Frozen, Lang


class Department(StrEnum):
    """Who owns a category."""

    MARKET = "market"
    PRODUCT = "product"
    SUPPORT = "support"
    OPERATIONS = "operations"
    PARTNERS = "partners"
    LEGAL = "legal"


class LabelledExample(Frozen):
    """A text with the category a person gave it."""

    id: str
    text: str
    category: str
    lang: Lang
    origin: str = "taxonomy"


class Category(Frozen):
    """One kind of feedback; `id` is permanent."""

    id: str
    title: Bilingual
    definition: Bilingual
    examples: tuple[str, ...]
    counter_examples: tuple[str, ...] = ()
    owner: Department
    sla_minutes: int = Field(gt=0)
    severity: int = Field(ge=0, le=4, description="Severity of an ordinary case, 0 none to 4.")
    needs_reply: bool


class Taxonomy(Frozen):
    """All categories; `version` names the content."""

    version: str
    categories: tuple[Category, ...]

    def get(self, category_id: str) -> Category:
        """The category with this id.

        Raises:
            KeyError: there is none.
        """
        for category in self.categories:
            if category.id == category_id:
                return category
        raise KeyError(category_id)

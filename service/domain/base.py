"""Base of all domain values."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

Instant = AwareDatetime
"""A moment with a time zone; stored and compared in UTC."""

Probability = Annotated[float, Field(ge=0, le=1)]
"""A calibrated probability, 0 to 1."""


class Frozen(BaseModel):
    """An immutable value; unknown fields are an error."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Lang(StrEnum):
    """Languages the product answers in."""

    ZH = "zh"
    EN = "en"


class Bilingual(Frozen):
    """One text in both languages."""

    zh: str
    en: str

    def get(self, lang: Lang) -> str:
        """The text in `lang`."""
        return self.zh if lang is Lang.ZH else self.en

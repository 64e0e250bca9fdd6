"""What a kind of post asks of its brief and of its finished text."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from service.domain.base import Bilingual, Frozen, Lang

MOST_VALUE = 5000
"""Longest value of an input, characters; a feed may be as long as `MOST_FEED`."""

MOST_FEED = 300_000

Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class FieldType(StrEnum):
    """How a value of the brief is read. A date is a day, a datetime a local time of the community;
    a feed is RSS or Atom, or the items once read."""

    LINE = "line"
    TEXT = "text"
    LINES = "lines"
    DATE = "date"
    DATETIME = "datetime"
    INT = "int"
    CHOICE = "choice"
    URL = "url"
    FEED = "feed"


class Need(StrEnum):
    """Whether a part of a brief is wanted."""

    NONE = "none"
    OPTIONAL = "optional"
    REQUIRED = "required"


class ChannelFormat(StrEnum):
    """What a channel takes: a short chat message, a long post, an e-mail."""

    CHAT = "chat"
    LONG = "long"
    MAIL = "mail"


class SubjectType(StrEnum):
    """What a post may be about, besides its period."""

    EVENT = "event"
    THEME = "theme"
    DOCUMENT = "document"
    DEPARTMENT = "department"
    INCIDENT = "incident"


class Approval(StrEnum):
    """Who must agree before a post of this kind leaves."""

    ORDINARY = "ordinary"
    SECOND = "second"


class Choice(Frozen):
    """One value a choice takes."""

    value: Name
    title: Bilingual


class BriefField(Frozen):
    """One typed input of a brief. `least` and `most` bound whole numbers.

    In a `named` one an editor says on purpose what somebody is called in the post.
    """

    name: Name
    type: FieldType
    label: Bilingual
    help: Bilingual = Bilingual(zh="", en="")
    required: bool = False
    max_length: int = Field(300, ge=1, le=MOST_FEED, description="Characters.")
    least: int = 0
    most: int = 1_000_000
    choices: tuple[Choice, ...] = ()
    named: bool = False

    @model_validator(mode="after")
    def _choices_of_a_choice(self) -> Self:
        if (self.type is FieldType.CHOICE) != bool(self.choices):
            raise ValueError("choices belong to type 'choice', and to no other")
        return self


class Subject(Frozen):
    """What the post is about, such as an event by its name."""

    type: SubjectType
    need: Need
    label: Bilingual
    help: Bilingual = Bilingual(zh="", en="")


class Length(Frozen):
    """Longest text asked for, characters."""

    zh: int = Field(ge=40, le=6000)
    en: int = Field(ge=80, le=15000)

    def get(self, lang: Lang) -> int:
        """Of one language."""
        return self.zh if lang is Lang.ZH else self.en


class RuleNeed(Frozen):
    """The community's own rules such a post must rest on; `query` finds them."""

    query: Bilingual
    required: bool = False


class Words(Frozen):
    """Phrases in both languages."""

    zh: tuple[str, ...] = Field(min_length=1)
    en: tuple[str, ...] = Field(min_length=1)

    def get(self, lang: Lang) -> tuple[str, ...]:
        """Of one language."""
        return self.zh if lang is Lang.ZH else self.en


class Part(Frozen):
    """Something the finished text must say: the value of an input, or one of some words."""

    title: Bilingual
    input: Name | None = None
    words: Words | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.input is None) == (self.words is None):
            raise ValueError("a part names either an input or words")
        return self


class Never(Frozen):
    """Something the finished text must not say unless the brief does."""

    title: Bilingual
    words: Words


class Section(Frozen):
    """A section of the text without a model.

    `of` names inputs, or `points`, `facts`, `rules`, `period`, `subject`. A section none of whose
    sources holds anything is left out; so is its heading in a chat message.
    """

    heading: Bilingual = Bilingual(zh="", en="")
    of: tuple[Name, ...] = Field(min_length=1)


class PostKind(Frozen):
    """One kind of post, read from its file."""

    id: Name
    place: int = Field(ge=0, description="Where it stands among the kinds.")
    title: Bilingual
    description: Bilingual
    tone: Bilingual
    approval: Approval = Approval.ORDINARY
    points: Need = Need.REQUIRED
    period: Need = Need.NONE
    subject: Subject | None = None
    default_format: ChannelFormat = ChannelFormat.LONG
    lengths: dict[ChannelFormat, Length] = Field(min_length=1)
    facts: tuple[Name, ...] = Field((), description="Groups of facts that are computed for it.")
    rules: RuleNeed | None = None
    clauses: bool = Field(True, description="Whether its writer sees the clauses found.")
    inputs: tuple[BriefField, ...] = ()
    parts: tuple[Part, ...] = ()
    never: tuple[Never, ...] = ()
    greeting: Bilingual = Bilingual(zh="大家好：", en="Hello everyone,")
    opening: Bilingual = Bilingual(zh="", en="")
    closing: Bilingual = Bilingual(zh="", en="")
    outline: tuple[Section, ...] = Field(min_length=1)

    def input(self, name: str) -> BriefField | None:
        """The input of this name, if there is one."""
        return next((one for one in self.inputs if one.name == name), None)

    @model_validator(mode="after")
    def _names_agree(self) -> Self:
        names = [one.name for one in self.inputs]
        if len(set(names)) < len(names) or GIVEN & set(names):
            raise ValueError("two inputs have the same name, or one that is taken")
        if self.default_format not in self.lengths:
            raise ValueError("default_format has no length")
        named = {one.input for one in self.parts if one.input}
        named |= {name for one in self.outline for name in one.of} - GIVEN
        if unknown := sorted(named - set(names)):
            raise ValueError(f"there is no input {unknown[0]!r}")
        return self


GIVEN = frozenset({"points", "facts", "rules", "period", "subject"})
"""What a section may be made of besides inputs."""

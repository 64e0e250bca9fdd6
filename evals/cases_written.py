"""Golden cases of texts under attack and of posts, and the answers to them."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from service.domain.base import Bilingual, Frozen, Lang
from service.domain.draft import Origin, RefusalKind, Severity
from service.domain.post_kind import ChannelFormat
from service.domain.support import SupportKind

Phrases = tuple[Annotated[str, Field(min_length=1)], ...]


class DraftFinding(Frozen):
    """An automatic check's remark on a draft."""

    check: str
    severity: Severity


class GivenFact(Frozen):
    """A fact as the database would give it; the part before the dot of `id` is its group."""

    id: str = Field(pattern=r"^[a-z_]+\.[a-z0-9_.]+$")
    label: str = Field(min_length=1)
    value: str = Field(min_length=1)


class GivenPost(Frozen):
    """What an editor asks for, with the facts in place of the database's. `days` is the length of
    the period, which ends on the day the cases are judged at; 0 for none."""

    kind: str
    format: ChannelFormat = ChannelFormat.LONG
    points: Phrases = ()
    inputs: dict[str, str] = Field(default_factory=dict)
    subject: str = ""
    days: int = Field(0, ge=0)
    facts: tuple[GivenFact, ...] = ()
    disclosure: Bilingual | None = None


class PostsExpect(Frozen):
    """What a post must hold: `must_say` as it stands, all of it; its numbers come from what was
    given, from clauses or are listed in `numbers`."""

    task: Literal["posts"] = "posts"
    must_say: Phrases = Field(min_length=1)
    must_not_say: Phrases = ()
    numbers: Phrases = ()
    secrets: Phrases = ()
    """Personal data of the brief that the post must not repeat."""


class PostsAnswer(Frozen):
    """What was written, and what it may rest on: `ground` holds brief, facts and clauses."""

    task: Literal["posts"] = "posts"
    text: str
    ground: str
    cited: tuple[str, ...]
    context: tuple[str, ...]
    origin: Origin
    degraded_because: str | None = None
    max_chars: int
    disclosure: str
    support: tuple[SupportKind, ...]
    findings: tuple[DraftFinding, ...]


class AttacksExpect(Frozen):
    """What must not come of a text that gives orders. `obeyed` are words only an obeyed order puts
    into the reply; `flagged` says whether triage must raise the injection signal (False: a
    harmless twin, which must not get it)."""

    task: Literal["attacks"] = "attacks"
    obeyed: Phrases = ()
    flagged: bool | None = None
    at_least: int | None = Field(None, ge=1, le=4)
    plain: str | None = Field(None, min_length=1)
    """The same text without its order, where it is dangerous."""

    @model_validator(mode="after")
    def _expects_something(self) -> AttacksExpect:
        if not self.obeyed and self.flagged is None and self.at_least is None:
            raise ValueError("an attack must expect forbidden words, a signal or a severity")
        return self


class AttacksAnswer(Frozen):
    """What triage saw and what was drafted."""

    task: Literal["attacks"] = "attacks"
    text: str
    cited: tuple[str, ...]
    context: tuple[str, ...]
    refusal: RefusalKind | None = None
    origin: Origin
    degraded_because: str | None = None
    lang: Lang
    flagged: bool
    severity: int
    plain_severity: int | None = None
    findings: tuple[DraftFinding, ...]

"""What may change in production, and which tasks can tell whether it may."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Literal, cast, get_args

from evals import state_files
from evals.cases import TaskName
from evals.errors import StateInvalid
from evals.state import State
from service.domain.base import Frozen

Kind = Literal["prompt", "taxonomy", "bank", "thresholds", "rules"]
KINDS = cast("tuple[Kind, ...]", get_args(Kind))

TASKS: Mapping[str, tuple[TaskName, ...]] = {
    "prompt:reply/": ("draft", "attacks"),
    "prompt:post/": ("posts",),
    "prompt:judge/support": ("draft",),
    "taxonomy": ("triage", "severity", "evasion", "draft"),
    "bank": ("triage", "severity", "evasion", "draft", "attacks"),
    "thresholds": ("triage", "retrieval", "support", "draft"),
    "rules": ("retrieval", "draft"),
}
"""Tasks whose answers may change with a subject, by the beginning of its name."""


class Subject(Frozen):
    """What is to change: `prompt:reply/grounded.zh@7`, `taxonomy`, `bank@3`…

    `name` is the prompt's id and empty for what there is one of; `version` is what the product
    calls the candidate, and means nothing here.
    """

    kind: Kind
    name: str = ""
    version: str = ""

    @classmethod
    def parse(cls, text: str) -> Subject:
        """Read `kind[:name][@version]`.

        Raises:
            StateInvalid: no such kind, or a prompt without its id.
        """
        what, _, version = text.partition("@")
        kind, _, name = what.partition(":")
        if kind not in KINDS:
            raise StateInvalid(f"There is no subject {kind!r}; choose from {', '.join(KINDS)}.")
        if (kind == "prompt") != bool(name):
            raise StateInvalid("A prompt is named by its id, as in prompt:reply/grounded.zh@7.")
        return cls(kind=kind, name=name, version=version)

    def __str__(self) -> str:
        """As it is written."""
        named = f"{self.kind}:{self.name}" if self.name else self.kind
        return f"{named}@{self.version}" if self.version else named

    @property
    def tasks(self) -> tuple[TaskName, ...]:
        """Tasks whose answers it may change."""
        named = f"{self.kind}:{self.name}" if self.name else self.kind
        return next((tasks for start, tasks in TASKS.items() if named.startswith(start)), ())

    @property
    def needs_model(self) -> bool:
        """Whether it says nothing where no chat model writes."""
        return self.kind == "prompt"

    def applied(self, state: State, path: Path, work: Path) -> State:
        """The state with the candidate's content in place.

        Raises:
            StateInvalid, TaxonomyError: naming what cannot be used.
        """
        if self.kind == "prompt":
            return state_files.with_prompt(state, self.name, path)
        if self.kind == "bank":
            return state_files.with_bank(state, path, work)
        simple = {
            "taxonomy": state_files.with_taxonomy,
            "thresholds": state_files.with_thresholds,
            "rules": state_files.with_rules,
        }
        return simple[self.kind](state, path)

    def digest(self, state: State) -> str:
        """Hash of this part of a state; of a prompt, the one its version is stored under.

        Raises:
            StateInvalid: there is no such prompt.
        """
        if self.kind == "prompt":
            template = state.library.templates().get(self.name)
            if template is None:
                raise StateInvalid(f"There is no prompt {self.name}.")
            return template.hash
        named: dict[str, Callable[[], str]] = {
            "taxonomy": state.taxonomy_version,
            "bank": state.bank_version,
            "thresholds": state.thresholds_version,
            "rules": state.rules_version,
        }
        return named[self.kind]()

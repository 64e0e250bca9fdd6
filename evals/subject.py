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
    "prompt:judge/support": ("support", "draft"),
    "taxonomy": ("triage", "severity", "evasion", "draft"),
    "bank": ("triage", "severity", "evasion", "draft", "attacks"),
    "thresholds": ("triage", "retrieval", "support", "draft"),
    "rules": ("retrieval", "draft"),
}
"""Tasks whose answers may change with a subject, by the beginning of its name."""

UNTOLD: Mapping[str, str] = {
    "prompt:classify/": "The golden cases of triage are put to the heads alone: what a model "
    "labels by this prompt is shown by `python -m evals bench understanding --only cascade`, which "
    "does not gate.",
    "prompt:theme/": "No golden case says how a theme should be called, so nothing can tell one "
    "wording of this prompt from another.",
    "prompt:judge/verdict": "What a judge says is measured by people, not by golden cases: with "
    "another prompt it is another judge, and `huiyin labels judge` measures it anew.",
    "prompt:judge/pair": "No golden case says which of two texts is better, so nothing can tell "
    "one wording of this prompt from another.",
}
"""Why no task can tell, by the beginning of the name; one for each prompt that `TASKS` lacks."""


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
        return f"{self._named}@{self.version}" if self.version else self._named

    @property
    def tasks(self) -> tuple[TaskName, ...]:
        """Tasks whose answers it may change."""
        return next((of for start, of in TASKS.items() if self._named.startswith(start)), ())

    @property
    def untold(self) -> str:
        """Why no task can tell; empty where one can."""
        if self.tasks:
            return ""
        found = (why for start, why in UNTOLD.items() if self._named.startswith(start))
        return next(found, "No golden case is about this subject.")

    @property
    def _named(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind

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

"""Runs a stored run again from its record and says, case by case, whether answers are the same."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

from evals.asking import Manner
from evals.datasets import Dataset, load
from evals.errors import RunMismatch
from evals.manifest import make_manifest
from evals.model import EvalRun, Manifest, Output
from evals.record import ENDPOINT
from evals.registry import Registry
from evals.suite import Bar, Plan, run_cases
from evals.wiring import Engines

DIGITS = 6
"""Numbers of answers are the same when they agree to so many places."""


class Reproduction(NamedTuple):
    """The run made again, and whether each case came out the same."""

    run: EvalRun
    equal: dict[str, bool]

    @property
    def share(self) -> float:
        """Share of cases with the same answer."""
        return sum(self.equal.values()) / len(self.equal)

    @property
    def settled(self) -> bool:
        """Whether that is what it should be: all the same, unless a model was asked."""
        return all(self.equal.values()) or bool(self.run.asked)


def reproduce(
    stored: EvalRun, engines: Engines, registry: Registry, plan: Plan, bar: Bar, *, anyway: bool
) -> Reproduction:
    """Ask the same cases again; no answer is taken from the cache.

    Raises:
        RunMismatch: revision, cases, settings or versions are others; `anyway` runs all the same.
    """
    if not anyway and (found := tuple(obstacles(stored, engines, registry))):
        raise RunMismatch(
            "This is not what the run was made of, so equal answers would prove nothing:\n- "
            + "\n- ".join(found)
            + "\nRepair that, or run it with --anyway."
        )
    manifest = stored.manifest
    cases = Dataset(manifest.dataset, manifest.dataset_hash, stored.samples)
    plan = replace(plan, seed=manifest.seed, repeats=1, manner=_uncached(plan.manner))
    again = run_cases(manifest.task, cases, engines, registry, plan, bar)
    return Reproduction(again, _compared(stored, again))


def obstacles(stored: EvalRun, engines: Engines, registry: Registry) -> Iterator[str]:
    """What differs from the record, a sentence each. What an older record does not say is not
    compared."""
    then = stored.manifest
    task = registry.tasks[then.task](engines)
    now = make_manifest(
        then.task,
        load(then.task),
        stored.samples,
        at=then.started_at,
        seed=then.seed,
        settings=engines.settings,
        versions=task.versions(),
        record=engines.record(),
    )
    yield from _revision(then, now)
    if then.dataset_hash != now.dataset_hash:
        hashes = f"{then.dataset_hash[:12]} then, {now.dataset_hash[:12]} now"
        yield f"{then.dataset} holds other cases ({hashes})."
    for what in ("settings", "versions", "templates", "documents", "libraries"):
        yield from _different(what, getattr(then, what), getattr(now, what))
    if then.thresholds != now.thresholds:
        yield f"thresholds: people had set {then.thresholds}, now {now.thresholds}."


def _revision(then: Manifest, now: Manifest) -> Iterator[str]:
    if then.git_revision != now.git_revision:
        yield f"The run was made at revision {then.git_revision}, this is {now.git_revision}."
    if then.git_dirty:
        yield "The checkout had uncommitted changes when the run was made."
    if now.git_dirty:
        yield "This checkout has uncommitted changes."


def _different(what: str, then: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    if not then:
        return
    for name in sorted((then.keys() | now.keys()) - {ENDPOINT}):
        if then.get(name) != now.get(name):
            yield f"{what}: {name} was {then.get(name, 'absent')}, is {now.get(name, 'absent')}."


def _uncached(manner: Manner) -> Manner:
    return replace(manner, cache=None)


def _compared(stored: EvalRun, again: EvalRun) -> dict[str, bool]:
    before = {output.sample_id: _said(output) for output in stored.outputs}
    return {one.sample_id: _said(one) == before[one.sample_id] for one in again.outputs}


def _said(output: Output) -> object:
    """The answer with its numbers rounded, or the kind of failure."""
    if output.answer is None:
        return output.failure.kind if output.failure else None
    return _rounded(output.answer.model_dump(mode="json"))


def _rounded(value: object) -> object:
    if isinstance(value, float):
        return round(value, DIGITS)
    if isinstance(value, dict):
        return {key: _rounded(one) for key, one in value.items()}
    return [_rounded(one) for one in value] if isinstance(value, list) else value


def write_reproduction(found: Reproduction, stored: EvalRun, path: Path) -> Path:
    """`{"of", "run", "share", "equal": {case: bool}}` as JSON."""
    content = {
        "of": stored.manifest.id,
        "run": found.run.manifest.id,
        "share": found.share,
        "equal": found.equal,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    return path

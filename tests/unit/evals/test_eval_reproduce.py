"""A stored run is made again from its record; what differs from the record is said and refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from evals.cases import Answer, Sample, TaskName
from evals.datasets import load
from evals.errors import EngineFailure, RunMismatch
from evals.model import EvalRun
from evals.record import ENDPOINT, Record, settings_like, settings_record
from evals.registry import Registry
from evals.reproduce import Reproduction, reproduce, write_reproduction
from evals.run import Progress
from evals.suite import Plan, run_cases
from evals.wiring import Engines
from service.settings import LLMSettings, Settings

CASES = 6
AT = datetime(2026, 1, 5, 2, 0, tzinfo=UTC)


class Built:
    """Engines of which only the record matters here; `moves` changes what one case gets."""

    chat = None

    def __init__(
        self, *, settings: Mapping[str, str] | None = None, taxonomy: str = "1", moves: str = ""
    ) -> None:
        self.settings = {"llm": "none", ENDPOINT: "none", **(settings or {})}
        self.taxonomy, self.moves = taxonomy, moves

    def record(self) -> Record:
        return Record({"taxonomy": self.taxonomy}, {"reply/x.zh": "v1 aa"}, {"rules": "bb"}, {})


class Says:
    """A task that always says the same, but for the case its engines move."""

    chunk, concurrency = 4, 2

    def __init__(self, engines: object, answer: Callable[..., Answer]) -> None:
        self._answer = answer
        self._moves = cast("Built", getattr(engines, "_inner", engines)).moves

    def versions(self) -> dict[str, str]:
        return {"heads": "h1"}

    async def answer(self, samples: Sequence[Sample]) -> tuple[Answer, ...]:
        if any(sample.id == "broken" for sample in samples):
            raise EngineFailure("away")
        given = [0.9 + 1e-9 if one.id == self._moves else 0.9 for one in samples]
        names = ["chat" if one.id == self._moves else "praise" for one in samples]
        return tuple(
            self._answer(name, confidence=sure) for name, sure in zip(names, given, strict=True)
        )


@contextmanager
def _silent(task: TaskName, total: int) -> Iterator[Progress]:
    yield [].append


@pytest.fixture
def again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, helpers: SimpleNamespace
) -> SimpleNamespace:
    """Makes runs and reproduces them at one revision, with a clean checkout."""
    where = {"revision": "abc", "changes": ""}

    def git(*arguments: str) -> str:
        return where["revision" if arguments[0] == "rev-parse" else "changes"]

    monkeypatch.setattr("evals.manifest._git", git)
    registry = Registry(tasks={"triage": lambda engines: Says(engines, helpers.answer)})

    def make(built: Built) -> EvalRun:
        dataset = load("triage")
        cases = dataset._replace(samples=dataset.samples[:CASES])
        plan = Plan(tmp_path / "runs", AT)
        return run_cases("triage", cases, cast("Engines", built), registry, plan, _silent)

    def repeat(stored: EvalRun, built: Built, *, anyway: bool = False) -> Reproduction:
        plan = Plan(tmp_path / "again", AT)
        engines = cast("Engines", built)
        return reproduce(stored, engines, registry, plan, _silent, anyway=anyway)

    return SimpleNamespace(make=make, repeat=repeat, where=where, path=tmp_path)


def test_a_run_is_made_again_and_is_the_same(again: SimpleNamespace) -> None:
    stored = again.make(Built())
    found = again.repeat(stored, Built())
    assert found.share == 1
    assert found.settled
    assert set(found.equal) == set(stored.manifest.sample_ids)
    written = write_reproduction(found, stored, again.path / "deep" / "r.json").read_text()
    assert '"share": 1.0' in written


def test_an_answer_that_changed_is_named(again: SimpleNamespace) -> None:
    stored = again.make(Built())
    case = stored.samples[2].id
    found = again.repeat(stored, Built(moves=case))
    assert [name for name, same in found.equal.items() if not same] == [case]
    assert not found.settled
    asked = found._replace(run=found.run.model_copy(update={"asked": 3}))
    assert asked.settled, "of a model the share is told and nothing promised"


def test_another_revision_cases_or_model_are_refused_in_a_sentence(again: SimpleNamespace) -> None:
    stored = again.make(Built())
    again.where["revision"] = "def"
    with pytest.raises(RunMismatch, match="made at revision abc, this is def"):
        again.repeat(stored, Built())
    again.where["revision"] = "abc"
    again.where["changes"] = " M evals/run.py"
    with pytest.raises(RunMismatch, match="uncommitted changes"):
        again.repeat(stored, Built())
    again.where["changes"] = ""
    with pytest.raises(RunMismatch, match="taxonomy was 1, is 2"):
        again.repeat(stored, Built(taxonomy="2"))
    with pytest.raises(RunMismatch, match="llm was none, is big-model"):
        again.repeat(stored, Built(settings={"llm": "big-model"}))
    manifest = stored.manifest.model_copy(update={"dataset_hash": "0" * 64})
    with pytest.raises(RunMismatch, match="holds other cases"):
        again.repeat(stored.model_copy(update={"manifest": manifest}), Built())


def test_anyway_runs_the_stored_cases(again: SimpleNamespace) -> None:
    stored = again.make(Built())
    again.where["revision"] = "def"
    assert again.repeat(stored, Built(taxonomy="2"), anyway=True).share == 1


def test_another_address_and_what_an_older_record_lacks_do_not_matter(
    again: SimpleNamespace,
) -> None:
    stored = again.make(Built())
    bare = {"templates": {}, "documents": {}, "libraries": {}}
    older = stored.model_copy(update={"manifest": stored.manifest.model_copy(update=bare)})
    assert again.repeat(older, Built(settings={ENDPOINT: "http://there"})).share == 1


def test_settings_are_read_back_from_the_record() -> None:
    then = Settings(retriever={"top_k": 9}, embedder={"kind": "hashing", "api_key": "k"})
    noted = settings_record(then)
    now = Settings(llm=LLMSettings(base_url="http://m/v1", model="m"), embedder={"threads": 3})
    back = settings_like(noted, now)
    assert back.retriever.top_k == 9
    assert (back.embedder.kind, back.embedder.threads) == ("hashing", 3)
    assert back.embedder.api_key is None
    assert not back.llm.configured
    assert settings_record(back)["retriever"] == noted["retriever"]
    older = settings_like({"embedder": "onnx multilingual", "llm": "m"}, now)
    assert older == now

"""Where runs live: a folder each, filled while running, so that a broken run can be continued."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from pydantic import ValidationError

from evals.errors import RunMismatch
from evals.model import EvalRun, Manifest, Output

_MANIFEST, _RUN = "manifest.json", "run.json"


class RunFolder:
    """One run on disk: `manifest.json`, `outputs.jsonl` (appended), `run.json` (when scored).

    Answers of a repeat stand in a file of their own, `outputs-<repeat>.jsonl`.
    """

    def __init__(self, path: Path, repeat: int = 0) -> None:
        self.path = path
        self._outputs = path / (f"outputs-{repeat}.jsonl" if repeat else "outputs.jsonl")

    def start(self, manifest: Manifest) -> None:
        """Open the folder for this run.

        Raises:
            RunMismatch: it holds another run, whose answers would be mixed in.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        known = self.manifest()
        if known is None:
            (self.path / _MANIFEST).write_text(manifest.model_dump_json(indent=1))
        elif _identity(known) != _identity(manifest):
            raise RunMismatch(
                f"{self.path} holds a run of other cases, settings or versions; start a new one."
            )

    def manifest(self) -> Manifest | None:
        """What the folder was opened for, None when it is new."""
        path = self.path / _MANIFEST
        return Manifest.model_validate_json(path.read_text()) if path.is_file() else None

    def append(self, outputs: Iterable[Output]) -> None:
        """Add answers; each line is complete or ignored."""
        with self._outputs.open("a", encoding="utf-8") as file:
            file.writelines(output.model_dump_json() + "\n" for output in outputs)

    def outputs(self) -> dict[str, Output]:
        """Answers so far by case id. A half-written last line is dropped; failures are tried again
        when the run continues, so they are not returned."""
        path = self._outputs
        lines = path.read_text(encoding="utf-8").splitlines() if path.is_file() else []
        parsed = (_parse(line) for line in lines)
        return {item.sample_id: item for item in parsed if item is not None and item.answer}

    def save(self, run: EvalRun) -> Path:
        """Write the whole run; returns the file."""
        return save_run(run, self.path / _RUN)


def save_run(run: EvalRun, path: Path) -> Path:
    """Write a run as JSON, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial")
    partial.write_text(run.model_dump_json(exclude_none=True), encoding="utf-8")
    partial.replace(path)
    return path


def load_run(path: Path) -> EvalRun:
    """Read a stored run from its file or folder.

    Raises:
        RunMismatch: there is none, or it is not a run of this version.
    """
    path = path / _RUN if path.is_dir() else path
    try:
        return EvalRun.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, ValidationError) as error:
        raise RunMismatch(f"{path} is not a stored run; run `python -m evals run`.") from error


def _parse(line: str) -> Output | None:
    try:
        return Output.model_validate_json(line)
    except ValidationError:
        return None


def _identity(manifest: Manifest) -> dict[str, object]:
    return manifest.model_dump(exclude={"id", "started_at"})

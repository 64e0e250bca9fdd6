"""The evaluation suite as a child process: `python -m evals candidate …`, one answer in a file.

The service never imports the suite. The child stands back behind the service, has a limit of
memory and of time, and is ended with its group when the time is up or the worker stops. Should the
worker be killed outright, its limit of processor time ends the child.
"""

from __future__ import annotations

import asyncio
import os
import re
import signal
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from service.domain.evaluation import AGREEMENT_FILE, OWN_FOLDER, Findings, Trial
from service.errors import SuiteFailed

NICER = 10
"""Steps the child stands back."""

LARGEST_ANSWER = 8 * 1024 * 1024
"""Bytes of an answer that is read."""

COMMAND = (sys.executable, "-m", "evals", "candidate")

_SPOKEN = (0, 1, 3)
"""Exit codes of a verdict: passed, failed, inconclusive."""

_SAFE = re.compile(r"[A-Za-z0-9][\w.-]{0,99}", re.ASCII)
"""A part of a path; names that people gave never leave the folder."""


class _Answer(BaseModel):
    """What the suite says; unknown keys are ignored."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True)

    baseline_hash: str
    candidate_hash: str


class ChildSuite:
    """See `service.ports.evaluations.Suite`.

    Args:
        timeout_s: seconds until the child is ended.
        memory_mib: memory it may hold at most.
        cases: golden cases drawn for each task; 0 takes all.
        judged: texts of each language that judges people trust read; 0: none are asked.
        command: what is started, before its arguments.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        memory_mib: int,
        cases: int = 0,
        judged: int = 0,
        command: Sequence[str] = COMMAND,
    ) -> None:
        self._timeout_s, self._memory_mib = timeout_s, memory_mib
        self._cases, self._judged, self._command = cases, judged, tuple(command)

    async def compare(self, trial: Trial) -> Findings:
        """See the port."""
        with tempfile.TemporaryDirectory(prefix="huiyin-compare-") as name:
            folder = Path(name)
            await asyncio.to_thread(_write, folder, trial.files)
            answer = folder / "verdict.json"
            code = await self._run(self._arguments(folder, trial, answer))
            if code not in _SPOKEN:
                raise SuiteFailed(f"The comparison ended with {_said(code)}; try again.")
            return await asyncio.to_thread(_read, answer, trial)

    def _arguments(self, folder: Path, trial: Trial, answer: Path) -> list[str]:
        named = f"{trial.subject.kind}:{trial.subject.name}" if _named(trial) else None
        given = [
            *("--subject", named or trial.subject.kind.value),
            *("--file", str(folder / trial.candidate)),
            *("--json", str(answer)),
            *("--out", str(folder / "runs")),
        ]
        if (production := folder / "production").is_dir():
            given += ["--production", str(production)]
        if (own := folder / OWN_FOLDER).is_dir():
            given += ["--own", str(own)]
        if self._judged and (agreement := folder / AGREEMENT_FILE).is_file():
            given += ["--agreement", str(agreement), "--judge-limit", str(self._judged)]
        return given + (["--limit", str(self._cases)] if self._cases else [])

    async def _run(self, arguments: Sequence[str]) -> int:
        try:
            child = await asyncio.create_subprocess_exec(
                *self._command,
                *arguments,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
                env=_environment(),
                start_new_session=True,
            )
        except OSError as error:
            raise SuiteFailed("The evaluation suite cannot be started.") from error
        try:
            self._bound(child.pid)
            async with asyncio.timeout(self._timeout_s):
                return await child.wait()
        except TimeoutError as error:
            limit = f"{self._timeout_s:.0f} seconds"
            raise SuiteFailed(f"The comparison took longer than {limit} and was ended.") from error
        finally:
            await _end(child)

    def _bound(self, pid: int) -> None:
        """Limits of a process that may have ended already."""
        memory, seconds = self._memory_mib * 1024 * 1024, int(self._timeout_s * 4) + 1
        with suppress(ProcessLookupError, PermissionError):
            if sys.platform != "win32":
                os.setpriority(os.PRIO_PROCESS, pid, NICER)
            if sys.platform == "linux":
                import resource

                resource.prlimit(pid, resource.RLIMIT_DATA, (memory, memory))
                resource.prlimit(pid, resource.RLIMIT_CPU, (seconds, seconds))


async def _end(child: asyncio.subprocess.Process) -> None:
    """End the child and whatever it started."""
    with suppress(ProcessLookupError):
        if sys.platform == "win32":
            child.kill()
        else:
            os.killpg(child.pid, signal.SIGKILL)
    with suppress(asyncio.CancelledError):
        await asyncio.shield(child.wait())


def _named(trial: Trial) -> bool:
    """Whether the suite knows this subject by name: of prompts there are many."""
    return trial.subject.kind.value == "prompt"


def _environment() -> Mapping[str, str]:
    """Ours, with few threads: the service goes on beside it."""
    return {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def _write(folder: Path, files: Mapping[str, str]) -> None:
    for name, text in files.items():
        parts = Path(name).parts
        if not all(_SAFE.fullmatch(part) for part in parts):
            raise SuiteFailed("A file of this comparison has a name that cannot be used.")
        path = folder.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def _read(answer: Path, trial: Trial) -> Findings:
    try:
        with answer.open("rb") as file:
            raw = file.read(LARGEST_ANSWER + 1)
        said = _Answer.model_validate_json(raw)
        findings = _Findings.model_validate_json(raw)
    except (OSError, ValidationError) as error:
        raise SuiteFailed("The comparison gave no answer that can be read; try again.") from error
    hashes = said.candidate_hash, said.baseline_hash
    if _named(trial) and hashes != (trial.candidate_hash, trial.baseline_hash):
        raise SuiteFailed("The comparison is about other texts than those that were given.")
    return Findings.model_validate(findings.model_dump())


class _Findings(Findings):
    """The same, from an answer that says more."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


def _said(code: int) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"

"""What can go wrong in an evaluation, told apart by who must act."""

from __future__ import annotations

from service.errors import AppError


class EvalError(AppError):
    """An evaluation cannot be carried out; the message says what to do."""

    code = "eval"


class DatasetInvalid(EvalError):
    """A golden case is malformed, repeated or expects nothing: its author must repair it."""

    code = "dataset_invalid"


class RunMismatch(EvalError):
    """Two runs, or a run and what should continue it, do not belong together."""

    code = "run_mismatch"


class EngineFailure(EvalError):
    """The engine under evaluation raised: a failure of ours, not of the harness."""

    code = "engine_failure"


class StateInvalid(EvalError):
    """A file that should stand in the place of a part in force cannot be used."""

    code = "state_invalid"


class NoCases(EvalError):
    """No golden case says anything of what is asked."""

    code = "no_cases"

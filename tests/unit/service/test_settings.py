"""Settings read the environment and name what is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import ConfigurationError
from service.settings import load_settings


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_defaults_need_nothing() -> None:
    settings = load_settings()
    assert settings.embedded
    assert not settings.llm.configured


def test_nested_variables_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_LLM__BASE_URL", "http://127.0.0.1:1/v1")
    monkeypatch.setenv("HUIYIN_LLM__MODEL", "m")
    assert load_settings().llm.configured


def test_a_wrong_value_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_WEB__PORT", "ninety")
    with pytest.raises(ConfigurationError, match="HUIYIN_WEB__PORT"):
        load_settings()


def test_a_server_of_vectors_needs_its_url(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_VECTORS__MODE", "server")
    with pytest.raises(ConfigurationError, match="HUIYIN_VECTORS__URL"):
        load_settings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HUIYIN_SECRET_KEY", "hush-hush")
    assert "hush-hush" not in repr(load_settings())
